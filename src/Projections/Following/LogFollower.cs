using Microsoft.Extensions.Logging;
using Raktar.Application.Log;
using Raktar.Application.Ports;
using Raktar.Application.State;

namespace Raktar.Projections.Following;

/// <summary>
/// Follows the log from where it last stopped and tells all projections which streams moved. The log is its only queue, so a crash loses nothing; an append wakes
/// it at once.
/// </summary>
public sealed class LogFollower : IDisposable
{
    /// <summary>Up to which position of the log everything is projected: the version of this document.</summary>
    public static readonly DocumentKey Checkpoint = new("checkpoint", "projections");

    // What they have read is in memory until the store has written it.
    private const int AtATime = 64;
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    // A large document takes longer; those of other streams do not wait for it.
    private static readonly TimeSpan Usual = TimeSpan.FromMilliseconds(20);

    private readonly IEventFeed _feed;
    private readonly IDocumentStore _documents;
    private readonly SetAsideStreams _setAside;
    private readonly Unprojected _unprojected;
    private readonly ILogger<LogFollower> _log;
    private readonly StreamCatchUp _catchUp;
    private readonly StreamsAtWork _work;
    private readonly Waiters _waiters = new();
    private readonly Lock _waking = new();
    private readonly SemaphoreSlim _moved = new(0, 1);
    private long _position;
    private long _reached;
    private long _saved;

    /// <summary>Nothing is followed before <see cref="Begin"/>.</summary>
    public LogFollower(
        IEventFeed feed, IDocumentStore documents, Projectors projectors, SetAsideStreams setAside, Unprojected unprojected, ILogger<LogFollower> log)
    {
        (_feed, _documents, _setAside, _unprojected, _log) = (feed, documents, setAside, unprojected, log);
        _catchUp = new(projectors, setAside, log);
        _work = new(CatchUp, Wake);
    }

    /// <summary>How many streams cannot be projected, because a store does not answer.</summary>
    public int Failing => _work.Failing;

    /// <summary>The streams of which a document cannot be made.</summary>
    public IReadOnlyList<SetAside> SetAside => _setAside.All;

    /// <summary>Tries those now, without waiting for the end of it.</summary>
    public void TryAgain()
    {
        _setAside.TryAgain();
        Wake();
    }

    /// <summary>How many commits of the log are not projected yet, counted no further than <paramref name="most"/>; null where the log cannot tell.</summary>
    public async Task<int?> Behind(int most, CancellationToken cancellationToken) => _feed.Poll is null
        ? await _feed.After(Interlocked.Read(ref _position), cancellationToken).Take(most).CountAsync(cancellationToken)
        : null;

    /// <summary>
    /// After an append: ends when the stream's documents were made, or could not be. Answers whether those by which everybody is kept from what was taken away
    /// hold all that was appended before.
    /// </summary>
    public Task<bool> Projected(StreamName stream)
    {
        var projected = _waiters.Join(stream);
        Wake();
        return projected;
    }

    /// <summary>Catches up with all that was ever appended, also meanwhile, and by other processes.</summary>
    public async Task Begin(CancellationToken cancellationToken)
    {
        await _setAside.Load(cancellationToken);
        foreach (var each in _setAside.All)
        {
            _unprojected.Add(each.Stream, 0);
        }

        _position = _reached = _saved = (await _documents.Get(Checkpoint, cancellationToken))?.Version ?? 0;
        while (await Round(cancellationToken) > 0 || _work.Running.Count > 0)
        {
            await End();
        }
    }

    /// <summary>Goes on until it is told to stop.</summary>
    public async Task Follow(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (await Round(stoppingToken) == 0)
                {
                    await _moved.WaitAsync(Pause(), stoppingToken);
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (StoreUnavailableException e)
            {
                _log.LogError(e, "The log cannot be followed; trying again");
                await _moved.WaitAsync(RetryAfter, stoppingToken);
            }
        }
    }

    /// <summary>Waits for what was begun.</summary>
    public Task End() => Task.WhenAll(_work.Running);

    /// <inheritdoc/>
    public void Dispose() => _moved.Dispose();

    /// <summary>Reads on from where it stopped and catches up the streams that moved; answers how many commits there were.</summary>
    private async Task<int> Round(CancellationToken cancellationToken)
    {
        var (count, batches) = (0, 0);
        var moved = new HashSet<StreamName>();
        try
        {
            await foreach (var (position, stream) in _feed.After(_position, cancellationToken))
            {
                count++;
                moved.Add(stream);
                _reached = Math.Max(_reached, position);
                if (moved.Count == AtATime)
                {
                    await CatchUp(moved, cancellationToken);
                    if (++batches % 20 == 0)
                    {
                        _log.LogInformation("Catching up with the log: {Count} commits so far", count);
                    }
                }
            }
        }
        catch (StoreUnavailableException)
        {
            // The feed may not tell of these again.
            _work.Failed(moved);
            throw;
        }

        // Somebody who waits may have come after an earlier round had read and projected the commit: another look answers.
        moved.UnionWith([.. _work.TakeAgain(), .. _waiters.Streams, .. _setAside.Due]);
        await CatchUp(moved, cancellationToken);
        return count;
    }

    private async Task CatchUp(HashSet<StreamName> moved, CancellationToken cancellationToken)
    {
        var all = Task.WhenAll(moved.Select(stream => _work.Start(stream, cancellationToken)).ToList());
        if (await Task.WhenAny(all, Task.Delay(Usual, cancellationToken)) != all)
        {
            _ = all.ContinueWith(_ => Wake(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }

        cancellationToken.ThrowIfCancellationRequested();
        moved.Clear();
        _position = _reached;

        // While a stream fails or is not done the saved checkpoint stays before it, so that a restart tries it again.
        if (_position > _saved && _work.IsAllDone)
        {
            await Save(cancellationToken);
        }
    }

    private async Task CatchUp(StreamName stream, CancellationToken cancellationToken)
    {
        var waiting = _waiters.Take(stream);
        var appended = _unprojected.Find(stream) ?? 0;
        var isProjected = false;
        try
        {
            var made = await _catchUp.Run(stream, cancellationToken);
            if (made.All(each => each.IsMade))
            {
                _unprojected.Remove(stream, appended);
            }
            else
            {
                // Its documents say what they said before: what somebody may see and do is asked of the log.
                _unprojected.Add(stream, appended);
            }

            // By these everybody is kept from what was taken away.
            isProjected = made.All(each => each.IsMade || each.Kind is not (CrateStreams.Kind or AccountStreams.Kind));
            _work.Succeeded(stream);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            _log.LogError(e, "{Stream} cannot be projected; trying again", stream);
            _unprojected.Add(stream, appended);
            _work.Failed([stream]);
        }

        // Also after a failure: the append is durable, and its caller need not wait for the repair.
        foreach (var waiter in waiting)
        {
            waiter.TrySetResult(isProjected);
        }
    }

    private async Task Save(CancellationToken cancellationToken)
    {
        try
        {
            await _documents.Put(Checkpoint, new Document(_position, ReadOnlyMemory<byte>.Empty), _saved, cancellationToken);
            _saved = _position;
        }
        catch (DocumentMovedException)
        {
            // Another process that follows the same log was faster, perhaps not as far: both are at or past what is saved.
            _saved = (await _documents.Get(Checkpoint, cancellationToken))?.Version ?? 0;
        }
    }

    /// <summary>How long to wait when nothing moved.</summary>
    private TimeSpan Pause()
    {
        if (Failing > 0)
        {
            return RetryAfter;
        }

        var poll = _feed.Poll ?? Timeout.InfiniteTimeSpan;
        return _setAside.UntilNext is not { } next ? poll
            : TimeSpan.FromTicks(Math.Clamp(next.Ticks, RetryAfter.Ticks, (_feed.Poll ?? TimeSpan.FromHours(1)).Ticks));
    }

    private void Wake()
    {
        lock (_waking)
        {
            if (_moved.CurrentCount == 0)
            {
                _moved.Release();
            }
        }
    }
}
