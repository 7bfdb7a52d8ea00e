using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using AngleSharp.Dom;
using Raktar.Testing;

namespace Raktar.Api.Specs.Web;

/// <summary>Pages as they were: <c>?at=</c>.</summary>
public sealed class PagesOfThePast : IAsyncLifetime
{
    private readonly ManualClock _clock = new();
    private Server _server = null!;

    public async Task InitializeAsync()
    {
        _server = await Server.StartWith(_clock);
        // Noon of the 25th, 26th, 27th and 28th.
        await Publish("old", "1.0.0", "First words");
        await Publish("other", "1.0.0", "Of the first day");
        _clock.Pass(TimeSpan.FromDays(1));
        await Publish("old", "2.0.0", "Second words");
        _clock.Pass(TimeSpan.FromDays(1));
        (await _server.Admin.DeleteAsync("api/v1/crates/old/2.0.0/yank?message=bad")).EnsureSuccessStatusCode();
        await Publish("young", "1.0.0", "Of the third day");
        _clock.Pass(TimeSpan.FromDays(1));
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task A_crate_is_shown_as_it_was_and_so_are_its_other_pages()
    {
        Assert.Equal("old 1.0.0", (await _server.Admin.Page("crates/old")).Text("h1"));
        var page = await _server.Admin.Page("crates/old?at=2026-11-27");
        Assert.Equal("old 2.0.0", page.Text("h1"));
        Assert.Equal("Second words", page.Text(".lead"));
        Assert.StartsWith("As of 2026-11-27 00:00:00 UTC, when that day began. Back to today", page.Text(".notice"), StringComparison.Ordinal);
        Assert.Equal("/crates/old", page.LinkTo("Back to today"));
        Assert.Equal("2026-11-27", page.QuerySelector("input[name=at]")!.GetAttribute("value"));
        Assert.Empty(page.QuerySelectorAll("a[aria-label^=Yank], a[aria-label^=Delete]"));
        Assert.NotEmpty((await _server.Admin.Page("crates/old")).QuerySelectorAll("a[aria-label^=Yank]"));
        Assert.Equal(
            $"""
            # Add to .cargo/config.toml of the project that goes back in time:
            [registries.raktar-then]
            index = "sparse+{_server.Url}/at/2026-11-27/"
            credential-provider = ["cargo:token"]

            [source.raktar]
            registry = "sparse+{_server.Url}/"
            replace-with = "raktar-then"

            """,
            page.QuerySelector(".notice pre")!.TextContent);

        foreach (var tab in page.QuerySelectorAll(".tabs a").Select(a => a.GetAttribute("href")!))
        {
            Assert.EndsWith("?at=2026-11-27", tab, StringComparison.Ordinal);
            Assert.Equal("old 2.0.0", (await _server.Admin.Page(tab.TrimStart('/'))).Text("h1"));
        }

        Assert.Equal(["1.0.0"], (await _server.Admin.Page("crates/old/versions?at=2026-11-26")).Texts("tbody th"));
        Assert.Equal(["admin published old 2.0.0", "admin published old 1.0.0", "admin created the crate old, owned by admin"], await History("crates/old/history?at=2026-11-27"));
        Assert.Equal(["admin published old 1.0.0", "admin created the crate old, owned by admin"], await History("crates/old/history?at=2026-11-26"));
        Assert.Equal("admin yanked old 2.0.0: bad", (await History("crates/old/history"))[0]);
        await _server.Admin.Page("crates/old/2.0.0?at=2026-11-26", HttpStatusCode.NotFound);
        await _server.Admin.Page("crates/old/2.0.0/files/src/lib.rs?at=2026-11-26", HttpStatusCode.NotFound);
        Assert.Equal(
            "crate `old` did not exist at 2026-11-25T00:00:00Z", (await _server.Admin.Page("crates/old?at=2026-11-25", HttpStatusCode.NotFound)).Text(".problem"));
    }

    [Fact]
    [Trait("Needs", "seconds")]
    public async Task However_many_instants_are_asked_for_a_readme_is_made_once()
    {
        (await RawCrate.Of("read", "1.0.0", package: "readme = \"README.md\"", files: new Dictionary<string, byte[]>
        {
            ["README.md"] = "# Read\n\nSee [it](src/lib.rs).\n"u8.ToArray(),
        }).Publish(_server.Admin)).EnsureSuccessStatusCode();
        _clock.Pass(TimeSpan.FromHours(1));
        Assert.Equal("/crates/read/1.0.0/files/src/lib.rs", (await _server.Admin.Page("crates/read/1.0.0")).LinkTo("it"));

        // From now on it could not be made again.
        Directory.Delete(Path.Combine(_server.Data, "blobs", "readmes"), recursive: true);
        for (var second = 1; second <= 20; second++)
        {
            var at = string.Create(CultureInfo.InvariantCulture, $"2026-11-28T12:00:{second:00}Z");
            var page = await _server.Admin.Page($"crates/read/1.0.0?at={at}");
            Assert.Equal($"/crates/read/1.0.0/files/src/lib.rs?at={Uri.EscapeDataString(at)}", page.LinkTo("it"));
        }
    }

    [Fact]
    public async Task Any_instant_will_do_but_none_of_the_future()
    {
        foreach (var at in (string[])["2026-11-25T12:00:00Z", "2026-11-25T14:00:00%2B02:00", "2026-11-25T14:00:00+02:00"])
        {
            var page = await _server.Admin.Page($"crates/old?at={at}");
            Assert.Equal("old 1.0.0", page.Text("h1"));
            Assert.StartsWith("As of 2026-11-25 12:00:00 UTC. ", page.Text(".notice"), StringComparison.Ordinal);
        }

        Assert.Equal("old 1.0.0", (await _server.Admin.Page("crates/old?at=")).Text("h1"));
        foreach (var (at, sentence) in ((string, string)[])[("2027-01-01", "`2027-01-01` is in the future"), ("monday", "`monday` is not a time;")])
        {
            foreach (var path in (string[])["crates/old", "crates/old/history", "search"])
            {
                Assert.StartsWith(sentence, (await _server.Admin.Page($"{path}?at={at}", HttpStatusCode.BadRequest)).Text(".problem"), StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task A_search_finds_what_was_there_and_shows_it_as_it_was()
    {
        var page = await _server.Admin.Page("search?at=2026-11-27&sort=alphabetical");
        Assert.Equal(["old 2.0.0 Second words", "other 1.0.0 Of the first day"], page.Texts("ul.crates li").Select(WithoutTime));
        Assert.Equal(["/crates/old?at=2026-11-27", "/crates/other?at=2026-11-27"], page.QuerySelectorAll("ul.crates a").Select(a => a.GetAttribute("href")));
        Assert.Contains("found by what they say of themselves today", page.Text(".notice"), StringComparison.Ordinal);
        Assert.Equal("/search?sort=alphabetical", page.LinkTo("Back to today"));
        Assert.Equal(["old 1.0.0 First words", "other 1.0.0 Of the first day"], (await _server.Admin.Page("search?at=2026-11-26&sort=alphabetical")).Texts("ul.crates li").Select(WithoutTime));
        Assert.Empty((await _server.Admin.Page("search?at=2026-11-25")).Texts("ul.crates li"));
        Assert.Equal(3, (await _server.Admin.Page("search?at=2026-11-27T12:00:00Z")).Texts("ul.crates li").Count);

        // What is yanked today was not then; what is deleted today is gone from then too.
        (await _server.Admin.DeleteAsync("api/v1/crates/other/1.0.0/yank")).EnsureSuccessStatusCode();
        Assert.Empty((await _server.Admin.Page("search?q=other")).Texts("ul.crates li"));
        Assert.Equal(["other 1.0.0 Of the first day"], (await _server.Admin.Page("search?q=other&at=2026-11-27")).Texts("ul.crates li").Select(WithoutTime));
        (await _server.Admin.DeleteAsync("api/v1/crates/old/1.0.0?message=why")).EnsureSuccessStatusCode();
        Assert.Empty((await _server.Admin.Page("search?q=old&at=2026-11-26")).Texts("ul.crates li"));
        await _server.Admin.Page("crates/old?at=2026-11-26", HttpStatusCode.NotFound);

        static string WithoutTime(string text) => System.Text.RegularExpressions.Regex.Replace(text, @" (?:moments|\d+ \w+) ago", string.Empty, default, TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task Who_may_see_a_crate_and_its_full_history_is_todays_question()
    {
        using var once = await _server.Account("once-owner");
        (await _server.Admin.PutAsJsonAsync("api/v1/crates/old/owners", new { users = (string[])["once-owner"] })).EnsureSuccessStatusCode();
        _clock.Pass(TimeSpan.FromDays(1));
        Assert.Equal(3, (await once.Page("crates/old/history?at=2026-11-29")).QuerySelectorAll("thead th").Length);
        using (var removed = await _server.Admin.SendAsync(new(HttpMethod.Delete, "api/v1/crates/old/owners") { Content = JsonContent.Create(new { users = (string[])["once-owner"] }) }))
        {
            removed.EnsureSuccessStatusCode();
        }

        var page = await once.Page("crates/old/history?at=2026-11-29");
        Assert.Equal(2, page.QuerySelectorAll("thead th").Length);
        Assert.Contains("admin, once-owner", (await once.Page("crates/old?at=2026-11-29")).Texts("dd"));
        (await _server.Admin.PutAsJsonAsync("api/v1/crates/old/visibility", new { restricted = true })).EnsureSuccessStatusCode();
        await once.Page("crates/old?at=2026-11-29", HttpStatusCode.NotFound);
        Assert.Equal(["other"], (await once.Page("search?at=2026-11-27")).Texts("ul.crates a"));
    }

    private async Task<IReadOnlyList<string>> History(string path) =>
        [.. (await _server.Admin.Page(path)).Texts("tbody td:nth-child(2)").Select(text => text.Split(" (")[0])];

    private async Task Publish(string name, string version, string description)
    {
        using var published = await RawCrate.Of(name, version, description: description).Publish(_server.Admin);
        Assert.True(published.IsSuccessStatusCode, await published.Content.ReadAsStringAsync());
    }
}
