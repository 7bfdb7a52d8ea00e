using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using AngleSharp.Dom;
using Raktar.Testing;

namespace Raktar.Api.Specs.Web;

/// <summary>What people see of a crate.</summary>
public sealed class ShowingCrates(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private readonly Server _server = fixture.Server;

    [Fact]
    public async Task A_crates_page_says_what_it_is()
    {
        await Publish(RawCrate.Of(
            "whole",
            "1.2.3",
            description: "Does <it> all",
            license: "\"MIT OR Apache-2.0\"",
            package: """
                homepage = "https://whole.example/a?b&c"
                repository = "https://git.example/whole"
                documentation = "http://docs.example/whole"
                keywords = ["all", "c++"]
                categories = ["web-programming::http-client"]
                rust-version = "1.70"
                readme = "README.md"
                """,
            files: new Dictionary<string, byte[]> { ["README.md"] = "# Whole\n\nSee [the source](src/lib.rs) and [nothing](gone.rs).\n\n![logo](https://img.example/l.png)\n"u8.ToArray() }), rust: "1.70");
        var page = await _server.Admin.Page("crates/whole");
        Assert.Equal("Raktar", page.Title!.Split(" - ")[1]);
        Assert.Equal("whole 1.2.3", page.Text("h1"));
        Assert.Equal("Does <it> all", page.Text(".lead"));
        Assert.Equal("cargo add whole --registry raktar", page.Text("pre.copy"));
        Assert.Equal(["Published", "Size", "Licence", "Rust", "Homepage", "Repository", "Documentation", "Keywords", "Categories", "Owners", "SHA-256"], page.Texts("dt"));
        Assert.Equal("MIT OR Apache-2.0", page.Texts("dd")[2]);
        Assert.Equal("1.70 or newer", page.Texts("dd")[3]);
        Assert.Equal("admin", page.Texts("dd")[9]);
        var homepage = page.QuerySelector("dd a[href^='https://whole']")!;
        Assert.Equal(("https://whole.example/a?b&c", "nofollow noopener"), (homepage.GetAttribute("href"), homepage.GetAttribute("rel")));
        Assert.Equal("/search?keyword=c%2B%2B", page.LinkTo("c++"));
        Assert.Equal("/search?category=web-programming%3A%3Ahttp-client", page.LinkTo("web-programming::http-client"));
        Assert.Equal(["whole"], (await _server.Admin.Page("search?keyword=c%2B%2B")).Texts("ul.crates a"));
        Assert.Equal("/crates/whole/1.2.3/proof", page.LinkTo("Proof"));

        // The README, a level down, its links to files of the crate and to nowhere.
        Assert.Equal("Whole #", page.Text(".readme h2"));
        Assert.Equal("/crates/whole/1.2.3/files/src/lib.rs", page.LinkTo("the source"));
        Assert.Equal(["#", "the source", "logo"], page.Texts(".readme a"));
        Assert.Contains("img-src 'self';", await Policy("crates/whole"), StringComparison.Ordinal);

        // In another spelling, and with its version.
        Assert.Equal("whole 1.2.3", (await _server.Admin.Page("crates/WHOLE")).Text("h1"));
        Assert.Equal("cargo add whole@1.2.3 --registry raktar", (await _server.Admin.Page("crates/whole/1.2.3")).Text("pre.copy"));
        foreach (var (path, sentence) in ((string, string)[])[("crates/whole/9.9.9", "crate `whole` has no version `9.9.9`"), ("crates/nothing", "crate `nothing` does not exist"), ("crates/whole/versions?page=0", "`page` is a number from 1 (max 10000)")])
        {
            using var answer = await _server.Admin.GetAsync(path);
            Assert.Equal(sentence, (await _server.Admin.Page(path, answer.StatusCode)).Text(".problem"));
            Assert.Equal(path.Contains("page") ? HttpStatusCode.BadRequest : HttpStatusCode.NotFound, answer.StatusCode);
        }
    }

    [Fact]
    public async Task A_program_is_installed_and_a_long_readme_is_cut()
    {
        var readme = string.Concat(Enumerable.Range(0, 9000).Select(i => $"Paragraph {i}.\n\n"));
        await Publish(RawCrate.Of("tool", "1.0.0", package: "readme = \"README.md\"", manifest: "[[bin]]\nname = \"tool\"\npath = \"src/main.rs\"", files: new Dictionary<string, byte[]>
        {
            ["README.md"] = Encoding.UTF8.GetBytes(readme),
            ["src/main.rs"] = "fn main() {}"u8.ToArray(),
        }));
        var page = await _server.Admin.Page("crates/tool");
        Assert.Equal(["cargo add tool --registry raktar", "cargo install tool --registry raktar"], page.Texts("pre.copy"));
        Assert.StartsWith("The README goes on", page.Text(".readme .notice"), StringComparison.Ordinal);
        Assert.Equal("Paragraph 0.", page.Texts(".readme p")[0]);
        Assert.InRange(await Transferred("crates/tool"), 1000, 100_000);
    }

    [Fact]
    public async Task Versions_are_listed_with_what_became_of_them()
    {
        using var owner = await _server.Account("versions-owner");
        using var reader = await _server.Account("versions-reader", "reader");
        foreach (var minor in Enumerable.Range(0, 53))
        {
            await Publish(RawCrate.Of("many", $"1.{minor}.0"), owner);
        }

        using var yanked = await owner.DeleteAsync("api/v1/crates/many/1.52.0/yank?message=it%20%3Cb%3Eburns%3C/b%3E%E2%80%AE");
        yanked.EnsureSuccessStatusCode();
        var page = await owner.Page("crates/many/versions");
        Assert.Equal(50, page.QuerySelectorAll("tbody tr").Length);
        Assert.StartsWith("1.52.0 moments ago versions-owner ", page.Texts("tbody tr")[0], StringComparison.Ordinal);
        Assert.EndsWith("yanked it <b>burns</b>‹U+202E› Proof Unyank", page.Texts("tbody tr")[0], StringComparison.Ordinal);
        Assert.EndsWith("Proof Yank", page.Texts("tbody tr")[1], StringComparison.Ordinal);
        Assert.Equal("/crates/many/1.51.0/yank", page.QuerySelector("a[aria-label='Yank 1.51.0']")!.GetAttribute("href"));
        Assert.Equal(["1.2.0", "1.1.0", "1.0.0"], (await owner.Page("crates/many/versions?page=2")).Texts("tbody th"));

        Assert.Equal("many 1.51.0", (await owner.Page("crates/many")).Text("h1"));
        Assert.Equal("yanked New builds do not choose 1.52.0: it <b>burns</b>‹U+202E›", (await owner.Page("crates/many/1.52.0")).Text(".notice"));
        Assert.EndsWith("Proof", (await reader.Page("crates/many/versions")).Texts("tbody tr")[1], StringComparison.Ordinal);
        Assert.EndsWith("Proof Yank Delete", (await _server.Admin.Page("crates/many/versions")).Texts("tbody tr")[1], StringComparison.Ordinal);
        Assert.InRange(await Transferred("crates/many/versions"), 500, 100_000);
    }

    [Fact]
    public async Task Dependencies_lead_to_crates_that_are_there_and_back()
    {
        using var reader = await _server.Account("dependencies-reader", "reader");
        await Publish(RawCrate.Of("needed", "1.0.0"));
        await Publish(RawCrate.Of("hidden-need", "1.0.0"));
        await Publish(RawCrate.Of("needing", "1.0.0", manifest: """
            [dependencies]
            needed = { version = "1", features = ["a", "b"], default-features = false, registry-index = "URL" }
            alias = { version = "0.2", package = "libc", optional = true, registry-index = "https://github.com/rust-lang/crates.io-index" }
            [build-dependencies]
            hidden-need = { version = "1", registry-index = "URL" }
            [target.'cfg(windows)'.dev-dependencies]
            needed = { version = ">=1, <3", registry-index = "URL" }
            """.Replace("URL", $"sparse+{_server.Url}/", StringComparison.Ordinal)));
        (await _server.Admin.PutAsJsonAsync("api/v1/crates/hidden-need/visibility", new { restricted = true })).EnsureSuccessStatusCode();

        var page = await reader.Page("crates/needing/1.0.0/dependencies");
        Assert.Equal(["Dependencies", "Build dependencies", "Development dependencies"], page.Texts("h2"));
        Assert.Equal(
            ["libc as alias optional ^0.2 https://github.com/rust-lang/crates.io-index", "needed ^1 without default; a, b this one", "hidden-need ^1 this one", "needed >=1, <3 cfg(windows) this one"],
            page.Texts("tbody tr"));
        Assert.Equal(["/crates/needed", "/crates/needed"], page.QuerySelectorAll("tbody th a").Select(a => a.GetAttribute("href")));
        Assert.Equal("/crates/hidden-need", (await _server.Admin.Page("crates/needing/1.0.0/dependencies")).LinkTo("hidden-need"));

        var dependents = await reader.Page("crates/needed/dependents");
        Assert.Equal("1 crate depends on it.", dependents.Texts("main > p")[^1]);
        Assert.Equal(["needing 1.0.0 ^1 the crate", "needing 1.0.0 >=1, <3 its development, cfg(windows)"], dependents.Texts("tbody tr"));
        Assert.Equal("No crate depends on it.", (await reader.Page("crates/needing/dependents")).Texts("main > p")[^1]);
        Assert.Equal("1.0.0 depends on nothing.", (await reader.Page("crates/needed/1.0.0/dependencies")).Text("p.quiet"));
    }

    [Fact]
    public async Task Features_are_a_tree()
    {
        await Publish(RawCrate.Of("featured", "1.0.0", manifest: """
            [dependencies]
            serde = { version = "1", optional = true, registry-index = "https://github.com/rust-lang/crates.io-index" }
            log = { version = "0.4", optional = true, registry-index = "https://github.com/rust-lang/crates.io-index" }
            [features]
            default = ["std"]
            std = ["alloc", "serde?/std"]
            alloc = []
            full = ["std", "dep:serde"]
            """));
        var page = await _server.Admin.Page("crates/featured/1.0.0/features");
        Assert.Equal(
            ["alloc", "default default std alloc serde?/std the feature std of serde, where that is turned on", "full std alloc serde?/std the feature std of serde, where that is turned on dep:serde the optional dependency serde", "log dep:log the optional dependency log", "std alloc serde?/std the feature std of serde, where that is turned on"],
            page.Texts(".tree > li"));
        Assert.Equal("default default", page.QuerySelector("details[open] > summary")!.TextContent.Trim());
        Assert.Equal("Features (5)", page.Text(".tabs [aria-current]"));
    }

    [Fact]
    public async Task Files_are_shown_as_text_and_as_nothing_else()
    {
        await Publish(RawCrate.Of("filed", "1.0.0+build.7", text: "fn main\u202e() {}\r\n\n\tlast <b>line</b>", files: new Dictionary<string, byte[]>
        {
            ["index.html"] = "<html><script>alert(1)</script></html>"u8.ToArray(),
            ["a b/ü&'#.svg"] = "<svg onload='alert(1)'/>"u8.ToArray(),
            ["100%.txt"] = "x"u8.ToArray(),
            ["data.bin"] = [1, 0, 2],
            ["latin.txt"] = [0xe9, 0x20],
            ["empty.txt"] = [],
            ["lines.txt"] = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("x\n", 5000))),
            ["long.txt"] = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("äö", 50_000))),
            [new string('d', 90) + "/" + "deep.rs"] = "// deep"u8.ToArray(),
        }));
        var page = await _server.Admin.Page("crates/filed/1.0.0+build.7/files");
        Assert.StartsWith("1.0.0+build.7 has 11 files, ", page.Texts("main > p")[^1], StringComparison.Ordinal);
        Assert.Equal(11, page.QuerySelectorAll("tbody tr").Length);
        Assert.Equal("data.bin 3 B", page.Texts("tbody tr").Single(row => row.StartsWith("data", StringComparison.Ordinal)));
        Assert.Equal(10, page.QuerySelectorAll("tbody a").Length);
        using (var download = await _server.Admin.GetAsync(page.LinkTo("Download the crate file")))
        {
            Assert.Equal(HttpStatusCode.OK, download.StatusCode);
        }

        var texts = new Dictionary<string, (string Text, IReadOnlyList<string> Notices)>();
        foreach (var link in page.QuerySelectorAll("tbody a"))
        {
            var source = await _server.Admin.Page(link.GetAttribute("href")!);
            Assert.Equal(link.TextContent, source.Text("h2"));
            texts[link.TextContent] = (source.QuerySelector("pre.source")?.TextContent ?? "-", source.Texts(".notice"));
            Assert.InRange(await Transferred(link.GetAttribute("href")!), 500, 100_000);
        }

        Assert.Equal("1// fn main‹U+202E›() {}\n2\n3\tlast <b>line</b>\n", texts["src/lib.rs"].Text);
        Assert.Equal("1<html><script>alert(1)</script></html>\n", texts["index.html"].Text);
        Assert.Equal("1<svg onload='alert(1)'/>\n", texts["a b/ü&'#.svg"].Text);
        Assert.Equal("1\n", texts["empty.txt"].Text);
        Assert.Equal("1// deep\n", texts[new string('d', 90) + "/deep.rs"].Text);
        Assert.All((string[])["data.bin", "latin.txt"], path => Assert.Equal(("-", "This is not text in UTF-8, so it is not shown."), (texts[path].Text, Assert.Single(texts[path].Notices))));
        Assert.All((string[])["lines.txt", "long.txt"], path => Assert.Equal("This file is long: only its beginning is shown.", Assert.Single(texts[path].Notices)));
        Assert.EndsWith("2000x\n", texts["lines.txt"].Text, StringComparison.Ordinal);
        Assert.Equal(100 * 1024 / 2, texts["long.txt"].Text.Length - 2);
        var numbered = await _server.Admin.Page("crates/filed/1.0.0+build.7/files/src/lib.rs");
        Assert.Equal("#L3", numbered.GetElementById("L3")!.GetAttribute("href"));

        foreach (var path in (string[])["nothing.rs", "src", "src/", "SRC/lib.rs", "src/../Cargo.lock", "%2e%2e/%2e%2e/etc/passwd", "/etc/passwd"])
        {
            await _server.Admin.Page($"crates/filed/1.0.0+build.7/files/{path}", HttpStatusCode.NotFound);
        }

        (await _server.Admin.DeleteAsync("api/v1/crates/filed/1.0.0+build.7?message=why")).EnsureSuccessStatusCode();
        await _server.Admin.Page("crates/filed/1.0.0+build.7/files", HttpStatusCode.NotFound);
        await _server.Admin.Page("crates/filed/1.0.0+build.7/files/src/lib.rs", HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_history_tells_everybody_what_and_owners_with_what()
    {
        using var owner = await _server.Account("history-owner");
        using var reader = await _server.Account("history-reader", "reader");
        await Publish(RawCrate.Of("storied", "1.0.0"), owner);
        await Publish(RawCrate.Of("storied", "1.1.0"), owner);
        foreach (var (method, path, body) in (ValueTuple<HttpMethod, string, object?>[])
            [
                (HttpMethod.Delete, "1.0.0/yank?message=it%20%3Cb%3E%E2%80%AE", null),
                (HttpMethod.Put, "1.0.0/unyank", null),
                (HttpMethod.Put, "owners", new { users = (string[])["history-reader"] }),
                (HttpMethod.Delete, "owners", new { users = (string[])["history-reader"] }),
                (HttpMethod.Put, "visibility", new { restricted = true }),
                (HttpMethod.Put, "visibility", new { restricted = false }),
                (HttpMethod.Put, "trusted_only", new { trusted_only = false }),
                (HttpMethod.Delete, "1.0.0?message=a%20mistake", null),
                (HttpMethod.Put, "1.0.0/restore", null),
            ])
        {
            using var request = new HttpRequestMessage(method, $"api/v1/crates/storied/{path}") { Content = body is null ? null : JsonContent.Create(body) };
            using var done = await (path.StartsWith("1.0.0?", StringComparison.Ordinal) || path.EndsWith("restore", StringComparison.Ordinal) ? _server.Admin : owner).SendAsync(request);
            done.EnsureSuccessStatusCode();
        }

        string[] words =
        [
            "admin restored storied 1.0.0",
            "admin deleted storied 1.0.0: a mistake",
            "history-owner opened storied to all readers",
            "history-owner restricted storied to its owners",
            "history-owner removed history-reader from the owners of storied",
            "history-owner made history-reader an owner of storied",
            "history-owner unyanked storied 1.0.0",
            "history-owner yanked storied 1.0.0: it <b>‹U+202E›",
            "history-owner published storied 1.1.0 (304 B)",
            "history-owner published storied 1.0.0 (304 B)",
            "history-owner created the crate storied, owned by history-owner",
        ];
        var page = await reader.Page("crates/storied/history");
        Assert.Equal(words.Select(Unsized), page.Texts("tbody td:nth-child(2)").Select(Unsized));
        Assert.Equal(["When", "What"], page.Texts("thead th"));
        Assert.DoesNotContain("token", page.QuerySelector("main")!.TextContent, StringComparison.Ordinal);
        var full = await owner.Page("crates/storied/history");
        Assert.Equal(["When", "What", "With"], full.Texts("thead th"));
        Assert.Equal("token 1", full.Texts("tbody td:nth-child(3)")[^1]);
        Assert.Equal(["When", "What", "With"], (await _server.Admin.Page("crates/storied/history")).Texts("thead th"));

        // 52 more facts: another page, and every fact on one of them.
        foreach (var i in Enumerable.Range(0, 52))
        {
            using var done = i % 2 == 0 ? await owner.DeleteAsync("api/v1/crates/storied/1.0.0/yank") : await owner.PutAsync("api/v1/crates/storied/1.0.0/unyank", null);
            done.EnsureSuccessStatusCode();
        }

        var (first, second) = (await reader.Page("crates/storied/history"), await reader.Page("crates/storied/history?page=2"));
        Assert.Equal("Page 2 of 2", second.Text(".pager span"));
        Assert.Equal(50, first.QuerySelectorAll("tbody tr").Length);
        Assert.Equal(63, first.QuerySelectorAll("tbody tr").Length + second.QuerySelectorAll("tbody tr").Length);
        Assert.Equal("history-owner created the crate storied, owned by history-owner", second.Texts("tbody td:nth-child(2)")[^1]);
        Assert.Empty((await reader.Page("crates/storied/history?page=3")).QuerySelectorAll("tbody tr"));

        static string Unsized(string text) => text.Split(" (")[0];
    }

    [Fact]
    public async Task Images_are_shown_where_the_operator_allows_it()
    {
        await using var server = await Server.Start("--Raktar:Web:ReadmeImages=https");
        using var published = await RawCrate.Of("pictured", "1.0.0", package: "readme = \"README.md\"", files: new Dictionary<string, byte[]>
        {
            ["README.md"] = "![logo](https://img.example/l.png) ![plain](http://img.example/l.png)"u8.ToArray(),
        }).Publish(server.Admin);
        published.EnsureSuccessStatusCode();
        using var answer = await server.Admin.GetAsync("crates/pictured");
        Assert.Contains("img-src 'self' https:;", answer.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        var readme = Html.Parse(await answer.Content.ReadAsStringAsync()).QuerySelector(".readme")!;
        Assert.Equal("https://img.example/l.png", Assert.Single(readme.QuerySelectorAll("img")).GetAttribute("src"));
        Assert.Equal("http://img.example/l.png", readme.LinkTo("plain"));
    }

    private async Task<string> Policy(string path)
    {
        using var answer = await _server.Admin.GetAsync(path);
        return answer.Headers.GetValues("Content-Security-Policy").Single();
    }

    private async Task<int> Transferred(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.AcceptEncoding.ParseAdd("gzip");
        using var answer = await _server.Admin.SendAsync(request);
        return (await answer.Content.ReadAsByteArrayAsync()).Length;
    }

    private async Task Publish(RawCrate crate, HttpClient? by = null, string? rust = null)
    {
        using var published = await crate.Publish(by ?? _server.Admin, metadata =>
        {
            metadata.Remove("deps");
            metadata.Remove("features");
            metadata["rust_version"] = rust;
        });
        Assert.True(published.IsSuccessStatusCode, await published.Content.ReadAsStringAsync());
    }
}
