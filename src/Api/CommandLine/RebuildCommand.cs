using System.Collections.Concurrent;
using System.CommandLine;
using System.Diagnostics;
using Raktar.Api.Settings;
using Raktar.Storage.Aws;
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

            The result is byte for byte what it was, or what it should have been. An embedded registry must be stopped; until the
            rebuild is complete the old read models stay in place. On AWS the registry goes on running, and only what differs is written.
            """);
        command.SetAction(Run);
        return command;
    }

    private static async Task<int> Run(ParseResult parsed, CancellationToken cancellationToken)
    {
        var options = RaktarCommand.Options(parsed);
        var clock = Stopwatch.StartNew();
        var impossible = new ConcurrentBag<string>();
        if (options.Storage == StorageKind.Aws)
        {
            using var storage = new AwsStorage(options.Aws, TimeProvider.System);
            var (count, changed) = await Progress.Of("streams", progress => Rebuild.Run(storage, progress, impossible.Add, cancellationToken));
            AnsiConsole.WriteLine($"rebuilt the read models of {count} streams in {clock.Elapsed.TotalSeconds:0.0} s; {changed} were not as they are now");
            return End(impossible);
        }

        if (!Directory.Exists(options.DataFolder))
        {
            throw new DirectoryNotFoundException($"{Path.GetFullPath(options.DataFolder)} holds no registry");
        }

        var streams = await Progress.Of("streams", progress => Rebuild.Run(options.DataFolder, progress, impossible.Add, cancellationToken));
        AnsiConsole.WriteLine($"rebuilt the read models of {streams} streams in {clock.Elapsed.TotalSeconds:0.0} s");
        return End(impossible);
    }

    private static int End(ConcurrentBag<string> impossible)
    {
        foreach (var sentence in impossible.Order(StringComparer.Ordinal))
        {
            AnsiConsole.WriteLine(sentence);
        }

        return impossible.IsEmpty ? 0 : RaktarCommand.Failed;
    }
}

/// <summary>How progress looks.</summary>
internal static class Progress
{
    /// <summary>A bar with counts and the time left, while work goes on that says how much is done and how much there is.</summary>
    public static Task<T> Of<T>(string what, Func<Action<int, int>, Task<T>> work, IAnsiConsole? console = null) => (console ?? AnsiConsole.Console).Progress()
        .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
        .StartAsync(async context =>
        {
            var task = context.AddTask(what);
            return await work((done, total) =>
            {
                task.MaxValue = total;
                task.Value = done;
            });
        });
}
