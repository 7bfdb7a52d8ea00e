using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Raktar.Bench;

/// <summary>Everything that is measured, in order.</summary>
internal sealed class Run(Settings settings, Report report, HashSet<string> parts)
{
    private static readonly string[] GeneratedTexts = [GeneratedRegistry.Name(4711), "parser", GeneratedRegistry.CommonWord, "nosuchcrate"];

    private readonly string _work = Path.GetFullPath("artifacts/bench/work");

    public async Task Everything(CancellationToken cancellationToken)
    {
        if (parts.Overlaps([Parts.Start, Parts.Index, Parts.Download, Parts.Publish, Parts.Search, Parts.Rebuild]))
        {
            await Small();
        }

        cancellationToken.ThrowIfCancellationRequested();
        if (parts.Contains(Parts.LongHistory))
        {
            Say("a crate with a long history");
            await new LongHistory(settings, report).Everything(Path.Combine(_work, "long-history"));
        }

        cancellationToken.ThrowIfCancellationRequested();
        if (parts.Overlaps([Parts.GeneratedRebuild, Parts.GeneratedStart, Parts.GeneratedSearch, Parts.Pages]))
        {
            await Generated();
        }

        cancellationToken.ThrowIfCancellationRequested();
        if (parts.Overlaps([Parts.LargeRebuild, Parts.Large]))
        {
            await Large();
        }

        cancellationToken.ThrowIfCancellationRequested();
        var audit = new AuditPages(settings, report, Path.Combine(_work, "audit"));
        if (parts.Contains(Parts.Audit))
        {
            Say("pages of the audit");
            await audit.Embedded();
        }

        cancellationToken.ThrowIfCancellationRequested();
        if (parts.Contains(Parts.Aws))
        {
            Say("the AWS edition");
            await new AwsEdition(settings, report, Path.Combine(_work, "aws")).Everything();
        }

        if (parts.Contains(Parts.AwsAudit))
        {
            Say("pages of the audit, AWS edition");
            report.OfAws();
            await audit.Aws();
        }
    }

    private async Task Small()
    {
        var data = Path.Combine(_work, "small");
        if (Directory.Exists(data))
        {
            Directory.Delete(data, recursive: true);
        }

        Say($"filling a registry with {SmallRegistry.Text(settings.Crates)} crates");
        await using (var server = await RaktarServer.Begin(data))
        {
            using var client = server.Client();
            await SmallRegistry.Fill(client, settings.Crates);
        }

        if (parts.Contains(Parts.Start))
        {
            await Starts(data, "small registry");
        }

        if (parts.Overlaps([Parts.Index, Parts.Download]))
        {
            await Serving(data);
        }

        if (parts.Contains(Parts.Publish))
        {
            await Publishing(data);
        }

        if (parts.Contains(Parts.Search))
        {
            await Searches(data, "small registry", ["crate-7", "crate", "measuring", "nosuchcrate"], "benchmark", each: false);
        }

        if (parts.Contains(Parts.Rebuild))
        {
            await Rebuild(data, "small registry", versions: null);
        }
    }

    private async Task Generated()
    {
        var data = await Make("generated registry", settings.GeneratedCrates, settings.GeneratedVersions, parts.Contains(Parts.GeneratedRebuild));
        if (parts.Contains(Parts.GeneratedStart))
        {
            await Starts(data, "generated registry");
        }

        if (parts.Contains(Parts.GeneratedSearch))
        {
            await Searches(data, "generated registry", GeneratedTexts, "crypto", each: true);
        }

        if (parts.Contains(Parts.Pages))
        {
            Say("pages, generated registry");
            await new WebPages(settings, report).Everything(data);
        }
    }

    private async Task Large()
    {
        var data = await Make("large registry", settings.LargeCrates, settings.LargeVersions, parts.Contains(Parts.LargeRebuild));
        if (parts.Contains(Parts.Large))
        {
            await Starts(data, "large registry");
            await Searches(data, "large registry", GeneratedTexts, "crypto", each: true, isLarge: true);
        }
    }

    /// <summary>Generates a registry where there is none of this size, and rebuilds it; answers its folder.</summary>
    private async Task<string> Make(string registry, int crates, int versions, bool isRebuilt)
    {
        var data = Path.Combine(_work, $"generated-{SmallRegistry.Text(crates)}");
        Say($"generating {SmallRegistry.Text(crates)} crates with {SmallRegistry.Text(versions)} versions");
        var isNew = await new GeneratedRegistry(crates, versions).Make(data);
        // Also for the parts that only read: a generated registry has a log and nothing else.
        if (isRebuilt || isNew)
        {
            await Rebuild(data, registry, versions);
        }

        return data;
    }

    private async Task Starts(string data, string registry)
    {
        Say($"starting, {registry}");
        var times = new List<double>();
        for (var i = 0; i < settings.Starts; i++)
        {
            await using var server = await RaktarServer.Begin(data);
            times.Add(server.Start.TotalMilliseconds);
            if (i == settings.Starts - 1)
            {
                await Task.Delay(TimeSpan.FromSeconds(settings.IdleSeconds));
                report.AddUnder($"start to first answer, {registry}", times.Median(), "0", "ms", 1000);
                report.AddUnder($"memory idle after start, {registry}", Machine.Memory(server.Process), "0", "MiB", 120);
            }
        }
    }

    private async Task Serving(string data)
    {
        await using var raktar = await RaktarServer.Begin(data);
        await using var nginx = await NginxServer.Begin(_work, data);
        using var client = raktar.Client();
        var (plain, gzip) = await SmallRegistry.CopyIndex(client, nginx.Files);
        var token = $"authorization: {raktar.Token}";
        using var loaded = new CancellationTokenSource();
        var watched = Machine.Watch(raktar.Process, loaded.Token);
        Say("warming up");
        await Wrk.Round(raktar.Url + SmallRegistry.IndexPath, settings.WarmUpSeconds, token);
        if (parts.Contains(Parts.Index))
        {
            var size = new FileInfo(Path.Combine(nginx.Files, SmallRegistry.IndexPath[1..])).Length;
            var nginxPlain = await SmallRegistry.ETag(client, nginx.Url);
            await Compare($"index 200, {Report.Text(size / 1000.0, "0.0")} KB", SmallRegistry.IndexPath, 0.6);
            await Compare("index 200, gzip asked for", SmallRegistry.IndexPath, 0.6, "accept-encoding: gzip");
            await Compare("index 304", SmallRegistry.IndexPath, 0.6, "if-none-match: {etag}", raktarTag: plain, nginxTag: nginxPlain);
            await Compare("index 304, gzip asked for", SmallRegistry.IndexPath, 0.6, "accept-encoding: gzip", "if-none-match: {etag}", gzip, nginxPlain);
        }

        if (parts.Contains(Parts.Download))
        {
            await Compare("download 50 KB", await SmallRegistry.DownloadPath(client, "/ki/lo/kilobytes"), null);
            await Compare("download 5 MB", await SmallRegistry.DownloadPath(client, "/me/ga/megabytes"), 0.8);
        }

        await loaded.CancelAsync();
        report.Add(new("memory under load, highest", $"{Report.Text((await watched).Memory, "0")} MiB"));
        await Task.Delay(TimeSpan.FromSeconds(settings.IdleSeconds));
        report.Add(new("memory idle after load", $"{Report.Text(Machine.Memory(raktar.Process), "0")} MiB"));

        async Task Compare(string name, string path, double? goal, string? header = null, string? header2 = null, string raktarTag = "", string nginxTag = "")
        {
            var rounds = new List<(WrkRound Raktar, WrkRound Nginx)>();
            for (var i = 0; i < settings.Rounds; i++)
            {
                var first = await Wrk.Round(raktar.Url + path, settings.RoundSeconds, [token, .. Headers(raktarTag)]);
                rounds.Add((first, await Wrk.Round(nginx.Url + path, settings.RoundSeconds, [.. Headers(nginxTag)])));
            }

            var ratio = rounds.Select(round => round.Raktar.PerSecond / round.Nginx.PerSecond).Median();
            report.Add(new(
                name,
                Cell([.. rounds.Select(round => round.Raktar)]),
                Cell([.. rounds.Select(round => round.Nginx)]),
                ratio,
                goal is { } least ? $">= {Report.Text(least, "0.0")}" : null,
                goal is null ? null : ratio >= goal));

            IEnumerable<string> Headers(string tag) =>
                new[] { header, header2 }.OfType<string>().Select(text => text.Replace("{etag}", tag, StringComparison.Ordinal));
        }

        static string Cell(List<WrkRound> rounds) => string.Create(
            CultureInfo.InvariantCulture,
            $"{rounds.Select(r => r.PerSecond).Median():0} /s, p50 {rounds.Select(r => r.P50).Median():0.00} ms, p99 {rounds.Select(r => r.P99).Median():0.0} ms");
    }

    private async Task Publishing(string data)
    {
        await using var server = await RaktarServer.Begin(data);
        using var client = server.Client();
        Say("publishing");
        // Once unmeasured: the first ones wait for the compiler.
        await Publish(client, "warm", 4, settings.Publishes, look: false);
        var one = await Publish(client, "one", 1, settings.Publishes, look: false);
        report.Add(new("publish, 1 writer", $"{Report.Text(one.PerSecond, "0")} /s, p50 {Report.Text(one.Answered.Median(), "0.0")} ms"));
        var sixteen = await Publish(client, "sixteen", 16, settings.Publishes * 8, look: false);
        report.Add(new(
            "publish, 16 writers",
            $"{Report.Text(sixteen.PerSecond, "0")} /s, p50 {Report.Text(sixteen.Answered.Median(), "0.0")} ms",
            Goal: ">= 100 /s",
            Reached: sixteen.PerSecond >= 100));
        Visible("1 writer", await Publish(client, "seen", 1, settings.Publishes, look: true));
        Visible("16 writers", await Publish(client, "seens", 16, settings.Publishes * 8, look: true));

        void Visible(string who, Published published)
        {
            // Sixteen writers wait for each other: what they wait is in the publishes per second.
            Add("request sent to visible", published.SentToVisible, withGoal: string.Equals(who, "1 writer", StringComparison.Ordinal));
            Add("answered to visible", published.AnsweredToVisible, withGoal: true);

            void Add(string what, IReadOnlyCollection<double> times, bool withGoal) => report.Add(new(
                $"{what}, {who}",
                $"p50 {Report.Text(times.Median(), "0.0")} ms, p99 {Report.Text(times.Percentile(99), "0.0")} ms",
                Goal: withGoal ? "p99 < 50 ms" : null,
                Reached: withGoal ? times.Percentile(99) < 50 : null));
        }
    }

    private sealed record Published(double PerSecond, IReadOnlyCollection<double> Answered, IReadOnlyCollection<double> SentToVisible, IReadOnlyCollection<double> AnsweredToVisible);

    private static async Task<Published> Publish(HttpClient client, string prefix, int writers, int count, bool look)
    {
        // Each writer has crates of its own, ten versions each. Made beforehand: making them takes longer than publishing them.
        var bodies = Enumerable.Range(0, writers)
            .Select(writer => Enumerable.Range(0, count / writers)
                .Select(i => (Name: $"{prefix}-{SmallRegistry.Text(writer)}-{SmallRegistry.Text(i / 10)}", Version: SmallRegistry.Version(i % 10)))
                .Select(crate => (crate.Name, crate.Version, Body: CrateBuilder.Body(crate.Name, crate.Version, 20_000)))
                .ToList())
            .ToList();
        var (answered, sentToVisible, answeredToVisible) = (new ConcurrentBag<double>(), new ConcurrentBag<double>(), new ConcurrentBag<double>());
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(bodies.Select(async own =>
        {
            foreach (var (name, version, body) in own)
            {
                var sent = clock.Elapsed;
                await SmallRegistry.Publish(client, body);
                var done = clock.Elapsed;
                answered.Add((done - sent).TotalMilliseconds);
                if (look)
                {
                    var path = new Uri($"/{name[..2]}/{name[2..4]}/{name}", UriKind.Relative);
                    while (!(await client.GetStringAsync(path)).Contains($"\"vers\":\"{version}\"", StringComparison.Ordinal))
                    {
                        // Not yet.
                    }

                    var seen = clock.Elapsed;
                    sentToVisible.Add((seen - sent).TotalMilliseconds);
                    answeredToVisible.Add((seen - done).TotalMilliseconds);
                }
            }
        }));
        return new(answered.Count / clock.Elapsed.TotalSeconds, answered, sentToVisible, answeredToVisible);
    }

    private async Task Searches(string data, string registry, string[] texts, string keyword, bool each, bool isLarge = false)
    {
        Say($"searching, {registry}");
        await using var server = await RaktarServer.Begin(data);
        using var client = server.Client();
        string[] queries = [.. texts.Select(text => $"q={text}"), $"keyword={keyword}"];
        var first = await Ask($"{queries[0]}&per_page=10");
        report.AddUnder($"first search after start, {registry}", first, "0", "ms", isLarge ? 100 : null);
        for (var i = 0; i < 50; i++)
        {
            foreach (var query in queries)
            {
                await Ask($"{query}&per_page=100");
            }
        }

        var names = (string[])["exact name", "prefix", "common word", "nothing found", "keyword"];
        var times = queries.SelectMany(query => (int[])[10, 100], (query, perPage) => (Query: query, PerPage: perPage, Times: new List<double>())).ToList();
        for (var i = 0; i < settings.Searches; i++)
        {
            foreach (var (query, perPage, list) in times)
            {
                list.Add(await Ask($"{query}&per_page={SmallRegistry.Text(perPage)}"));
            }
        }

        if (each)
        {
            for (var i = 0; i < times.Count; i++)
            {
                report.Add(new($"search, {names[i / 2]}, {SmallRegistry.Text(times[i].PerPage)} per page", Cell(times[i].Times)));
            }
        }

        var all = times.SelectMany(kind => kind.Times).ToList();
        AddSearches("all of them", all);
        if (isLarge)
        {
            // What most of all match is the slowest by itself.
            AddSearches("common word", [.. times[4].Times, .. times[5].Times]);
            await Lists();
        }

        report.AddUnder($"memory after searches, {registry}", Machine.Memory(server.Process), "0", "MiB", isLarge ? 400 : null);

        void AddSearches(string what, List<double> list)
        {
            var most = isLarge ? 10 : 20;
            report.Add(new($"search, {what}, {registry}", Cell(list), Goal: $"p99 < {SmallRegistry.Text(most)} ms", Reached: list.Percentile(99) < most));
        }

        async Task Lists()
        {
            (string Name, string Path)[] lists =
            [
                ("front page", "/"),
                ("page of a keyword", $"/search?keyword={keyword}"),
                ("page of a search, common word", $"/search?q={GeneratedRegistry.CommonWord}"),
                ("my crates", "/me"),
                ("dependents", $"/crates/{texts[0]}/dependents"),
                ("summary", "/api/v1/summary"),
                ("keywords", "/api/v1/keywords"),
                ("by name", "/api/v1/crates?sort=alpha"),
                ("by name, far back", "/api/v1/crates?sort=alpha&page=200&per_page=100"),
                ("newest", "/api/v1/crates?sort=new"),
                ("recently changed, of a letter", "/api/v1/crates?sort=recent-updates&letter=p"),
            ];
            foreach (var (name, path) in lists)
            {
                var list = new List<double>();
                for (var i = 0; i < 40 + settings.Looks; i++)
                {
                    var clock = Stopwatch.StartNew();
                    await Get(path);
                    list.Add(clock.Elapsed.TotalMilliseconds);
                }

                list = list[40..];
                report.Add(new($"list, {name}, {registry}", Cell(list), Goal: "p99 < 50 ms", Reached: list.Percentile(99) < 50));
            }
        }

        static string Cell(List<double> list) => $"p50 {Report.Text(list.Median(), "0.0")} ms, p99 {Report.Text(list.Percentile(99), "0.0")} ms";

        async Task<double> Ask(string query)
        {
            var clock = Stopwatch.StartNew();
            await Get($"/api/v1/crates?{query}");
            return clock.Elapsed.TotalMilliseconds;
        }

        async Task Get(string path)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
            request.Headers.TryAddWithoutValidation("Accept", path.StartsWith("/api/", StringComparison.Ordinal) ? "*/*" : "text/html");
            using var answer = await client.SendAsync(request);
            answer.EnsureSuccessStatusCode();
            await answer.Content.ReadAsByteArrayAsync();
        }
    }

    private async Task Rebuild(string data, string registry, int? versions)
    {
        Say($"rebuilding, {registry}");
        var clock = Stopwatch.StartNew();
        using var process = Process.Start(new ProcessStartInfo("dotnet", [RaktarServer.Program, "rebuild", "--data", data]) { UseShellExecute = false, RedirectStandardOutput = true })!;
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        using var ended = new CancellationTokenSource();
        var watched = Machine.Watch(process, ended.Token);
        await process.WaitForExitAsync();
        var seconds = clock.Elapsed.TotalSeconds;
        await ended.CancelAsync();
        var (memory, processor) = await watched;
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException("the rebuild failed");
        }

        report.AddUnder($"rebuild, {registry}", seconds, "0.0", "s", 300);
        if (versions is { } count)
        {
            report.Add(new($"rebuild, versions per second, {registry}", $"{Report.Text(count / seconds, "0")} /s"));
            report.Add(new($"rebuild, processor time, {registry}", $"{Report.Text(processor.TotalSeconds, "0.0")} s"));
        }

        report.Add(new($"memory of the rebuild, highest, {registry}", $"{Report.Text(memory, "0")} MiB"));
    }

    private static void Say(string what) => Console.WriteLine(what);
}
