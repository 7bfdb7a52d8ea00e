using Microsoft.Extensions.Caching.Memory;
using Raktar.Application.Crates.Views;
using Raktar.Application.Log;
using Raktar.Application.Ports;
using Raktar.Domain;
using Raktar.Domain.Crates;

namespace Raktar.Application.Crates.TimeMachine;

/// <summary>
/// Views of crates (index files, what pages show) as they were at any instant, less the versions that are deleted today. They follow from the log, as far as the
/// live view has it, so that the past never knows more than the present. Between two commits nothing changes: an answer is kept in memory for the commit that an
/// instant falls on, and so there are no more of them than commits, however many instants are asked for. A stream is read once at a time.
/// </summary>
public sealed class Past<TView>(IDocumentStore documents, IEventStore events, IPastFold<TView> fold) : IDisposable
    where TView : class
{
    private const long CacheBytes = 32 * 1024 * 1024;

    private readonly MemoryCache _answers = new(new MemoryCacheOptions { SizeLimit = CacheBytes });

    // Several crates may share a gate: what one takes is bounded.
    private readonly SemaphoreSlim[] _gates = [.. Enumerable.Range(0, 64).Select(_ => new SemaphoreSlim(1))];

    /// <summary>The crate's view at <paramref name="at"/>; null when there was no crate, or an empty one when it had no version.</summary>
    public async ValueTask<TView?> Find(CrateName crate, DateTimeOffset at, CancellationToken cancellationToken)
    {
        if (await documents.Get(new(fold.Kind, crate.Canonical), cancellationToken) is not { } live)
        {
            return null;
        }

        if (IsKnown(crate, at, live.Version, out var view))
        {
            return view;
        }

        var gate = _gates[(uint)StringComparer.Ordinal.GetHashCode(crate.Canonical) % _gates.Length];
        await gate.WaitAsync(cancellationToken);
        try
        {
            return IsKnown(crate, at, live.Version, out view) ? view : await Read(crate, at, live.Version, cancellationToken);
        }
        finally
        {
            gate.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _answers.Dispose();
        foreach (var gate in _gates)
        {
            gate.Dispose();
        }
    }

    private bool IsKnown(CrateName crate, DateTimeOffset at, long version, out TView? view)
    {
        view = null;
        return _answers.TryGetValue(crate.Canonical, out PastMoments? moments) && moments!.Version == version && IsKnown(crate, at, moments, out view);
    }

    private bool IsKnown(CrateName crate, DateTimeOffset at, PastMoments moments, out TView? view)
    {
        view = null;
        if (moments.Before(at) is not { } moment)
        {
            return true;
        }

        var isKnown = _answers.TryGetValue((crate.Canonical, moment.UtcTicks), out Answer? known) && moments.Confirm(known!.Version, moment);
        view = isKnown ? known!.View : null;
        return isKnown;
    }

    private async Task<TView?> Read(CrateName crate, DateTimeOffset at, long version, CancellationToken cancellationToken)
    {
        var stream = StreamName.Of(crate);
        if (_answers.TryGetValue(crate.Canonical, out PastMoments? earlier) && earlier!.Version < version)
        {
            // Mostly nothing has changed about the past: then what came since is all that is read.
            var came = await UpTo(events.ReadOutline(stream, earlier.Version, cancellationToken)).ToListAsync(cancellationToken);
            var since = earlier.Until(version, came);
            Keep(crate, since);
            if (IsKnown(crate, at, since, out var known))
            {
                return known;
            }
        }

        // Where nothing was deleted, which is nearly always, once over the stream is enough.
        var (commits, isDeletedIn) = (new List<RecordedCommit>(), false);
        var view = await fold.Fold(UntilDeletion(), new HashSet<SemVersion>(), cancellationToken);
        var moments = PastMoments.None.Until(version, commits);
        Keep(crate, moments);
        if (moments.Before(at) is not { } moment)
        {
            return null;
        }

        if (isDeletedIn)
        {
            var today = (await Deletions.In(events, stream, cancellationToken)).Of(recorded => recorded.Commit.LastVersion <= version);
            var past = UpTo(today.Of(IsPast).Read(events, stream, 0, cancellationToken)).Where(IsPast);
            view = await fold.Fold(past, today.Versions, cancellationToken);
        }

        _answers.Set(
            (crate.Canonical, moment.UtcTicks), new Answer(version, view), new MemoryCacheEntryOptions { Size = 500 + (view is null ? 0 : fold.MemoryOf(view)) });
        return view;

        bool IsPast(RecordedCommit recorded) => recorded.Commit.At <= at;

        IAsyncEnumerable<RecordedCommit> UpTo(IAsyncEnumerable<RecordedCommit> all) => all.TakeWhile(recorded => recorded.Commit.LastVersion <= version);

        async IAsyncEnumerable<RecordedCommit> UntilDeletion()
        {
            await foreach (var recorded in UpTo(events.Read(stream, 0, cancellationToken)))
            {
                // Without what is not asked for, which may be large.
                var facts = recorded.Commit.Events.Where(fact => fact is VersionDeleted or VersionRestored).ToValueList();
                commits.Add(recorded with { Commit = recorded.Commit with { Events = facts } });
                isDeletedIn |= facts.Count > 0;
                if (!isDeletedIn && IsPast(recorded))
                {
                    yield return recorded;
                }
            }
        }
    }

    private void Keep(CrateName crate, PastMoments moments) =>
        _answers.Set(crate.Canonical, moments, new MemoryCacheEntryOptions { Size = moments.Size });

    /// <summary>A view, and up to which version of the stream it was made.</summary>
    private sealed record Answer(long Version, TView? View);
}
