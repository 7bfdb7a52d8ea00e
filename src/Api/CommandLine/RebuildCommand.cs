using System.CommandLine;
using System.Diagnostics;
using Raktar.Api.Hosting;
using Spectre.Console;

namespace Raktar.Api.CommandLine;

/// <summary><c>raktar rebuild</c>.</summary>
internal static class RebuildCommand
{
    public static Command Create()
    {
        var command = new Command(
            "rebuild",
            """
            Make all read models anew from the log.

            The registry must be stopped. The result is byte for byte what it was, or what it should have been; until it is
            complete the old read models stay in place.
            """);
        command.SetAction(Run);
        return command;
    }

    private static async Task<int> Run(ParseResult parsed, CancellationToken cancellationToken)
    {
        var options = RaktarCommand.Options(parsed);
        if (!Directory.Exists(options.DataFolder))
        {
            throw new DirectoryNotFoundException($"{Path.GetFullPath(options.DataFolder)} holds no registry");
        }

        var clock = Stopwatch.StartNew();
        var streams = 0;
        await Progress.Bar().StartAsync(async context =>
        {
            var task = context.AddTask("streams");
            streams = await Rebuild.Run(
                options.DataFolder,
                (done, total) =>
                {
                    task.MaxValue = total;
                    task.Value = done;
                },
                cancellationToken);
        });
        AnsiConsole.WriteLine($"rebuilt the read models of {streams} streams in {clock.Elapsed.TotalSeconds:0.0} s");
        return 0;
    }
}

/// <summary>How progress looks.</summary>
internal static class Progress
{
    /// <summary>A bar with counts and the time left.</summary>
    public static Spectre.Console.Progress Bar() => AnsiConsole.Progress().Columns(
        new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn());
}
