using System.CommandLine;
using Raktar.Api.Settings;
using Raktar.Application.Crates.Files;
using Raktar.Application.Crates.Views;
using Raktar.Application.Ports;
using Raktar.Application.State;
using Raktar.Storage.Aws;
using Raktar.Storage.Embedded;
using Spectre.Console;

namespace Raktar.Api.CommandLine;

/// <summary><c>raktar sweep</c>.</summary>
internal static class SweepCommand
{
    public static Command Create()
    {
        var command = new Command(
            "sweep",
            """
            Remove the crate files of versions that were deleted and cannot be restored any more.

            A registry that runs as one process does this by itself, once a day. On AWS, where functions answer, somebody with the right
            to delete crate files runs it; the registry goes on running.
            """);
        command.SetAction(Run);
        return command;
    }

    private static async Task<int> Run(ParseResult parsed, CancellationToken cancellationToken)
    {
        var options = RaktarCommand.Options(parsed);
        if (options.Storage == StorageKind.Aws)
        {
            using var storage = new AwsStorage(options.Aws, TimeProvider.System);
            return await Sweep(storage.Events, storage.Documents, storage.Blobs, cancellationToken);
        }

        if (!Directory.Exists(options.DataFolder))
        {
            throw new DirectoryNotFoundException($"{Path.GetFullPath(options.DataFolder)} holds no registry");
        }

        using var folder = EmbeddedStorage.Own(options.DataFolder);
        Terminal.Tell(folder.Notice);
        return await Sweep(folder.Events, folder.Documents, folder.Blobs, cancellationToken);
    }

    private static async Task<int> Sweep(IEventStore events, IDocumentStore documents, IBlobStore blobs, CancellationToken cancellationToken)
    {
        using var guarded = new GuardedCrates(documents, events, new Unprojected(), TimeProvider.System);
        var count = await new DeletedCrateFiles(guarded, events, blobs, TimeProvider.System).Sweep(cancellationToken);
        AnsiConsole.WriteLine($"removed the crate files of {count} deleted versions");
        return 0;
    }
}
