using Raktar.Application.Events;
using Raktar.Application.Ports;
using Raktar.Projections;

namespace Raktar.Api.Hosting;

/// <summary>
/// The embedded feed: follows the log from where it last stopped and tells every projection which streams moved. The log is its only queue, so a
/// crash loses nothing; an append wakes it at once.
/// </summary>
internal sealed class ProjectionsService(
    IEventStore events, IDocumentStore documents, IReadOnlyList<IProjector> projectors, ILogger<ProjectionsService> log)
    : BackgroundService, IProjectionSignal, IDependency
{
    /// <summary>Up to which position of the log everything is projected: the version of this document.</summary>
    public static readonly DocumentKey Checkpoint = new("checkpoint", "projections");
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _moved = new(0, 1);
    private readonly Lock _waiting = new();
    private readonly Dictionary<StreamName, List<TaskCompletionSource>> _waiters = [];
    private readonly HashSet<StreamName> _failing = [];
    private long _position;
    private long _saved;

    public string Name => "projections";

    public async Task Appended(StreamHead head)
    {
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
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
            await seen.Task.WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            log.LogWarning("{Stream} is not visible after {Patience}; it is durable and will be", head.Stream, Patience);
        }
    }

    public Task Probe(CancellationToken cancellationToken)
    {
        lock (_waiting)
        {
            return _failing.Count == 0 ? Task.CompletedTask : throw new InvalidOperationException($"{_failing.Count} streams cannot be projected");
        }
    }

    public override void Dispose()
    {
        _moved.Dispose();
        base.Dispose();
    }

    /// <summary>Before anything is served, readers must see all that was ever acknowledged: a crash or deleted documents must not look like missing crates.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        _position = _saved = (await documents.Get(Checkpoint, cancellationToken))?.Version ?? 0;
        for (var rounds = 1; await Round(cancellationToken) > 0; rounds++)
        {
            if (rounds % 20 == 0)
            {
                log.LogInformation("Catching up with the log before serving: at position {Position}", _position);
            }
        }

        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (await Round(stoppingToken) == 0)
                {
                    await _moved.WaitAsync(IsFailing() ? RetryAfter : Timeout.InfiniteTimeSpan, stoppingToken);
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

    /// <summary>Reads on from where it stopped and catches up the streams that moved; answers how many there were.</summary>
    private async Task<int> Round(CancellationToken cancellationToken)
    {
        var moved = new HashSet<StreamName>();
        var reached = _position;
        await foreach (var commit in events.ReadAll(_position, cancellationToken))
        {
            moved.Add(commit.Stream);
            reached = commit.Position;
            if (moved.Count >= 256)
            {
                break;
            }
        }

        List<StreamName> again;
        lock (_waiting)
        {
            // Who waits may have come after an earlier round had read and projected its commit: another look answers it.
            again = [.. _failing, .. _waiters.Keys];
        }

        await Task.WhenAll(moved.Union(again).Select(stream => CatchUp(stream, cancellationToken)));
        _position = reached;

        // While a stream fails the saved checkpoint stays before it, so that a restart tries it again.
        if (!IsFailing() && _position > _saved)
        {
            await documents.Put(Checkpoint, new Document(_position, ReadOnlyMemory<byte>.Empty), _saved, cancellationToken);
            _saved = _position;
        }

        return moved.Count;
    }

    private bool IsFailing()
    {
        lock (_waiting)
        {
            return _failing.Count > 0;
        }
    }

    private async Task CatchUp(StreamName stream, CancellationToken cancellationToken)
    {
        // Who waits now appended before this read begins, so this read shows it; who comes later waits for the next.
        List<TaskCompletionSource>? waiters;
        lock (_waiting)
        {
            _waiters.Remove(stream, out waiters);
        }

        try
        {
            await Task.WhenAll(projectors.Select(projector => projector.CatchUp(stream, cancellationToken)));
            lock (_waiting)
            {
                _failing.Remove(stream);
            }
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            log.LogError(e, "{Stream} cannot be projected; trying again", stream);
            lock (_waiting)
            {
                _failing.Add(stream);
            }
        }

        // Also after a failure: the append is durable, and its caller need not wait for the repair.
        waiters?.ForEach(waiter => waiter.TrySetResult());
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
