using Raktar.Application.Events;
using Raktar.Application.Ports;
using Raktar.Projections;
using Raktar.Storage.Embedded;

namespace Raktar.Api.Hosting;

/// <summary>
/// Makes all documents of a data folder anew from the log, beside the old ones, and puts them in place when they are complete: a rebuild that is
/// interrupted has changed nothing.
/// </summary>
internal static class Rebuild
{
    /// <summary>Rebuilds; <paramref name="progress"/> hears (streams done, streams in all). Answers how many streams there were.</summary>
    public static async Task<int> Run(string dataFolder, Action<int, int> progress, CancellationToken cancellationToken)
    {
        var root = Path.GetFullPath(dataFolder);
        var target = Path.Combine(root, "documents.db");
        var beside = Path.Combine(root, "documents.rebuilding.db");
        Delete(beside);
        int count;
        using (var storage = EmbeddedStorage.Own(root, beside))
        {
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
        await foreach (var commit in storage.Events.ReadAll(0, cancellationToken))
        {
            streams.Add(commit.Stream);
            position = commit.Position;
        }

        var done = 0;
        // More than there are cores: writes wait for each other's transaction, and share it.
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = 16 * Environment.ProcessorCount, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(streams, parallel, async (stream, stop) =>
        {
            var read = await ReadStream.Of(storage.Events, stream, stop);
            await Task.WhenAll(ProjectionServices.All(read, storage.Documents).Select(projector => projector.CatchUp(stream, stop)));
            progress(Interlocked.Increment(ref done), streams.Count);
        });
        if (position > 0)
        {
            await storage.Documents.Put(ProjectionsService.Checkpoint, new Document(position, ReadOnlyMemory<byte>.Empty), 0, cancellationToken);
        }

        return streams.Count;
    }

    private static void Delete(string database)
    {
        foreach (var file in (string[])[database, $"{database}-wal", $"{database}-shm"])
        {
            File.Delete(file);
        }
    }
}
