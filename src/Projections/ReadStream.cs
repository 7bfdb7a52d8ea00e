using Raktar.Application.Log;
using Raktar.Application.Ports;

namespace Raktar.Projections;

/// <summary>
/// One stream for all projections of it: what comes after a version is read and decoded once, and kept while they fold it. Whoever asks for what came before that,
/// or after it, is answered by the log; and so is everybody where there is too much to be kept, as in a long stream that is read from its first commit.
/// </summary>
internal sealed class ReadStream(IStreamReader events) : IStreamReader
{
    private const long MostBytes = 1024 * 1024;

    private readonly Lock _beginning = new();
    private Task<List<RecordedCommit>?>? _reading;
    private long _after;

    /// <inheritdoc/>
    public async IAsyncEnumerable<RecordedCommit> Read(
        StreamName stream, long afterVersion, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var commits = await Kept(stream, afterVersion, cancellationToken);
        await foreach (var recorded in commits?.ToAsyncEnumerable() ?? events.Read(stream, afterVersion, cancellationToken))
        {
            yield return recorded;
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<RecordedCommit> ReadOutline(
        StreamName stream, long afterVersion, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var commits = await Kept(stream, afterVersion, cancellationToken);
        await foreach (var recorded in commits?.ToAsyncEnumerable() ?? events.ReadOutline(stream, afterVersion, cancellationToken))
        {
            yield return recorded;
        }
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<StoredCommit> ReadStored(StreamName stream, long afterVersion, CancellationToken cancellationToken) =>
        events.ReadStored(stream, afterVersion, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<long> Bytes(StreamName stream, long afterVersion, CancellationToken cancellationToken) =>
        await Kept(stream, afterVersion, cancellationToken) is { } commits
            ? commits.Sum(recorded => (long)recorded.Bytes)
            : await events.Bytes(stream, afterVersion, cancellationToken);

    /// <summary>The commits after a version, when they are kept or can be; null: ask the log.</summary>
    private async ValueTask<IReadOnlyList<RecordedCommit>?> Kept(StreamName stream, long after, CancellationToken cancellationToken)
    {
        Task<List<RecordedCommit>?> reading;
        lock (_beginning)
        {
            _after = _reading is null ? after : _after;
            reading = _reading ??= ReadAll(stream, after, cancellationToken);
        }

        // Once somebody knows all that is kept, there may be more.
        return await reading is not { } kept || after < _after || (kept.Count > 0 && after >= kept[^1].Commit.LastVersion) ? null
            : after == _after ? kept
            : kept.FindAll(recorded => recorded.Commit.FirstVersion > after);
    }

    private async Task<List<RecordedCommit>?> ReadAll(StreamName stream, long after, CancellationToken cancellationToken)
    {
        var (commits, bytes) = (new List<RecordedCommit>(), 0L);
        try
        {
            await foreach (var commit in events.Read(stream, after, cancellationToken))
            {
                commits.Add(commit);
                bytes += commit.Bytes;
                if (bytes > MostBytes)
                {
                    return null;
                }
            }
        }
        catch (CorruptCommitException)
        {
            // Each projection finds it by itself.
            return null;
        }

        return commits;
    }
}
