using System.CommandLine;
using Raktar.Api.Hosting;
using Raktar.Application.Events;
using Raktar.Storage.Aws;
using Raktar.Storage.Embedded;
using Spectre.Console;

namespace Raktar.Api.CommandLine;

/// <summary><c>raktar verify</c>.</summary>
internal static class VerifyCommand
{
    private const int MaxShown = 100;

    public static Command Create()
    {
        var command = new Command(
            "verify",
            """
            Check the hash chain of every stream, and every blob against the log.

            The registry may be running. Exits with 1 and a table of what is wrong when something is.
            """);
        command.SetAction(Run);
        return command;
    }

    private static async Task<int> Run(ParseResult parsed, CancellationToken cancellationToken)
    {
        var options = RaktarCommand.Options(parsed);
        using var aws = options.Storage == StorageKind.Aws ? new AwsStorage(options.Aws, TimeProvider.System) : null;
        using var folder = aws is null ? EmbeddedStorage.OpenToRead(options.DataFolder) : null;
        var verifier = new LogVerifier(aws?.Events ?? folder!.Events, aws?.Blobs ?? folder!.Blobs, TimeProvider.System);
        var problems = new List<Finding>();
        var looked = 0;
        await AnsiConsole.Status().StartAsync("reading the log", async status =>
        {
            await foreach (var finding in verifier.Verify(4 * Environment.ProcessorCount, cancellationToken))
            {
                if (++looked % 1000 == 0)
                {
                    status.Status($"{looked} commits and blobs checked");
                }

                if (finding.Problem is not null)
                {
                    problems.Add(finding);
                }
            }
        });
        if (problems.Count == 0)
        {
            AnsiConsole.WriteLine($"{looked} commits and blobs checked: all as they were written");
            return 0;
        }

        var table = new Table().AddColumns("where", "what is wrong");
        foreach (var (subject, problem) in problems.Take(MaxShown))
        {
            table.AddRow(Markup.Escape(subject), Markup.Escape(problem!));
        }

        AnsiConsole.Write(table);
        AnsiConsole.WriteLine($"{looked} commits and blobs checked: {problems.Count} are wrong");
        return RaktarCommand.Failed;
    }
}
