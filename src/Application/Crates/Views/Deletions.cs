using Raktar.Application.Log;
using Raktar.Application.Ports;
using Raktar.Domain;
using Raktar.Domain.Crates;

namespace Raktar.Application.Crates.Views;

/// <summary>
/// The deletions and restorations in a crate's stream, found without decoding the rest of it. Who knows how they end can fold the stream without ever holding
/// what a deleted version says of itself: so a crate that became too large can be made small again.
/// </summary>
public sealed class Deletions
{
    private readonly List<RecordedCommit> _commits;
    private readonly Dictionary<SemVersion, long> _gone = [];

    private Deletions(List<RecordedCommit> commits)
    {
        _commits = commits;
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
    public static async Task<Deletions> In(IStreamReader events, StreamName stream, CancellationToken cancellationToken) => new(
        await events.ReadStored(stream, 0, cancellationToken)
            .Where(stored => Mentions(stored, "\"version-deleted\""u8) || Mentions(stored, "\"version-restored\""u8))
            .Select(EventCodec.DecodeOutline)
            .ToListAsync(cancellationToken));

    /// <summary>Those of some commits only.</summary>
    public Deletions Of(Func<RecordedCommit, bool> commits) => new(_commits.FindAll(recorded => commits(recorded)));

    /// <summary>How many bytes the log has of the versions that are left.</summary>
    public async Task<long> BytesLeft(IStreamReader events, StreamName stream, CancellationToken cancellationToken) =>
        await events.ReadStored(stream, 0, cancellationToken)
            .Where(stored => Mentions(stored, "\"version-published\""u8) && (_gone.Count == 0 || !IsOfGone(EventCodec.DecodeOutline(stored))))
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
