using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json;

namespace Raktar.Bench;

/// <summary>The pages for people on a large registry: how long each takes, asked for one after another over one connection, and how much is transferred.</summary>
internal sealed class WebPages(Settings settings, Report report)
{
    private const string Described = "page-bench";

    public async Task Everything(string data)
    {
        await using var server = await RaktarServer.Begin(data);
        using var client = server.Client();
        client.DefaultRequestHeaders.TryAddWithoutValidation("Accept-Encoding", "gzip, deflate, br");
        client.DefaultRequestHeaders.TryAddWithoutValidation("Accept", "text/html");
        await SmallRegistry.Publish(client, CrateBuilder.Body(Described, "1.0.0", 200_000, Readme()));
        var (busy, version, used) = await Interesting(client);
        (string Name, string Path)[] pages =
        [
            ("home", "/"),
            ("search, common word", $"/search?q={GeneratedRegistry.CommonWord}"),
            ("search, prefix", "/search?q=parser"),
            ("search as of a day", "/search?q=parser&at=2024-06-01"),
            ("crate, long README", $"/crates/{Described}"),
            ("crate, most versions", $"/crates/{busy}"),
            ("crate as of a day", $"/crates/{busy}?at=2024-06-01"),
            ("versions", $"/crates/{busy}/versions"),
            ("dependencies", $"/crates/{busy}/{version}/dependencies"),
            ("dependents", $"/crates/{used}/dependents"),
            ("features", $"/crates/{busy}/{version}/features"),
            ("history", $"/crates/{busy}/history"),
            ("files", $"/crates/{Described}/1.0.0/files"),
            ("source", $"/crates/{Described}/1.0.0/files/README.md"),
            ("me", "/me"),
            ("admin", "/admin"),
            ("accounts", "/admin/accounts"),
            ("audit", "/audit"),
        ];
        foreach (var (name, path) in pages)
        {
            // The compiler's time is not the page's.
            for (var i = 0; i < 40; i++)
            {
                await Look(client, path);
            }

            var times = new List<double>();
            var size = 0;
            for (var i = 0; i < settings.Looks; i++)
            {
                var clock = Stopwatch.StartNew();
                size = await Look(client, path);
                times.Add(clock.Elapsed.TotalMilliseconds);
            }

            report.Add(new(
                $"page: {name}",
                $"p50 {Report.Text(times.Median(), "0.0")} ms, p99 {Report.Text(times.Percentile(99), "0.0")} ms, {Report.Text(size / 1000.0, "0.0")} KB",
                Goal: "p99 < 100 ms, < 100 KB",
                Reached: times.Percentile(99) < 100 && size < 100_000));
        }

        report.Add(new("memory after the pages", $"{Report.Text(Machine.Memory(server.Process), "0")} MiB"));
    }

    private static async Task<int> Look(HttpClient client, string path)
    {
        using var answer = await client.GetAsync(new Uri(path, UriKind.Relative));
        if (answer.StatusCode != HttpStatusCode.OK)
        {
            throw new InvalidOperationException($"{path} answered {answer.StatusCode}");
        }

        return (await answer.Content.ReadAsByteArrayAsync()).Length;
    }

    /// <summary>Of some crates the one with the most versions, one of these, and the one with the most dependents.</summary>
    private static async Task<(string Busy, string Version, string Used)> Interesting(HttpClient client)
    {
        var (busy, version, most, used, users) = ("", "", 0, "", -1);
        for (var i = 0; i < 200; i++)
        {
            var name = GeneratedRegistry.Name(i * 7);
            var versions = (await Json($"/api/v1/crates/{name}/versions")).GetProperty("versions");
            if (versions.GetArrayLength() > most)
            {
                (busy, version, most) = (name, versions[0].GetProperty("num").GetString()!, versions.GetArrayLength());
            }

            var dependents = (await Json($"/api/v1/crates/{name}/reverse_dependencies?per_page=1")).GetProperty("meta").GetProperty("total").GetInt32();
            if (dependents > users)
            {
                (used, users) = (name, dependents);
            }
        }

        return (busy, version, used);

        async Task<JsonElement> Json(string path)
        {
            var body = await client.GetByteArrayAsync(new Uri(path, UriKind.Relative));
            return JsonSerializer.Deserialize<JsonElement>(body);
        }
    }

    /// <summary>About 100 KB of everything that READMEs have.</summary>
    private static string Readme()
    {
        var text = new StringBuilder($"# {Described}\n\n");
        for (var i = 0; text.Length < 100_000; i++)
        {
            var number = SmallRegistry.Text(i);
            text.Append($"## Part {number}\n\nSome *words* about **part {number}**, with [a link](https://example.org/{number}) and `code`.\n\n")
                .Append($"```rust\nfn part_{number}() -> Result<u32, Error> {{\n    Ok({number})\n}}\n```\n\n| a | b |\n|---|---|\n| {number} | more |\n\n- one\n- two\n  - three\n\n");
        }

        return text.ToString();
    }
}
