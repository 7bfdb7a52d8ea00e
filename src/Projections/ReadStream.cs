using Raktar.Application.Log;
using Raktar.Application.Ports;

namespace Raktar.Projections;

/// <summary>
/// One stream, read and decoded once for all projections of it; who asks for what comes after that is answered by the log. So is who asks for a stream that is
/// too long to be kept.
/// </summary>
public sealed class ReadStream : IStreamReader
{
    private const long MaxBytes = 1024 * 1024;

    private readonly IStreamReader _events;
    private readonly List<RecordedCommit>? _commits;

    private ReadStream(IStreamReader events, List<RecordedCommit>? commits) => (_events, _commits) = (events, commits);

    /// <summary>Reads the whole stream.</summary>
    public static async Task<ReadStream> Of(IStreamReader events, StreamName stream, CancellationToken cancellationToken)
    {
        var (commits, bytes) = (new List<RecordedCommit>(), 0L);
        try
        {
            await foreach (var commit in events.Read(stream, 0, cancellationToken))
            {
                commits.Add(commit);
                bytes += commit.Bytes;
                if (bytes > MaxBytes)
                {
                    return new(events, commits: null);
                }
            }
        }
        catch (CorruptCommitException)
        {
            // Each projection finds it by itself.
            return new(events, commits: null);
        }

        return new(events, commits);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<RecordedCommit> Read(StreamName stream, long afterVersion, CancellationToken cancellationToken) =>
        _commits is null || (_commits.Count > 0 && afterVersion >= _commits[^1].Commit.LastVersion)
            ? _events.Read(stream, afterVersion, cancellationToken)
            : _commits.Where(recorded => recorded.Commit.Stream == stream && recorded.Commit.FirstVersion > afterVersion).ToAsyncEnumerable();

    /// <inheritdoc/>
    public IAsyncEnumerable<RecordedCommit> ReadOutline(StreamName stream, long afterVersion, CancellationToken cancellationToken) =>
        _commits is null ? _events.ReadOutline(stream, afterVersion, cancellationToken) : Read(stream, afterVersion, cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<StoredCommit> ReadStored(StreamName stream, long afterVersion, CancellationToken cancellationToken) =>
        _events.ReadStored(stream, afterVersion, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<long> Bytes(StreamName stream, long afterVersion, CancellationToken cancellationToken) => _commits is null
        ? await _events.Bytes(stream, afterVersion, cancellationToken)
        : _commits.Where(recorded => recorded.Commit.FirstVersion > afterVersion).Sum(recorded => (long)recorded.Bytes);
}
