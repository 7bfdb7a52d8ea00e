using Raktar.Application.Log;
using Raktar.Domain.Crates;

namespace Raktar.Application.Crates.TimeMachine;

/// <summary>When something happened to a crate, up to one version of its stream: what tells whether two instants have the same past.</summary>
internal sealed class PastMoments
{
    private readonly (DateTimeOffset At, long Version)[] _commits;

    // Deleting and restoring change every past.
    private readonly long _rewritten;

    private PastMoments(long version, (DateTimeOffset At, long Version)[] commits, long rewritten) => (Version, _commits, _rewritten) = (version, commits, rewritten);

    /// <summary>Of a stream that has not begun.</summary>
    public static PastMoments None { get; } = new(0, [], 0);

    /// <summary>Up to which version of the stream.</summary>
    public long Version { get; }

    /// <summary>About how many bytes of memory it takes.</summary>
    public long Size => 200 + (24L * _commits.Length);

    /// <summary>The time of the last commit that is not after <paramref name="at"/>; null when there is none.</summary>
    public DateTimeOffset? Before(DateTimeOffset at)
    {
        var index = Array.BinarySearch(_commits, (at, long.MaxValue));
        index = index < 0 ? ~index : index;
        return index == 0 ? null : _commits[index - 1].At;
    }

    /// <summary>The same up to a later version, with the commits that came since.</summary>
    public PastMoments Until(long version, IReadOnlyList<RecordedCommit> since) => new(
        version,
        // A clock that is behind can put a later commit before an earlier one.
        [.. _commits.Concat(since.Select(recorded => (recorded.Commit.At, recorded.Commit.LastVersion))).Order()],
        since.LastOrDefault(recorded => recorded.Commit.Events.Any(fact => fact is VersionDeleted or VersionRestored))?.Commit.LastVersion ?? _rewritten);

    /// <summary>Whether what was true of <paramref name="moment"/> when the stream was at <paramref name="version"/> still is.</summary>
    public bool Confirm(long version, DateTimeOffset moment) =>
        version == Version || (version < Version && _rewritten <= version && !_commits.Any(commit => commit.At <= moment && commit.Version > version));
}
