using Microsoft.Extensions.Caching.Memory;
using Raktar.Application.Events;
using Raktar.Application.Ports;
using Raktar.Domain.Crates;

namespace Raktar.Application.Crates;

/// <summary>
/// Views of crates (index files, what pages show) as they were at any instant, less the versions that are deleted today. They follow from the log, as far as the
/// live view has it, so that the past never knows more than the present. An answer is kept in memory with the version of the live document; when that has
/// moved on, only what came since is read to see whether the answer still holds.
/// </summary>
public sealed class Past<TView>(IDocumentStore documents, IEventStore events, IPastFold<TView> fold) : IDisposable
    where TView : class
{
    private const long CacheBytes = 32 * 1024 * 1024;

    private readonly MemoryCache _answers = new(new MemoryCacheOptions { SizeLimit = CacheBytes });

    /// <summary>The crate's view at <paramref name="at"/>; null when there was no crate, or an empty one when it had no version.</summary>
    public async ValueTask<TView?> Find(CrateName crate, DateTimeOffset at, CancellationToken cancellationToken)
    {
        if (await documents.Get(new(fold.Kind, crate.Canonical), cancellationToken) is not { } live)
        {
            return null;
        }

        var question = (crate.Canonical, at.UtcTicks);
        if (_answers.TryGetValue(question, out Answer? known) && known!.Version == live.Version)
        {
            return known.View;
        }

        var stream = StreamName.Of(crate);
        var answer = known is not null && known.Version < live.Version && await Holds(known, stream, at, live.Version, cancellationToken)
            ? known with { Version = live.Version }
            : new(live.Version, await Read(stream, at, live.Version, cancellationToken));
        _answers.Set(question, answer, new MemoryCacheEntryOptions { Size = 500 + (answer.View is null ? 0 : fold.SizeOf(answer.View)) });
        return answer.View;
    }

    /// <inheritdoc/>
    public void Dispose() => _answers.Dispose();

    /// <summary>Whether nothing that came since is of before, as a clock that is behind can make it, and nothing was deleted or restored.</summary>
    private async Task<bool> Holds(Answer known, StreamName stream, DateTimeOffset at, long until, CancellationToken cancellationToken) =>
        await events.Read(stream, known.Version, cancellationToken)
            .TakeWhile(recorded => recorded.Commit.LastVersion <= until)
            .AllAsync(recorded => recorded.Commit.At > at && !recorded.Commit.Events.Any(fact => fact is VersionDeleted or VersionRestored), cancellationToken);

    private async Task<TView?> Read(StreamName stream, DateTimeOffset at, long until, CancellationToken cancellationToken)
    {
        // Where nothing was deleted, which is nearly always, once over the stream is enough.
        var isDeletedIn = false;
        var whole = await fold.Fold(UntilDeletion(), new HashSet<SemVersion>(), cancellationToken);
        if (!isDeletedIn)
        {
            return whole;
        }

        var today = (await Deletions.In(events, stream, cancellationToken)).Of(recorded => recorded.Commit.LastVersion <= until);
        var then = today.Of(IsPast);
        // A stream's time never runs back.
        var past = then.Read(events, stream, cancellationToken).TakeWhile(recorded => recorded.Commit.LastVersion <= until && IsPast(recorded));
        return await fold.Fold(past, today.Versions, cancellationToken);

        bool IsPast(RecordedCommit recorded) => recorded.Commit.At <= at;

        async IAsyncEnumerable<RecordedCommit> UntilDeletion()
        {
            await foreach (var recorded in events.Read(stream, 0, cancellationToken).TakeWhile(recorded => recorded.Commit.LastVersion <= until))
            {
                if (recorded.Commit.Events.Any(fact => fact is VersionDeleted or VersionRestored))
                {
                    isDeletedIn = true;
                    yield break;
                }

                if (IsPast(recorded))
                {
                    yield return recorded;
                }
            }
        }
    }

    private sealed record Answer(long Version, TView? View);
}
