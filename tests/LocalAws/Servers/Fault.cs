namespace Raktar.LocalAws;

/// <summary>What can go wrong between a program and AWS.</summary>
public enum Fault
{
    /// <summary>DynamoDB: <c>ThrottlingException</c>; S3: 503 <c>SlowDown</c>.</summary>
    Throttled,

    /// <summary>DynamoDB: <c>ProvisionedThroughputExceededException</c>; S3: 503 <c>SlowDown</c>.</summary>
    ThroughputExceeded,

    /// <summary>500: nothing was done.</summary>
    InternalError,

    /// <summary>500, although it was done.</summary>
    InternalErrorAfter,

    /// <summary>The connection is cut before the call arrives. For all calls: an outage.</summary>
    CutBefore,

    /// <summary>The call arrives, and the connection is cut without an answer.</summary>
    CutAfter,

    /// <summary>The call arrives, and the connection is cut in the middle of the answer's body.</summary>
    CutAnswer,

    /// <summary>The call arrives, and no answer comes before the client gives up.</summary>
    Silence,
}

/// <summary>A fault that waits for its calls; disposing it ends it.</summary>
public sealed class InjectedFault : IDisposable
{
    private readonly Func<AwsCall, bool> _when;
    private int _left;
    private int _hits;

    internal InjectedFault(Fault fault, int times, Func<AwsCall, bool> when) => (Fault, _left, _when) = (fault, times, when);

    /// <summary>How many calls it has hit.</summary>
    public int Hits => Volatile.Read(ref _hits);

    internal Fault Fault { get; }

    /// <summary>No further call is hit.</summary>
    public void Dispose() => Volatile.Write(ref _left, 0);

    internal bool Takes(AwsCall call)
    {
        if (Volatile.Read(ref _left) <= 0 || !_when(call) || Interlocked.Decrement(ref _left) < 0)
        {
            return false;
        }

        Interlocked.Increment(ref _hits);
        return true;
    }
}
