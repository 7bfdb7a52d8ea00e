using Raktar.Application.Events;
using Raktar.Application.Ports;

namespace Raktar.Projections;

/// <summary>One stream, read and decoded once for all projections of it; who asks for what comes after that is answered by the log.</summary>
public sealed class ReadStream : IStreamReader
{
    private readonly IStreamReader _events;
    private readonly List<RecordedCommit> _commits;

    private ReadStream(IStreamReader events, List<RecordedCommit> commits) => (_events, _commits) = (events, commits);

    /// <summary>Reads the whole stream.</summary>
    public static async Task<ReadStream> Of(IStreamReader events, StreamName stream, CancellationToken cancellationToken)
    {
        var commits = new List<RecordedCommit>();
        await foreach (var commit in events.Read(stream, 0, cancellationToken))
        {
            commits.Add(commit);
        }

        return new(events, commits);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<RecordedCommit> Read(StreamName stream, long afterVersion, CancellationToken cancellationToken) =>
        _commits.Count > 0 && afterVersion >= _commits[^1].Commit.LastVersion
            ? _events.Read(stream, afterVersion, cancellationToken)
            : _commits.Where(recorded => recorded.Commit.Stream == stream && recorded.Commit.FirstVersion > afterVersion).ToAsyncEnumerable();
}
