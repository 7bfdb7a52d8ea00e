using System.CommandLine;
using Raktar.Bench;

var quick = new Option<bool>("--quick") { Description = "Short rounds and small registries; nothing is written" };
var only = new Option<string?>("--only") { Description = $"Some parts, separated by commas; nothing is written: {string.Join(", ", Parts.All)}" };
var crates = new Option<int?>("--crates") { Description = "Crates of the large registry" };
var versions = new Option<int?>("--versions") { Description = "Versions of the large registry" };
var date = new Option<string?>("--date") { Description = "The date to write into the report [default: today]" };
var root = new RootCommand("Measures Raktar beside nginx on the same files; see docs/benchmarks.md.") { quick, only, crates, versions, date };
root.SetAction(async (parsed, cancellationToken) =>
{
    var parts = parsed.GetValue(only)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? Parts.All;
    if (parts.Except(Parts.All, StringComparer.Ordinal).FirstOrDefault() is { } unknown)
    {
        Console.Error.WriteLine($"there is no part `{unknown}`: {string.Join(", ", Parts.All)}");
        return 2;
    }

    var settings = parsed.GetValue(quick) ? Settings.Quick : Settings.Full;
    settings = settings with { LargeCrates = parsed.GetValue(crates) ?? settings.LargeCrates, LargeVersions = parsed.GetValue(versions) ?? settings.LargeVersions };
    var report = new Report();
    await new Run(settings, report, parts.ToHashSet(StringComparer.Ordinal)).Everything(cancellationToken);
    report.Print();
    if (parsed.GetValue(only) is null && !parsed.GetValue(quick))
    {
        var today = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
        var file = Path.GetFullPath("docs/benchmarks.md");
        await File.WriteAllTextAsync(file, report.Markdown(await Machine.Describe(), parsed.GetValue(date) ?? today), cancellationToken);
        Console.WriteLine($"written to {file}");
    }

    return 0;
});
return await root.Parse(args).InvokeAsync();
