using Raktar.Application.Log;

namespace Raktar.Projections.Following;

/// <summary>
/// The streams that are being projected, each on a thread of its own and once at a time, however long it takes. What moved meanwhile, and what failed, is to have
/// its turn again. <paramref name="wake"/> hears when there is something to do.
/// </summary>
internal sealed class StreamsAtWork(Func<StreamName, CancellationToken, Task> catchUp, Action wake)
{
    private readonly Lock _access = new();
    private readonly Dictionary<StreamName, Task> _running = [];
    private readonly HashSet<StreamName> _movedMeanwhile = [];
    private readonly HashSet<StreamName> _failing = [];

    /// <summary>How many streams failed when they were last tried.</summary>
    public int Failing
    {
        get
        {
            lock (_access)
            {
                return _failing.Count;
            }
        }
    }

    /// <summary>Whether there is nothing that was begun, or has to be begun again.</summary>
    public bool IsAllDone
    {
        get
        {
            lock (_access)
            {
                return _failing.Count + _running.Count + _movedMeanwhile.Count == 0;
            }
        }
    }

    /// <summary>What is being done.</summary>
    public IReadOnlyList<Task> Running
    {
        get
        {
            lock (_access)
            {
                return [.. _running.Values];
            }
        }
    }

    /// <summary>Begins with a stream, unless it was begun before: then it is its turn again afterwards.</summary>
    public Task Start(StreamName stream, CancellationToken cancellationToken)
    {
        lock (_access)
        {
            if (_running.ContainsKey(stream))
            {
                _movedMeanwhile.Add(stream);
                return Task.CompletedTask;
            }

            // On a thread of its own: reading and folding does not wait for anything.
            return _running[stream] = Task.Run(() => catchUp(stream, cancellationToken), CancellationToken.None)
                .ContinueWith(_ => Finish(stream), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    /// <summary>Notes that these failed.</summary>
    public void Failed(IEnumerable<StreamName> streams)
    {
        lock (_access)
        {
            _failing.UnionWith(streams);
        }
    }

    /// <summary>Notes that this one did not fail.</summary>
    public void Succeeded(StreamName stream)
    {
        lock (_access)
        {
            _failing.Remove(stream);
        }
    }

    /// <summary>Those whose turn it is again.</summary>
    public IReadOnlyList<StreamName> TakeAgain()
    {
        lock (_access)
        {
            StreamName[] again = [.. _failing, .. _movedMeanwhile];
            _movedMeanwhile.Clear();
            return again;
        }
    }

    private void Finish(StreamName stream)
    {
        lock (_access)
        {
            _running.Remove(stream);
            if (!_movedMeanwhile.Contains(stream))
            {
                return;
            }
        }

        wake();
    }
}
