using Raktar.Application.Log;

namespace Raktar.Projections.Following;

/// <summary>Those who wait until what they appended to a stream can be seen.</summary>
internal sealed class Waiters
{
    private readonly Lock _access = new();
    private readonly Dictionary<StreamName, List<TaskCompletionSource<bool>>> _waiting = [];

    /// <summary>The streams that somebody waits for.</summary>
    public IReadOnlyList<StreamName> Streams
    {
        get
        {
            lock (_access)
            {
                return [.. _waiting.Keys];
            }
        }
    }

    /// <summary>Waits for the next reading of a stream that begins after this; it says how it ended.</summary>
    public Task<bool> Join(StreamName stream)
    {
        var seen = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_access)
        {
            if (!_waiting.TryGetValue(stream, out var waiting))
            {
                _waiting[stream] = waiting = [];
            }

            waiting.Add(seen);
        }

        return seen.Task;
    }

    /// <summary>
    /// Those whom the reading that begins now will answer: they appended before it, so that it shows what they appended. Whoever comes later waits for the next.
    /// </summary>
    public IReadOnlyList<TaskCompletionSource<bool>> Take(StreamName stream)
    {
        lock (_access)
        {
            return _waiting.Remove(stream, out var waiting) ? waiting : [];
        }
    }
}
