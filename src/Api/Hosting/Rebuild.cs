using Raktar.Api.CommandLine;
using Raktar.Application.Events;
using Raktar.Application.Ports;
using Raktar.Projections;
using Raktar.Storage.Aws;
using Raktar.Storage.Embedded;

namespace Raktar.Api.Hosting;

/// <summary>Makes all documents anew from the log.</summary>
internal static class Rebuild
{
    /// <summary>
    /// On AWS: each document in its place, when it is not what it should be; the registry may be running. Answers how many streams there were, and how many
    /// documents were not what they should be.
    /// </summary>
    public static async Task<(int Streams, int Changed)> Run(AwsStorage storage, Action<int, int> progress, CancellationToken cancellationToken)
    {
        var streams = await storage.Events.Streams(cancellationToken).ToListAsync(cancellationToken);
        var (done, changed) = (0, 0);
        await Parallel.ForEachAsync(streams, InParallel(cancellationToken), async (stream, stop) =>
        {
            var read = await ReadStream.Of(storage.Events, stream, stop);
            var results = await Task.WhenAll(ProjectionServices.All(read, storage.Documents, storage.Audit).Select(projector => projector.Rebuild(stream, stop)));
            Interlocked.Add(ref changed, results.Count(result => result));
            progress(Interlocked.Increment(ref done), streams.Count);
        });
        var strange = await new ReadModelVerifier(storage.Events, storage.Documents, storage.Audit, (_, _) => Task.FromResult(true)).RemoveStrange(cancellationToken);
        return (streams.Count, changed + strange);
    }

    /// <summary>
    /// Embedded: beside the old ones, put in place when they are complete; a rebuild that is interrupted has changed nothing. <paramref name="progress"/>
    /// hears (streams done, streams in all). Answers how many streams there were.
    /// </summary>
    public static async Task<int> Run(string dataFolder, Action<int, int> progress, CancellationToken cancellationToken)
    {
        var root = Path.GetFullPath(dataFolder);
        var target = Path.Combine(root, "documents.db");
        var beside = Path.Combine(root, "documents.rebuilding.db");
        Delete(beside);
        int count;
        using (var storage = EmbeddedStorage.Own(root, beside))
        {
            Terminal.Tell(storage.Notice);
            count = await Project(storage, progress, cancellationToken);
            // The folder is still owned here, so nobody has the old documents open.
            storage.CloseDocuments();
            Delete(target);
            File.Move(beside, target);
        }

        return count;
    }

    private static async Task<int> Project(EmbeddedStorage storage, Action<int, int> progress, CancellationToken cancellationToken)
    {
        var streams = new HashSet<StreamName>();
        var position = 0L;
        await foreach (var moved in storage.Feed.After(0, cancellationToken))
        {
            streams.Add(moved.Stream);
            position = moved.Position;
        }

        var done = 0;
        await Parallel.ForEachAsync(streams, InParallel(cancellationToken), async (stream, stop) =>
        {
            var read = await ReadStream.Of(storage.Events, stream, stop);
            await Task.WhenAll(ProjectionServices.All(read, storage.Documents, storage.Audit).Select(projector => projector.CatchUp(stream, stop)));
            progress(Interlocked.Increment(ref done), streams.Count);
        });
        if (position > 0)
        {
            await storage.Documents.Put(ProjectionsService.Checkpoint, new Document(position, ReadOnlyMemory<byte>.Empty), 0, cancellationToken);
        }

        return streams.Count;
    }

    // More than there are cores: writes wait for each other's transaction, and share it, or for the network.
    private static ParallelOptions InParallel(CancellationToken cancellationToken) =>
        new() { MaxDegreeOfParallelism = 16 * Environment.ProcessorCount, CancellationToken = cancellationToken };

    private static void Delete(string database)
    {
        foreach (var file in (string[])[database, $"{database}-wal", $"{database}-shm"])
        {
            File.Delete(file);
        }
    }
}
