using System.Globalization;
using System.Text;
using Spectre.Console;

namespace Raktar.Bench;

/// <summary>One line of the table; cells that do not apply are null.</summary>
internal sealed record Measure(string Name, string Raktar, string? Nginx = null, double? Ratio = null, string? Goal = null, bool? Reached = null);

/// <summary>Collects measures, prints them as they come and all together, and writes them as Markdown.</summary>
internal sealed class Report
{
    private readonly List<Measure> _measures = [];
    private readonly List<Measure> _aws = [];
    private List<Measure>? _section;

    /// <summary>From now on measures are of the AWS edition.</summary>
    public void OfAws() => _section = _aws;

    public void Add(Measure measure)
    {
        (_section ?? _measures).Add(measure);
        Console.WriteLine($"  {string.Join(" | ", Cells(measure).Where(cell => cell.Length > 0))}");
    }

    /// <summary>A measure with a goal to stay under, if there is one.</summary>
    public void AddUnder(string name, double value, string format, string unit, double? goal) =>
        Add(new(name, $"{Text(value, format)} {unit}", Goal: goal is { } most ? $"< {most.ToString(CultureInfo.InvariantCulture)} {unit}" : null, Reached: goal is null ? null : value < goal));

    public void Print()
    {
        AnsiConsole.Profile.Width = Math.Max(AnsiConsole.Profile.Width, 180);
        var table = new Table().AddColumns("measure", "Raktar", "nginx", "ratio", "goal", "reached");
        _measures.Concat(_aws).ToList().ForEach(measure => table.AddRow(Cells(measure).Select(Markup.Escape).ToArray()));
        AnsiConsole.Write(table);
    }

    public string Markdown(string machine, string date)
    {
        var text = new StringBuilder();
        text.Append("# Benchmarks\n\n");
        text.Append(CultureInfo.InvariantCulture, $"Taken on {date}.\n\n{machine}\n");
        text.Append("| measure | Raktar | nginx | ratio | goal | reached |\n|---|---|---|---|---|---|\n");
        _measures.ForEach(measure => text.Append(CultureInfo.InvariantCulture, $"| {string.Join(" | ", Cells(measure))} |\n"));
        if (_aws.Count > 0)
        {
            text.Append("\n## The AWS edition\n\n").Append(AwsMarkdown());
        }

        text.Append(
            """

            ## How it is measured

            `bench/run` does it all: it installs nginx and wrk with apt-get where they are missing, builds, measures, and writes this
            file. `bench/run --quick` takes two minutes and only prints; `bench/run --only index,download` measures some parts.

            - Client, Raktar and nginx share one machine, over loopback. HTTP measures are wrk's, 64 connections on 2 threads, with the
              headers that cargo sends; Raktar gets a token and checks it on every request, nginx has none to check. Rounds alternate
              between the two; a number is the median of its rounds, a ratio the median of the rounds' ratios.
            - nginx serves the same bytes from files: the index file with its gzipped form beside it (`gzip_static`), and Raktar's own blobs;
              `sendfile`, `tcp_nopush`, `open_file_cache`, no access log, one worker per core.
            - A publish is durable when it is answered: the crate file and the log are flushed to disk. Crate files are about 20 KB.
              "Visible" is when a GET of the index file, sent after the answer, has shown the version.
            - Start is from the start of the process to the first 200 of `/health`, asked every few milliseconds.
            - Memory is the resident set. Idle is some seconds after a start with nothing asked; under load is the highest while the HTTP
              measures ran.
            - The generated registry is written into the log by a generator, with the project's own event types; its blobs do not exist.
              Searches are sent one after another over one connection.
            - Pages are asked for with an administrator's token, as browsers ask for them (gzip), one after another over one connection, after 40 that do not count.
            - Pages of the audit have 100 rows of 500,000, from the newest on or from a random moment of three years; the use case, its store and the JSON of
              the rows, without HTTP. The rows are put straight into the store: 20,000 crates, one with a tenth of them, an account with half of them, and
              5,000 refused attempts. DynamoDB Local stands in the place of DynamoDB: it shares the machine and has no network, and its numbers say that the
              queries read what they need, not how long DynamoDB takes.
            - The AWS edition runs as its template says, on DynamoDB Local and a local S3 server; what it calls there is counted, and read and write units
              follow from the bytes. Costs are modelled from these and the list prices of us-east-1, November 2026: HTTP API $1.00, Lambda $0.20 and $13.33
              per million GB-seconds at 1024 MB on arm64, DynamoDB $0.125 and $0.625 per million read and write units, S3 $0.40 and $5.00 per million
              reads and writes, EventBridge $1.00, Pipes $0.40 per million. Assumed: 10 ms of Lambda for a read, 500 ms for a publish, which waits until
              it is visible, 50 ms for a projection. Storage and what leaves the region are apart. Its start has no Lambda around it: the runtime's own
              part, unpacking and placing, comes on top.

            """);
        return text.ToString();
    }

    /// <summary>The table of the AWS edition alone.</summary>
    public string AwsMarkdown()
    {
        var text = new StringBuilder("| measure | Raktar | goal | reached |\n|---|---|---|---|\n");
        _aws.ForEach(measure => text.Append(CultureInfo.InvariantCulture, $"| {string.Join(" | ", Cells(measure).Where((_, i) => i is not (2 or 3)))} |\n"));
        return text.ToString();
    }

    public static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    private static string[] Cells(Measure m) =>
        [m.Name, m.Raktar, m.Nginx ?? "", m.Ratio is { } ratio ? Text(ratio, "0.00") : "", m.Goal ?? "", m.Reached is { } reached ? reached ? "yes" : "no" : ""];
}

internal static class Numbers
{
    public static double Median(this IEnumerable<double> values) => values.Percentile(50);

    public static double Percentile(this IEnumerable<double> values, double percent)
    {
        var sorted = values.Order().ToList();
        return sorted[Math.Clamp((int)Math.Ceiling(percent / 100 * sorted.Count) - 1, 0, sorted.Count - 1)];
    }
}
