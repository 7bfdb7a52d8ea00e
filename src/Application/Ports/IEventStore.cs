using Raktar.Application.Events;
using Raktar.Domain;

namespace Raktar.Application.Ports;

/// <summary>The append-only log: the registry's only truth.</summary>
public interface IEventStore
{
    /// <summary>
    /// Appends <paramref name="events"/> as one commit after <paramref name="head"/>, durably, and answers the stream's new head. When the
    /// stream has moved on meanwhile nothing is written: <see cref="StreamMovedException"/>. A store that fails: <see cref="StoreUnavailableException"/>.
    /// </summary>
    Task<RecordedCommit> Append(StreamHead head, ValueList<DomainEvent> events, Stamp stamp, CancellationToken cancellationToken);

    /// <summary>The stream's commits whose facts follow <paramref name="afterVersion"/>, in order.</summary>
    IAsyncEnumerable<RecordedCommit> Read(StreamName stream, long afterVersion, CancellationToken cancellationToken);

    /// <summary>Every stored commit after <paramref name="afterPosition"/>, in the order of the log, undecoded and unchecked.</summary>
    IAsyncEnumerable<StoredCommit> ReadAll(long afterPosition, CancellationToken cancellationToken);
}

/// <summary>A rival appended first: load again, decide again.</summary>
public sealed class StreamMovedException(StreamName stream, long expected, Exception? inner = null)
    : Exception($"stream {stream} is past version {expected}", inner);

/// <summary>A backing store failed or is not reachable: the request ends as 503, and nothing is known to be wrong with it.</summary>
public sealed class StoreUnavailableException(string store, Exception? inner = null) : Exception($"{store} is unavailable", inner)
{
    /// <summary>Which store, as in the readiness report.</summary>
    public string Store { get; } = store;
}
