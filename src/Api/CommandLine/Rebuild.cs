using Raktar.Application.Crates.Search;
using Raktar.Projections;
using Raktar.Projections.Following;
using Raktar.Storage.Aws;
using Raktar.Storage.Embedded;

namespace Raktar.Api.CommandLine;

/// <summary>Makes all documents anew from the log, where they are kept.</summary>
internal static class Rebuild
{
    /// <summary>
    /// On AWS: each document in its place, while the registry may be running; see <see cref="Rebuilder.InPlace"/>. Answers how many streams there were, and how many
    /// documents were not what they should be.
    /// </summary>
    public static async Task<(int Streams, int Changed)> Run(
        AwsStorage storage, Action<int, int> progress, Action<string> impossible, CancellationToken cancellationToken)
    {
        using var projectors = new Projectors(storage.Events, storage.Documents, storage.Audit);
        var streams = await storage.Events.Streams(cancellationToken).ToListAsync(cancellationToken);
        var changed = await new Rebuilder(projectors, progress, impossible).InPlace(streams, cancellationToken);
        using var verifier = new ReadModelVerifier(storage.Events, storage.Documents, storage.Audit, (_, _) => Task.FromResult(true));
        return (streams.Count, changed + await verifier.RemoveStrange(cancellationToken));
    }

    /// <summary>
    /// Embedded: beside the old ones, put in place when they are complete; a rebuild that is interrupted has changed nothing. See <see cref="Rebuilder.Anew"/>. Answers
    /// how many streams there were.
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
            using var projectors = new Projectors(storage.Events, storage.Documents, storage.Audit);
            count = await new Rebuilder(projectors, progress, impossible)
                .Anew(storage.Feed, storage.Documents, new SetAsideStreams(storage.Aside, TimeProvider.System), cancellationToken);
            using var catalogue = new Catalogue(storage.Documents);
            await catalogue.Keep(cancellationToken);
            // The folder is still owned here, so nobody has the old documents open.
            await storage.CompleteDocuments();
            Delete(target);
            File.Move(beside, target);
        }

        return count;
    }

    private static void Delete(string database)
    {
        foreach (var file in (string[])[database, $"{database}-wal", $"{database}-shm"])
        {
            File.Delete(file);
        }
    }
}
