using Raktar.Application.Events;
using Raktar.Application.Ports;
using Raktar.Domain;

namespace Raktar.Api.Hosting;

/// <summary>One stream, read and decoded once for all projections of it.</summary>
internal sealed class ReadStream : IEventStore
{
    private readonly List<RecordedCommit> _commits;

    private ReadStream(List<RecordedCommit> commits) => _commits = commits;

    /// <summary>Reads the whole stream.</summary>
    public static async Task<ReadStream> Of(IEventStore events, StreamName stream, CancellationToken cancellationToken)
    {
        var commits = new List<RecordedCommit>();
        await foreach (var commit in events.Read(stream, 0, cancellationToken))
        {
            commits.Add(commit);
        }

        return new(commits);
    }

    public IAsyncEnumerable<RecordedCommit> Read(StreamName stream, long afterVersion, CancellationToken cancellationToken) =>
        _commits.Where(recorded => recorded.Commit.Stream == stream && recorded.Commit.FirstVersion > afterVersion).ToAsyncEnumerable();

    public Task<RecordedCommit> Append(StreamHead head, ValueList<DomainEvent> events, Stamp stamp, CancellationToken cancellationToken) =>
        throw new NotSupportedException("a rebuild appends nothing");

    public IAsyncEnumerable<StoredCommit> ReadAll(long afterPosition, CancellationToken cancellationToken) =>
        throw new NotSupportedException("only one stream was read");
}
