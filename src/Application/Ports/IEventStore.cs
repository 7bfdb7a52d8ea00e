using Raktar.Application.Log;
using Raktar.Application.State;
using Raktar.Domain;

namespace Raktar.Application.Ports;

/// <summary>The append-only log: the registry's only truth.</summary>
public interface IEventStore : IStreamReader
{
    /// <summary>
    /// Appends the commit durably, whole or not at all. When the stream has moved on since the head that the commit follows nothing is written:
    /// <see cref="StreamMovedException"/>. A store that fails: <see cref="StoreUnavailableException"/>. The head must come from reading this log.
    /// </summary>
    Task Append(NewCommit commit, CancellationToken cancellationToken);

    /// <summary>Every stream, once each, in no order.</summary>
    IAsyncEnumerable<StreamName> Streams(CancellationToken cancellationToken);

    /// <summary>
    /// Every commit of a stream (null: of all streams), without what is in it: as much as there was when the call began, and perhaps more. In no order, but
    /// each once.
    /// </summary>
    IAsyncEnumerable<CommitHash> Hashes(StreamName? stream, CancellationToken cancellationToken);

    /// <inheritdoc/>
    IAsyncEnumerable<RecordedCommit> IStreamReader.Read(StreamName stream, long afterVersion, CancellationToken cancellationToken) =>
        ReadStored(stream, afterVersion, cancellationToken).Select(EventCodec.Decode);
}

/// <summary>Where a commit is, and its hash as it stands beside it.</summary>
public readonly record struct CommitHash(StreamName Stream, long FirstVersion, long LastVersion, Checksum Hash);

/// <summary>Reading streams as what they mean.</summary>
public interface IStreamReader
{
    /// <summary>The stream's commits whose facts follow <paramref name="afterVersion"/>, in order; a damaged one is a <see cref="CorruptCommitException"/>.</summary>
    IAsyncEnumerable<RecordedCommit> Read(StreamName stream, long afterVersion, CancellationToken cancellationToken);

    /// <summary>
    /// The same with an empty package in each published version (<see cref="EventCodec.DecodeOutline"/>): a fraction of the work, and of the memory.
    /// </summary>
    IAsyncEnumerable<RecordedCommit> ReadOutline(StreamName stream, long afterVersion, CancellationToken cancellationToken) =>
        ReadStored(stream, afterVersion, cancellationToken).Select(EventCodec.DecodeOutline);

    /// <summary>The stream's commits whose facts follow <paramref name="afterVersion"/>, in order, all that was acknowledged before the call; undecoded and unchecked.</summary>
    IAsyncEnumerable<StoredCommit> ReadStored(StreamName stream, long afterVersion, CancellationToken cancellationToken);

    /// <summary>How many bytes these commits have together.</summary>
    async ValueTask<long> Bytes(StreamName stream, long afterVersion, CancellationToken cancellationToken) =>
        await ReadStored(stream, afterVersion, cancellationToken).Select(stored => (long)stored.Body.Length).SumAsync(cancellationToken);
}

/// <summary>Which streams moved, for a program that runs the projections itself.</summary>
public interface IEventFeed
{
    /// <summary>How often to look when nothing was said; null: every commit comes through this process, which says so.</summary>
    TimeSpan? Poll { get; }

    /// <summary>A stream per commit after <paramref name="position"/> (0: from the beginning). It may tell of a commit again, and never forgets one.</summary>
    IAsyncEnumerable<MovedStream> After(long position, CancellationToken cancellationToken);
}

/// <summary>A stream moved; <paramref name="Position"/> is where to go on after a restart.</summary>
public readonly record struct MovedStream(long Position, StreamName Stream);

/// <summary>A rival appended first: load again, decide again.</summary>
public sealed class StreamMovedException(StreamName stream, long expected, Exception? inner = null)
    : Exception($"stream {stream} is past version {expected}", inner);

/// <summary>A backing store failed or is not reachable: the request ends as 503, and nothing is known to be wrong with it.</summary>
public sealed class StoreUnavailableException(string store, Exception? inner = null)
    : Exception(inner is null ? $"{store} is unavailable" : $"{store} is unavailable: {inner.Message}", inner)
{
    /// <summary>Which store, as in the readiness report.</summary>
    public string Store { get; } = store;
}

/// <summary>A change was recorded, but what it takes away can still be had: its caller must not take it for done.</summary>
public sealed class NotInForceException(StreamName stream)
    : Exception($"the change of {stream} is recorded, but not in force yet, because the read models lag; ask again until this is answered with success");
