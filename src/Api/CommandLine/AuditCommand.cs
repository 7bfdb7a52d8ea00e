using System.CommandLine;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Raktar.Api.Endpoints.Audits;
using Raktar.Api.Http;
using Raktar.Api.Settings;
using Raktar.Application.Audit;
using Spectre.Console;

namespace Raktar.Api.CommandLine;

/// <summary>
/// <c>raktar audit</c>: asks the running registry, page by page. Not the storage: what a person may see is decided in one place, and on AWS neither
/// credentials for the tables are needed nor is an export larger than what a function may answer.
/// </summary>
internal static class AuditCommand
{
    private const int DefaultRows = 50;

    private static readonly Option<string?> Crate = new("--crate") { Description = "Only what is about this crate" };

    private static readonly Option<string?> Actor = new("--actor") { Description = "Only what this account did" };

    private static readonly Option<int?> Token = new("--token") { Description = "Only what was done with this token of --actor" };

    private static readonly Option<string[]> Kinds = new("--kind")
    {
        Description = "Only these kinds, such as version-published",
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<string?> Since = new("--since") { Description = "From this time on, such as 2026-11-25 or 2026-11-25T16:30:00Z" };

    private static readonly Option<string?> Until = new("--until") { Description = "Before this time" };

    private static readonly Option<string?> Outcome = new("--outcome") { Description = "all, done or refused [default: all]" };

    private static readonly Option<long?> Limit = new("--limit") { Description = $"How many rows [default: {DefaultRows} in a table, else all]" };

    private static readonly Option<bool> Json = new("--json") { Description = "JSON Lines instead of a table" };

    private static readonly Option<bool> Csv = new("--csv") { Description = "CSV instead of a table" };

    public static Command Create()
    {
        var command = new Command(
            "audit",
            """
            Print who did what, when, with what, newest first; times are UTC.

            Asks the running registry, with an administrator's token: Raktar__AdminToken, or the file admin-token in the data folder.
            """)
        {
            Crate,
            Actor,
            Token,
            Kinds,
            Since,
            Until,
            Outcome,
            Limit,
            Json,
            Csv,
            AdminClient.AllowHttp,
        };
        command.SetAction(Run);
        return command;
    }

    private static async Task<int> Run(ParseResult parsed, CancellationToken cancellationToken)
    {
        var (json, csv) = (parsed.GetValue(Json), parsed.GetValue(Csv));
        if (json && csv)
        {
            throw new SettingsException("say --json or --csv, not both");
        }

        var most = parsed.GetValue(Limit) ?? (json || csv ? long.MaxValue : DefaultRows);
        return await AdminClient.Ask(
            parsed,
            async client =>
            {
                var rows = Rows(client, Filter(parsed), most, cancellationToken);
                await (json || csv ? Print(rows, csv) : Table(rows, most));
                return 0;
            },
            cancellationToken);
    }

    private static string Filter(ParseResult parsed)
    {
        (string Name, string? Value)[] given =
        [
            ("crate", parsed.GetValue(Crate)),
            ("actor", parsed.GetValue(Actor)),
            ("token", parsed.GetValue(Token)?.ToString(CultureInfo.InvariantCulture)),
            ("since", parsed.GetValue(Since)),
            ("until", parsed.GetValue(Until)),
            ("outcome", parsed.GetValue(Outcome)),
            .. (parsed.GetValue(Kinds) ?? []).Select(kind => ("kind", (string?)kind)),
        ];
        return string.Concat(given.Where(each => each.Value is not null).Select(each => $"&{each.Name}={Uri.EscapeDataString(each.Value!)}"));
    }

    private static async IAsyncEnumerable<AuditRow> Rows(
        HttpClient client, string filter, long most, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var left = most;
        for (string? next = $"api/v1/audit?limit={Math.Clamp(most, 1, GetAudit.MaxLimit).ToString(CultureInfo.InvariantCulture)}{filter}"; next is not null && left > 0;)
        {
            using var response = await client.GetAsync(next, cancellationToken);
            var page = await AdminClient.Answer(response, cancellationToken);
            foreach (var entry in page.GetProperty("entries").EnumerateArray())
            {
                if (left-- > 0)
                {
                    yield return AuditRow.Parse(Encoding.UTF8.GetBytes(entry.GetRawText()));
                }
            }

            next = page.GetProperty("next").GetString();
        }
    }

    private static async Task Print(IAsyncEnumerable<AuditRow> rows, bool csv)
    {
        await using var output = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        // Beside the output, which may go into a file.
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        var count = 0;
        await console.Status().StartAsync("asking the registry", async status =>
        {
            await output.WriteAsync(csv ? AuditFormats.CsvHeader : string.Empty);
            await foreach (var row in rows)
            {
                await output.WriteAsync(csv ? CsvLine(row) : Terminal.Json(Encoding.UTF8.GetString(AuditFormats.JsonLine(row))));
                if (++count % 1000 == 0)
                {
                    status.Status($"{count} rows, now at {Moment(row)}");
                }
            }
        });
    }

    private static async Task Table(IAsyncEnumerable<AuditRow> rows, long most)
    {
        var table = new Table().Border(TableBorder.Simple);
        foreach (var column in (string[])["when (UTC)", "kind", "about", "client", "who"])
        {
            table.AddColumn(new TableColumn(column).NoWrap());
        }

        table.AddColumn("what");
        await foreach (var row in rows)
        {
            string[] cells =
            [
                Moment(row),
                row.Refused ? $"refused {row.Status?.ToString(CultureInfo.InvariantCulture)}".TrimEnd() : row.Kind,
                string.Join(' ', new[] { row.Crate, row.Account, row.Team is { } team ? $"team:{team}" : null }.Where(about => about is not null)),
                // Cargo says its commit too.
                row.Client?.Split(' ')[0] ?? string.Empty,
                Who(row),
                row.What,
            ];
            table.AddRow(cells.Select(Terminal.Cell).ToArray());
        }

        if (Console.IsOutputRedirected)
        {
            // Nothing says how wide it may be; a line a row is what other programs can use.
            AnsiConsole.Profile.Width = 1000;
        }

        AnsiConsole.Write(table);
        if (table.Rows.Count == most)
        {
            AnsiConsole.WriteLine($"the newest {most}; --limit shows more, --json and --csv all");
        }
    }

    // The end of the line is a control, and meant.
    private static string CsvLine(AuditRow row) => VisibleText.Of(AuditFormats.CsvLine(row).TrimEnd('\r', '\n')) + "\r\n";

    private static string Moment(AuditRow row) => row.At.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    private static string Who(AuditRow row) => row switch
    {
        { Ci: { } ci } => ci,
        { Actor: null } => "unknown",
        { Token: null or 0 } => row.Actor.Text,
        _ => $"{row.Actor.Text}, token {row.Token.Value.ToString(CultureInfo.InvariantCulture)}",
    };
}
