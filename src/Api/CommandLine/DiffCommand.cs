using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Raktar.Api.Bodies;
using Raktar.Api.Settings;
using Raktar.Application;
using Raktar.Application.Crates.Changes;
using Raktar.Domain.Crates;
using Raktar.Storage;
using Raktar.Storage.Aws;
using Raktar.Storage.Embedded;
using Spectre.Console;

namespace Raktar.Api.CommandLine;

/// <summary><c>raktar diff</c>.</summary>
internal static class DiffCommand
{
    private static readonly Option<string> From = new("--from")
    {
        Description = "Changes after this: 2026-11-20T09:30:00Z, or 2026-11-20, when that day began in UTC",
        Required = true,
    };

    private static readonly Option<string?> To = new("--to") { Description = "Up to and including this [default: now]" };

    private static readonly Option<string?> Crate = new("--crate") { Description = "Only of this crate [default: of all]" };

    private static readonly Option<bool> Json = new("--json") { Description = "As JSON, a change per line" };

    public static Command Create()
    {
        var command = new Command(
            "diff",
            """
            List what changed about crates between two instants, and who did it.

            Read from the log itself; the registry may be running. `/at/{time}/` serves the index as it was at either.
            """)
        {
            From,
            To,
            Crate,
            Json,
        };
        command.SetAction(Run);
        return command;
    }

    private static async Task<int> Run(ParseResult parsed, CancellationToken cancellationToken)
    {
        var options = RaktarCommand.Options(parsed);
        var now = TimeProvider.System.GetUtcNow();
        var (from, to) = (Time(parsed.GetValue(From)!, now), parsed.GetValue(To) is { } text ? Time(text, now) : now);
        CrateName? crate = null;
        if (parsed.GetValue(Crate) is { } name && !CrateName.TryParse(name, out crate, out var problem))
        {
            throw new SettingsException(problem);
        }

        using IStores stores = options.Storage == StorageKind.Aws ? new AwsStorage(options.Aws, TimeProvider.System) : EmbeddedStorage.OpenToRead(options.DataFolder);
        var diff = new LogDiff(stores.Events);
        // Progress is not what was asked for: it goes where nobody pipes it from.
        var console = AnsiConsole.Create(new() { Out = new AnsiConsoleOutput(Console.Error) });
        var changes = await Progress.Of(
            "streams", progress => diff.Between(from, to, crate, 4 * Environment.ProcessorCount, progress, cancellationToken), console);
        if (parsed.GetValue(Json))
        {
            foreach (var change in changes)
            {
                Console.Out.WriteLine(Terminal.Json(JsonSerializer.Serialize(change, ApiJson.Answers.Change)));
            }

            return 0;
        }

        var table = new Table().AddColumns("time", "crate", "who", "what");
        foreach (var change in changes)
        {
            table.AddRow(
                change.At.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture),
                Terminal.Cell(change.Crate),
                Terminal.Cell(change.Ci ?? change.Account),
                Terminal.Cell(change.What));
        }

        AnsiConsole.Write(table);
        AnsiConsole.WriteLine($"{changes.Count} changes");
        return 0;
    }

    private static DateTimeOffset Time(string text, DateTimeOffset now)
    {
        var at = Instant.Read(text, now);
        return at.Refusal is { } refusal ? throw new SettingsException(refusal.Sentence) : at.Value;
    }
}
