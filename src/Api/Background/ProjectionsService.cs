using Raktar.Application.Log;
using Raktar.Application.Ports;
using Raktar.Application.State;
using Raktar.Projections;
using Raktar.Projections.Following;

namespace Raktar.Api.Background;

/// <summary>
/// Runs all projections in this process: follows the log from where it last stopped and tells each of them which streams moved. The log is its only
/// queue, so a crash loses nothing; an append wakes it at once.
/// </summary>
internal sealed class ProjectionsService(
    IEventFeed feed,
    IDocumentStore documents,
    Projectors projectors,
    SetAsideStreams setAside,
    Unprojected unprojected,
    ILogger<ProjectionsService> log)
    : BackgroundService, IProjectionSignal, IDependency
{
    /// <summary>Up to which position of the log everything is projected: the version of this document.</summary>
    public static readonly DocumentKey Checkpoint = new("checkpoint", "projections");
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongPatience = TimeSpan.FromSeconds(10);

    // What they have read is in memory until the store has written it.
    private const int AtATime = 64;
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    // A large document takes longer; those of other streams do not wait for it.
    private static readonly TimeSpan Usual = TimeSpan.FromMilliseconds(20);

    private readonly SemaphoreSlim _moved = new(0, 1);
    private readonly Lock _waiting = new();
    private readonly Dictionary<StreamName, List<TaskCompletionSource<bool>>> _waiters = [];
    private readonly HashSet<StreamName> _failing = [];

    // Of which a projection is at work, longer than a round takes, and which of them moved meanwhile.
    private readonly Dictionary<StreamName, Task> _running = [];
    private readonly HashSet<StreamName> _movedMeanwhile = [];
    private long _position;
    private long _reached;
    private long _saved;

    public string Name => "projections";

    public async Task<bool> Appended(StreamHead head, bool takesAway)
    {
        unprojected.Add(head.Stream, head.Version);
        var seen = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_waiting)
        {
            if (!_waiters.TryGetValue(head.Stream, out var waiters))
            {
                _waiters[head.Stream] = waiters = [];
            }

            waiters.Add(seen);
        }

        Wake();
        try
        {
            // Where every commit comes through this process the log is asked for what is not projected, so all that was appended is in force.
            return await seen.Task.WaitAsync(takesAway && feed.Poll is not null ? LongPatience : Patience) || feed.Poll is null;
        }
        catch (TimeoutException)
        {
            log.LogWarning("{Stream} is not visible after {Patience}; it is durable and will be", head.Stream, Patience);
            return feed.Poll is null;
        }
    }

    public Task Probe(CancellationToken cancellationToken)
    {
        lock (_waiting)
        {
            return _failing.Count == 0 ? Task.CompletedTask : throw new InvalidOperationException($"{_failing.Count} streams cannot be projected");
        }
    }

    /// <summary>How many commits of the log are not projected yet, counted no further than <paramref name="most"/>; null where the log cannot tell.</summary>
    public async Task<int?> Behind(int most, CancellationToken cancellationToken) => feed.Poll is null
        ? await feed.After(Interlocked.Read(ref _position), cancellationToken).Take(most).CountAsync(cancellationToken)
        : null;

    /// <summary>The streams of which a document cannot be made.</summary>
    public IReadOnlyList<SetAside> SetAside => setAside.All;

    /// <summary>Tries those now, without waiting for the end of it.</summary>
    public void TryAgain()
    {
        setAside.TryAgain();
        Wake();
    }

    public override void Dispose()
    {
        _moved.Dispose();
        base.Dispose();
    }

    /// <summary>Before anything is served, readers must see all that was ever acknowledged: a crash or deleted documents must not look like missing crates.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await setAside.Load(cancellationToken);
        foreach (var each in setAside.All)
        {
            unprojected.Add(each.Stream, 0);
        }

        _position = _reached = _saved = (await documents.Get(Checkpoint, cancellationToken))?.Version ?? 0;
        while (await Round(cancellationToken) > 0 || Running().Length > 0)
        {
            // What was appended meanwhile, by other processes too.
            await Task.WhenAll(Running());
        }

        await base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await Task.WhenAll(Running());
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
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
                log.LogError(e, "The log cannot be followed; trying again");
                await _moved.WaitAsync(RetryAfter, stoppingToken);
            }
        }
    }

    /// <summary>Reads on from where it stopped and catches up the streams that moved; answers how many commits there were.</summary>
    private async Task<int> Round(CancellationToken cancellationToken)
    {
        var (count, batches) = (0, 0);
        var moved = new HashSet<StreamName>();
        try
        {
            await foreach (var (position, stream) in feed.After(_position, cancellationToken))
            {
                count++;
                moved.Add(stream);
                _reached = Math.Max(_reached, position);
                if (moved.Count == AtATime)
                {
                    await CatchUp(moved, cancellationToken);
                    if (++batches % 20 == 0)
                    {
                        log.LogInformation("Catching up with the log: {Count} commits so far", count);
                    }
                }
            }
        }
        catch (StoreUnavailableException)
        {
            // The feed may not tell of these again.
            lock (_waiting)
            {
                _failing.UnionWith(moved);
            }

            throw;
        }

        List<StreamName> again;
        lock (_waiting)
        {
            // Who waits may have come after an earlier round had read and projected its commit: another look answers it.
            again = [.. _failing, .. _waiters.Keys, .. _movedMeanwhile, .. setAside.Due];
            _movedMeanwhile.Clear();
        }

        moved.UnionWith(again);
        await CatchUp(moved, cancellationToken);
        return count;
    }

    private async Task CatchUp(HashSet<StreamName> moved, CancellationToken cancellationToken)
    {
        var all = Task.WhenAll(moved.Select(stream => Start(stream, cancellationToken)).ToList());
        if (await Task.WhenAny(all, Task.Delay(Usual, cancellationToken)) != all)
        {
            _ = all.ContinueWith(_ => Wake(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }

        cancellationToken.ThrowIfCancellationRequested();
        moved.Clear();
        _position = _reached;

        // While a stream fails or is not done the saved checkpoint stays before it, so that a restart tries it again.
        if (_position > _saved && IsAllDone())
        {
            await Save(cancellationToken);
        }
    }

    /// <summary>Begins with a stream, unless it was begun before: then it is its turn again afterwards.</summary>
    private Task Start(StreamName stream, CancellationToken cancellationToken)
    {
        lock (_waiting)
        {
            if (_running.ContainsKey(stream))
            {
                _movedMeanwhile.Add(stream);
                return Task.CompletedTask;
            }

            // On a thread of its own: reading and folding does not wait for anything.
            return _running[stream] = Task.Run(() => CatchUp(stream, cancellationToken), CancellationToken.None)
                .ContinueWith(_ => Finish(stream), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    private void Finish(StreamName stream)
    {
        lock (_waiting)
        {
            _running.Remove(stream);
            if (!_movedMeanwhile.Contains(stream))
            {
                return;
            }
        }

        Wake();
    }

    private Task[] Running()
    {
        lock (_waiting)
        {
            return [.. _running.Values];
        }
    }

    /// <summary>How long to wait when nothing moved.</summary>
    private TimeSpan Pause()
    {
        if (IsFailing())
        {
            return RetryAfter;
        }

        var poll = feed.Poll ?? Timeout.InfiniteTimeSpan;
        return setAside.UntilNext is not { } next ? poll
            : TimeSpan.FromTicks(Math.Clamp(next.Ticks, RetryAfter.Ticks, (feed.Poll ?? TimeSpan.FromHours(1)).Ticks));
    }

    private async Task Save(CancellationToken cancellationToken)
    {
        try
        {
            await documents.Put(Checkpoint, new Document(_position, ReadOnlyMemory<byte>.Empty), _saved, cancellationToken);
            _saved = _position;
        }
        catch (DocumentMovedException)
        {
            // Another process that follows the same log was faster, perhaps not as far: both are at or past what is saved.
            _saved = (await documents.Get(Checkpoint, cancellationToken))?.Version ?? 0;
        }
    }

    private bool IsFailing()
    {
        lock (_waiting)
        {
            return _failing.Count > 0;
        }
    }

    private bool IsAllDone()
    {
        lock (_waiting)
        {
            return _failing.Count + _running.Count + _movedMeanwhile.Count == 0;
        }
    }

    private async Task CatchUp(StreamName stream, CancellationToken cancellationToken)
    {
        // Who waits now appended before this read begins, so this read shows it; who comes later waits for the next.
        List<TaskCompletionSource<bool>>? waiters;
        lock (_waiting)
        {
            _waiters.Remove(stream, out waiters);
        }

        var appended = unprojected.Find(stream) ?? 0;
        var isProjected = false;

        try
        {
            var made = await Task.WhenAll(projectors.Of(stream).Select(async projector => (projector.Kind, IsMade: await CatchUp(projector, stream, cancellationToken))));
            if (made.All(each => each.IsMade))
            {
                unprojected.Remove(stream, appended);
            }
            else
            {
                // Its documents say what they said before: what somebody may see and do is asked of the log.
                unprojected.Add(stream, appended);
            }

            // By these everybody is kept from what was taken away.
            isProjected = made.All(each => each.IsMade || each.Kind is not (CrateStreams.Kind or AccountStreams.Kind));
            lock (_waiting)
            {
                _failing.Remove(stream);
            }
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            log.LogError(e, "{Stream} cannot be projected; trying again", stream);
            unprojected.Add(stream, appended);
            lock (_waiting)
            {
                _failing.Add(stream);
            }
        }

        // Also after a failure: the append is durable, and its caller need not wait for the repair.
        waiters?.ForEach(waiter => waiter.TrySetResult(isProjected));
    }

    /// <summary>
    /// One projection of a stream. What fails for another reason than its store, which may be back in a second, would fail again: it is set aside, said loudly
    /// once, and takes nothing else down. Answers whether the document holds everything.
    /// </summary>
    private async Task<bool> CatchUp(IProjector projector, StreamName stream, CancellationToken cancellationToken)
    {
        if (setAside.IsWaiting(projector.Kind, stream))
        {
            return false;
        }

        try
        {
            await projector.CatchUp(stream, cancellationToken);
            if (await setAside.Remove(projector.Kind, stream, cancellationToken))
            {
                log.LogWarning("The document {Kind} of {Stream} can be made again", projector.Kind, stream);
            }

            return true;
        }
        catch (Exception e) when (e is not (OperationCanceledException or StoreUnavailableException))
        {
            if (await setAside.Put(projector.Kind, stream, e.Message, cancellationToken))
            {
                log.LogCritical(e, "{Stream} is set aside: its document {Kind} cannot be made. All else goes on; see docs/operating.md", stream, projector.Kind);
            }

            return false;
        }
    }

    private void Wake()
    {
        lock (_waiting)
        {
            if (_moved.CurrentCount == 0)
            {
                _moved.Release();
            }
        }
    }
}
