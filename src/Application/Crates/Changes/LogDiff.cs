using System.Collections.Concurrent;
using System.Text.Json.Serialization;
using Raktar.Application.Log;
using Raktar.Application.Ports;
using Raktar.Application.State;
using Raktar.Domain;
using Raktar.Domain.Crates;

namespace Raktar.Application.Crates.Changes;

/// <summary>Something that changed about a crate: when, what (the fact's stored name, and a sentence), and who did it.</summary>
public sealed record Change(DateTimeOffset At, string Crate, string Kind, string What, string Account, int? Token, string? Ci)
{
    [JsonIgnore]
    internal long Version { get; init; }
}

/// <summary>What changed about crates between two instants, straight from the log.</summary>
public sealed class LogDiff(IEventStore events)
{
    /// <summary>
    /// All that came after <paramref name="from"/>, up to and including <paramref name="to"/>, about one crate or all, in the order of time.
    /// <paramref name="progress"/> hears (streams read, streams in all).
    /// </summary>
    public async Task<IReadOnlyList<Change>> Between(
        DateTimeOffset from, DateTimeOffset to, CrateName? crate, int parallel, Action<int, int> progress, CancellationToken cancellationToken)
    {
        var streams = crate is not null
            ? [StreamName.Of(crate)]
            : await events.Streams(cancellationToken).Where(stream => stream.Kind == StreamName.CrateKind).ToListAsync(cancellationToken);
        var changes = new ConcurrentBag<Change>();
        var done = 0;
        var options = new ParallelOptions { MaxDegreeOfParallelism = parallel, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(streams, options, async (stream, stop) =>
        {
            string? name = null;
            // A stream's time never runs back.
            await foreach (var recorded in events.ReadOutline(stream, 0, stop).TakeWhile(recorded => recorded.Commit.At <= to))
            {
                name = SpellingIn(recorded.Commit) ?? name ?? stream.Key;
                if (recorded.Commit.At > from)
                {
                    foreach (var (index, fact) in recorded.Commit.Events.Index())
                    {
                        changes.Add(ChangeOf(recorded.Commit, fact, name) with { Version = recorded.Commit.FirstVersion + index });
                    }
                }
            }

            progress(Interlocked.Increment(ref done), streams.Count);
        });
        return [.. changes.OrderBy(change => change.At).ThenBy(change => change.Crate, StringComparer.Ordinal).ThenBy(change => change.Version)];
    }

    private static string? SpellingIn(Commit commit) => commit.Events
        .Select(fact => fact switch { CrateCreated e => e.Name, CrateRespelled e => e.Name, _ => null })
        .LastOrDefault(name => name is not null)?.Text;

    private static Change ChangeOf(Commit commit, DomainEvent fact, string crate) => new(
        commit.At, crate, EventCodec.StoredNameOf(fact), FactWords.Of(fact, new(crate)), commit.Actor.Account.Text, commit.Actor.Token, commit.Actor.Ci);
}
