using System.Diagnostics;
using System.Net;

namespace Raktar.Bench;

/// <summary>
/// One crate of very many versions, each as large as those of `swc_core`: 48 dependencies and 99 features. What a fact costs must not grow with how many came
/// before it.
/// </summary>
internal sealed class LongHistory(Settings settings, Report report)
{
    private const string Name = "long-history";
    private const string Index = "/lo/ng/long-history";

    public async Task Everything(string data)
    {
        if (Directory.Exists(data))
        {
            Directory.Delete(data, recursive: true);
        }

        await using var server = await RaktarServer.Begin(data);
        using var client = server.Client();
        // The compiler's time is not the publish's.
        for (var i = 0; i < 200; i++)
        {
            await SmallRegistry.Publish(client, Body("other", i));
        }

        var times = new List<double>();
        for (var i = 0; i < settings.HistoryVersions; i++)
        {
            times.Add(await Timed(() => SmallRegistry.Publish(client, Body(Name, i))));
        }

        const int Some = 50;
        var (first, last) = (times.Take(Some).Median(), times.TakeLast(Some).Median());
        report.Add(new($"publish, first {Text(Some)} versions of a long history", $"p50 {Report.Text(first, "0.0")} ms"));
        report.Add(new(
            $"publish, last {Text(Some)} of {Text(settings.HistoryVersions)} versions",
            $"p50 {Report.Text(last, "0.0")} ms, p95 {Report.Text(times.TakeLast(Some).Percentile(95), "0.0")} ms",
            Goal: "< 1.5 of the first",
            Reached: last < 1.5 * first));
        var random = new Random(1);
        await Measure("yank", 50, async () =>
        {
            using var yanked = await client.DeleteAsync($"/api/v1/crates/{Name}/{Version(random.Next(settings.HistoryVersions))}/yank");
            yanked.EnsureSuccessStatusCode();
        });
        await Measure("index, gzip asked for", 5, () => Get(Index, "gzip"));
        await Measure("page", 50, () => Get($"/crates/{Name}", "gzip"));
        await Measure("page of the versions", 50, () => Get($"/crates/{Name}/versions", "gzip"));
        await Measure("API", goal: null, () => Get($"/api/v1/crates/{Name}", "gzip"));
        await Measure("API, a page of the versions", 50, () => Get($"/api/v1/crates/{Name}/versions", "gzip"));
        report.AddUnder("memory after that", Machine.Memory(server.Process), "0", "MiB", 150);

        async Task Get(string path, string encoding)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.TryAddWithoutValidation("Accept-Encoding", encoding);
            request.Headers.TryAddWithoutValidation("Accept", path.StartsWith("/crates/", StringComparison.Ordinal) ? "text/html" : "*/*");
            using var answer = await client.SendAsync(request);
            if (answer.StatusCode != HttpStatusCode.OK)
            {
                throw new InvalidOperationException($"{path} answers {answer.StatusCode}");
            }
        }
    }

    private async Task Measure(string name, double? goal, Func<Task> act)
    {
        var times = new List<double>();
        for (var i = 0; i < 70; i++)
        {
            var time = await Timed(act);
            if (i >= 20)
            {
                times.Add(time);
            }
        }

        var value = times.Median();
        name = $"{name}, {Text(settings.HistoryVersions)} versions";
        report.Add(new(
            name, $"p50 {Report.Text(value, "0.0")} ms", Goal: goal is { } most ? $"< {Report.Text(most, "0")} ms" : null, Reached: goal is { } limit ? value < limit : null));
    }

    private static async Task<double> Timed(Func<Task> act)
    {
        var clock = Stopwatch.GetTimestamp();
        await act();
        return Stopwatch.GetElapsedTime(clock).TotalMilliseconds;
    }

    private static byte[] Body(string name, int number) => CrateBuilder.Body(name, Version(number), 5000, shape: Of(number));

    private static string Version(int number) => $"{Text(number / 10)}.{Text(number % 10)}.0";

    private static Shape Of(int number) => new(
        [.. Enumerable.Range(0, 48).Select(i => new ShapeDependency($"swc_part_{Text(i)}", $"^{Version(number)}", [], IsOptional: true))],
        [.. Enumerable.Range(0, 99).Select(i => ($"feature_{Text(i)}", (string[])[$"dep:swc_part_{Text(i % 48)}", $"swc_part_{Text(i * 7 % 48)}?/extra"]))]);

    private static string Text(int number) => Report.Text(number, "0");
}
