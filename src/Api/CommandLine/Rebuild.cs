using Raktar.Api.Background;
using Raktar.Application.Audit;
using Raktar.Application.Log;
using Raktar.Application.Ports;
using Raktar.Application.State;
using Raktar.Projections;
using Raktar.Projections.Following;
using Raktar.Storage.Aws;
using Raktar.Storage.Embedded;

namespace Raktar.Api.CommandLine;

/// <summary>Makes all documents anew from the log.</summary>
internal static class Rebuild
{
    /// <summary>
    /// On AWS: each document in its place, when it is not what it should be; the registry may be running. Answers how many streams there were, and how many
    /// documents were not what they should be. What cannot be made is left as it is, and <paramref name="impossible"/> hears of it.
    /// </summary>
    public static async Task<(int Streams, int Changed)> Run(
        AwsStorage storage, Action<int, int> progress, Action<string> impossible, CancellationToken cancellationToken)
    {
        using var projectors = new Projectors(storage.Events, storage.Documents, storage.Audit);
        var streams = await storage.Events.Streams(cancellationToken).ToListAsync(cancellationToken);
        var (done, changed) = (0, 0);
        await Parallel.ForEachAsync(streams, InParallel(cancellationToken), async (stream, stop) =>
        {
            var failed = await Each(projectors.Of(stream), async projector =>
            {
                if (await projector.Rebuild(stream, stop))
                {
                    Interlocked.Increment(ref changed);
                }
            });
            failed.ForEach(each => impossible($"{stream}: its document {each.Kind} cannot be made: {each.Problem}"));
            progress(Interlocked.Increment(ref done), streams.Count);
        });
        using var verifier = new ReadModelVerifier(storage.Events, storage.Documents, storage.Audit, (_, _) => Task.FromResult(true));
        return (streams.Count, changed + await verifier.RemoveStrange(cancellationToken));
    }

    /// <summary>
    /// Embedded: beside the old ones, put in place when they are complete; a rebuild that is interrupted has changed nothing. <paramref name="progress"/>
    /// hears (streams done, streams in all), <paramref name="impossible"/> what cannot be made, which is set aside as a running registry would. Answers how many
    /// streams there were.
    /// </summary>
    public static async Task<int> Run(string dataFolder, Action<int, int> progress, Action<string> impossible, CancellationToken cancellationToken)
    {
        var root = Path.GetFullPath(dataFolder);
        var target = Path.Combine(root, "documents.db");
        var beside = Path.Combine(root, "documents.rebuilding.db");
        Delete(beside);
        int count;
        using (var storage = EmbeddedStorage.Own(root, beside))
        {
            Terminal.Tell(storage.Notice);
            count = await Project(storage, progress, impossible, cancellationToken);
            // The folder is still owned here, so nobody has the old documents open.
            storage.CloseDocuments();
            Delete(target);
            File.Move(beside, target);
        }

        return count;
    }

    private static async Task<int> Project(EmbeddedStorage storage, Action<int, int> progress, Action<string> impossible, CancellationToken cancellationToken)
    {
        var setAside = new SetAsideStreams(storage.Aside, TimeProvider.System);
        await setAside.Load(cancellationToken);
        using var projectors = new Projectors(storage.Events, storage.Documents, storage.Audit);
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
            var failed = await Each(projectors.Of(stream), async projector =>
            {
                await projector.CatchUp(stream, stop);
                await setAside.Remove(projector.Kind, stream, stop);
            });
            foreach (var (kind, problem) in failed)
            {
                await setAside.Put(kind, stream, problem, stop);
                impossible($"{stream} is set aside: its document {kind} cannot be made: {problem}");
            }

            progress(Interlocked.Increment(ref done), streams.Count);
        });
        if (position > 0)
        {
            await storage.Documents.Put(ProjectionsService.Checkpoint, new Document(position, ReadOnlyMemory<byte>.Empty), 0, cancellationToken);
        }

        return streams.Count;
    }

    /// <summary>Runs all projections of a stream, and answers what could not be done.</summary>
    private static async Task<List<(string Kind, string Problem)>> Each(IReadOnlyList<IProjector> projectors, Func<IProjector, Task> run)
    {
        var failed = new List<(string, string)>();
        await Task.WhenAll(projectors.Select(async projector =>
        {
            try
            {
                await run(projector);
            }
            catch (Exception e) when (e is DocumentTooLargeException or CorruptCommitException)
            {
                lock (failed)
                {
                    failed.Add((projector.Kind, e.Message));
                }
            }
        }));
        return failed;
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
