using Raktar.Application.Log;
using Raktar.Application.Ports;
using Raktar.Domain;
using Raktar.Domain.Crates;

namespace Raktar.Application.Crates.Views;

/// <summary>
/// The deletions and restorations in a crate's stream, found without decoding the rest of it. With their outcome known, the stream can be folded without ever holding
/// what a deleted version says of itself: so a crate that became too large can be made small again.
/// </summary>
public sealed class Deletions
{
    private readonly List<RecordedCommit> _commits;
    private readonly Dictionary<SemVersion, long> _gone = [];
    private readonly long _published;

    private Deletions(List<RecordedCommit> commits, long published)
    {
        (_commits, _published) = (commits, published);
        foreach (var commit in commits.Select(recorded => recorded.Commit))
        {
            foreach (var (i, fact) in commit.Events.Index())
            {
                _ = fact switch
                {
                    VersionDeleted e => (_gone[e.Version] = commit.FirstVersion + i) > 0,
                    VersionRestored e => _gone.Remove(e.Version),
                    _ => false,
                };
            }
        }
    }

    /// <summary>The versions that are deleted in the end.</summary>
    public IReadOnlySet<SemVersion> Versions => _gone.Keys.ToHashSet();

    /// <summary>Those in the stream.</summary>
    public static async Task<Deletions> In(IStreamReader events, StreamName stream, CancellationToken cancellationToken)
    {
        var (commits, published) = (new List<RecordedCommit>(), 0L);
        await foreach (var stored in events.ReadStored(stream, 0, cancellationToken))
        {
            published += Publishes(stored) ? stored.Body.Length : 0;
            if (Mentions(stored, "\"version-deleted\""u8) || Mentions(stored, "\"version-restored\""u8))
            {
                commits.Add(EventCodec.DecodeOutline(stored));
            }
        }

        return new(commits, published);
    }

    /// <summary>Those of some commits only.</summary>
    public Deletions Of(Func<RecordedCommit, bool> commits) => new(_commits.FindAll(recorded => commits(recorded)), _published);

    /// <summary>How many bytes the log has of the versions that are left.</summary>
    public async Task<long> BytesLeft(IStreamReader events, StreamName stream, CancellationToken cancellationToken) => _gone.Count == 0 ? _published
        : await events.ReadStored(stream, 0, cancellationToken)
            .Where(stored => Publishes(stored) && !IsOfGone(EventCodec.DecodeOutline(stored)))
            .Select(stored => (long)stored.Body.Length).SumAsync(cancellationToken);

    /// <summary>
    /// The stream's commits as a fold wants them: versions that are deleted in the end have an empty package from the beginning, add nothing,
    /// and are deleted once; the others never are.
    /// </summary>
    public IAsyncEnumerable<RecordedCommit> Read(IStreamReader events, StreamName stream, long afterVersion, CancellationToken cancellationToken) =>
        events.ReadStored(stream, afterVersion, cancellationToken).Select(stored =>
        {
            if (_commits.Count == 0)
            {
                return EventCodec.Decode(stored);
            }

            var outline = EventCodec.DecodeOutline(stored);
            return WithoutTakenBack(IsOfGone(outline) ? outline : EventCodec.Decode(stored));
        });

    private static bool Publishes(StoredCommit stored) => Mentions(stored, "\"version-published\""u8);

    private static bool Mentions(StoredCommit stored, ReadOnlySpan<byte> fact) => stored.Body.Span.IndexOf(fact) >= 0;

    private bool IsOfGone(RecordedCommit recorded) => recorded.Commit.Events.OfType<VersionPublished>().Any(e => _gone.ContainsKey(e.Version));

    private RecordedCommit WithoutTakenBack(RecordedCommit recorded)
    {
        var commit = recorded.Commit;
        // In its place, so that facts keep their numbers: bringing back what is there changes nothing.
        return commit.Events.OfType<VersionDeleted>().Any()
            ? recorded with { Commit = commit with { Events = commit.Events.Select((fact, i) => Ending(fact, commit.FirstVersion + i)).ToValueList() } }
            : recorded;
    }

    private DomainEvent Ending(DomainEvent fact, long version) =>
        fact is VersionDeleted e && _gone.GetValueOrDefault(e.Version) != version ? new VersionRestored(e.Version) : fact;
}
