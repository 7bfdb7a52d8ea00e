using System.Globalization;
using System.Text.RegularExpressions;

namespace Raktar.Bench;

/// <summary>One round: requests per second, and latencies in milliseconds.</summary>
internal sealed record WrkRound(double PerSecond, double P50, double P99);

/// <summary>Debian's wrk, 64 connections.</summary>
internal static partial class Wrk
{
    public const string Cargo = "cargo/1.95.0";

    /// <summary>Asks one URL for some seconds. Anything but 2xx and 3xx fails the whole run.</summary>
    public static async Task<WrkRound> Round(string url, int seconds, params string[] headers)
    {
        string[] all = ["accept: */*", "cargo-protocol: version=1", $"user-agent: {Cargo}", .. headers];
        var printed = await Tool.Output(
            "wrk",
            ["-t2", "-c64", $"-d{seconds.ToString(CultureInfo.InvariantCulture)}s", "--latency", .. all.SelectMany(header => (string[])["-H", header]), url]);
        if (printed.Contains("Non-2xx", StringComparison.Ordinal) || printed.Contains("Socket errors", StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"{url}: {printed}");
        }

        return new(
            double.Parse(PerSecond().Match(printed).Groups["number"].ValueSpan, CultureInfo.InvariantCulture),
            Milliseconds(P50().Match(printed)),
            Milliseconds(P99().Match(printed)));
    }

    private static double Milliseconds(Match match) => double.Parse(match.Groups["number"].ValueSpan, CultureInfo.InvariantCulture) * match.Groups["unit"].Value switch
    {
        "us" => 0.001,
        "ms" => 1,
        "s" => 1000,
        _ => 60_000,
    };

    [GeneratedRegex(@"Requests/sec:\s+(?<number>[\d.]+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex PerSecond();

    [GeneratedRegex(@"50%\s+(?<number>[\d.]+)(?<unit>us|ms|s|m)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex P50();

    [GeneratedRegex(@"99%\s+(?<number>[\d.]+)(?<unit>us|ms|s|m)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex P99();
}
