using System.Runtime.CompilerServices;
using Raktar.Application.Crates.Views;
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

    // Without packages a commit has about a kilobyte.
    private const int MostOutlines = 5000;

    private readonly Lock _beginning = new();
    private Kept? _whole;
    private Kept? _outlines;
    private Task<Deletions>? _deletions;

    /// <inheritdoc/>
    public async IAsyncEnumerable<RecordedCommit> Read(StreamName stream, long afterVersion, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var commits = await Whole(stream, afterVersion, cancellationToken);
        await foreach (var recorded in commits?.ToAsyncEnumerable() ?? events.Read(stream, afterVersion, cancellationToken))
        {
            yield return recorded;
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<RecordedCommit> ReadOutline(StreamName stream, long afterVersion, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var commits = await Whole(stream, afterVersion, cancellationToken) ?? await Outlines(stream, afterVersion, cancellationToken);
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
        await Whole(stream, afterVersion, cancellationToken) is { } commits
            ? commits.Sum(recorded => (long)recorded.Bytes)
            : await events.Bytes(stream, afterVersion, cancellationToken);

    /// <summary>The stream's deletions, looked for once.</summary>
    public Task<Deletions> FindDeletions(StreamName stream, CancellationToken cancellationToken)
    {
        lock (_beginning)
        {
            return _deletions ??= Deletions.In(events, stream, cancellationToken);
        }
    }

    private ValueTask<IReadOnlyList<RecordedCommit>?> Whole(StreamName stream, long after, CancellationToken cancellationToken) => Begun(
        ref _whole, after, () => ReadAll(events.Read(stream, after, cancellationToken), (_, bytes) => bytes <= MostBytes)).After(after);

    private ValueTask<IReadOnlyList<RecordedCommit>?> Outlines(StreamName stream, long after, CancellationToken cancellationToken) => Begun(
        ref _outlines, after, () => ReadAll(events.ReadOutline(stream, after, cancellationToken), (count, _) => count <= MostOutlines)).After(after);

    private Kept Begun(ref Kept? kept, long after, Func<Task<List<RecordedCommit>?>> read)
    {
        lock (_beginning)
        {
            return kept ??= new(after, read());
        }
    }

    private static async Task<List<RecordedCommit>?> ReadAll(IAsyncEnumerable<RecordedCommit> all, Func<int, long, bool> fits)
    {
        var (commits, bytes) = (new List<RecordedCommit>(), 0L);
        try
        {
            await foreach (var commit in all)
            {
                commits.Add(commit);
                bytes += commit.Bytes;
                if (!fits(commits.Count, bytes))
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

    /// <summary>What comes after a version; null where that is not kept.</summary>
    private sealed record Kept(long Begin, Task<List<RecordedCommit>?> Reading)
    {
        /// <summary>What comes after another version; null: ask the log.</summary>
        public async ValueTask<IReadOnlyList<RecordedCommit>?> After(long after) =>
            // Once somebody knows all that is kept, there may be more.
            await Reading is not { } kept || after < Begin || (kept.Count > 0 && after >= kept[^1].Commit.LastVersion) ? null
            : after == Begin ? kept
            : kept.FindAll(recorded => recorded.Commit.FirstVersion > after);
    }
}
