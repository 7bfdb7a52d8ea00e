using System.CommandLine;
using Raktar.Api.Settings;
using Raktar.Application.Crates.Files;
using Raktar.Application.Crates.Views;
using Raktar.Application.Ports;
using Raktar.Application.State;
using Raktar.Storage;
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
        using var stores = Open(options);
        using var guarded = new GuardedCrates(stores.Documents, stores.Events, new Unprojected(), TimeProvider.System);
        var count = await new DeletedCrateFiles(guarded, stores.Events, stores.Blobs, TimeProvider.System).Sweep(cancellationToken);
        AnsiConsole.WriteLine($"removed the crate files of {count} deleted versions");
        return 0;
    }

    private static IStores Open(RaktarOptions options)
    {
        if (options.Storage == StorageKind.Aws)
        {
            return new AwsStorage(options.Aws, TimeProvider.System);
        }

        if (!Directory.Exists(options.DataFolder))
        {
            throw new DirectoryNotFoundException($"{Path.GetFullPath(options.DataFolder)} holds no registry");
        }

        var folder = EmbeddedStorage.Own(options.DataFolder);
        Terminal.Tell(folder.Notice);
        return folder;
    }
}
