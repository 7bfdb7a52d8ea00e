using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Raktar.Api.Specs.Web;
using Raktar.Testing;

namespace Raktar.Api.Specs;

/// <summary>Owners advise against a crate, in favour of another one.</summary>
public sealed class Deprecating(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private readonly Server _server = fixture.Server;

    [Fact]
    public async Task A_deprecation_is_told_wherever_the_crate_is_shown_until_it_is_taken_back()
    {
        using var owner = await _server.Account("depr-owner");
        using var reader = await _server.Account("depr-reader", "reader");
        await Publish(owner, "depr-old");
        await Publish(owner, "Depr-New");
        var before = TimeProvider.System.GetUtcNow();
        Assert.False((await Crate(reader, "depr-old")).TryGetProperty("deprecation", out _));

        await Deprecate(owner, "depr-old", new { successor = "Depr-New", reason = "its <b>author</b> left" });
        var told = (await Crate(reader, "depr-old")).GetProperty("deprecation");
        Assert.Equal("""{"successor":"Depr-New","reason":"its <b>author</b> left"}""", Plain(told));
        var found = (await reader.Json("api/v1/crates?q=depr-old")).GetProperty("crates")[0];
        Assert.Equal(Plain(told), Plain(found.GetProperty("deprecation")));

        var page = await reader.Page("crates/depr-old");
        Assert.Equal("deprecated Its owners advise against it, in favour of Depr-New: its <b>author</b> left", page.QuerySelector(".notice")!.TextContent);
        Assert.Equal("/crates/Depr-New", page.QuerySelector(".notice a")!.GetAttribute("href"));
        Assert.Null(page.QuerySelector("form[action$=deprecation]"));
        Assert.Equal("deprecated", (await reader.Page("search?q=depr-old")).Text(".crates .badge"));
        Assert.Equal(
            "depr-owner deprecated depr-old in favour of Depr-New: its <b>author</b> left",
            (await reader.Page("crates/depr-old/history")).Texts("tbody td:nth-child(2)")[0]);
        var row = (await owner.Json("api/v1/audit?crate=depr-old")).GetProperty("entries")[0];
        Assert.Equal(("crate-deprecated", Plain(told)), (row.GetProperty("kind").GetString(), Plain(row.GetProperty("detail"))));

        // The same once more is no second fact.
        await Deprecate(owner, "depr-old", new { successor = "depr_new", reason = "its <b>author</b> left" });
        using (var taken = await owner.DeleteAsync("api/v1/crates/depr-old/deprecation"))
        {
            taken.EnsureSuccessStatusCode();
        }

        Assert.False((await Crate(reader, "depr-old")).TryGetProperty("deprecation", out _));
        Assert.Null((await reader.Page("crates/depr-old")).QuerySelector(".notice"));
        Assert.Equal(
            ["crate-undeprecated", "crate-deprecated", "version-published", "crate-created"],
            (await owner.Json("api/v1/audit?crate=depr-old")).GetProperty("entries").EnumerateArray().Select(entry => entry.GetProperty("kind").GetString()));

        // The past stays as it was.
        var then = row.GetProperty("at").GetString()!;
        var past = await reader.Page($"crates/depr-old?at={Uri.EscapeDataString(then)}");
        Assert.Equal("/crates/Depr-New", past.QuerySelector(".notice a[href*='Depr-New']")!.GetAttribute("href")!.Split('?')[0]);
        Assert.Equal("deprecated", (await reader.Page($"search?q=depr-old&at={Uri.EscapeDataString(then)}")).Text(".crates .badge"));
        var earlier = await reader.Page($"crates/depr-old?at={Uri.EscapeDataString($"{before.UtcDateTime:O}")}");
        Assert.DoesNotContain("advise against", earlier.QuerySelector("main")!.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_successor_that_a_viewer_may_not_see_is_told_as_one_that_there_is_not()
    {
        using var owner = await _server.Account("depr-secret");
        using var reader = await _server.Account("depr-stranger", "reader");
        await Publish(owner, "depr-hidden");
        using (var restricted = await owner.PutAsJsonAsync("api/v1/crates/depr-hidden/visibility", new { restricted = true }))
        {
            restricted.EnsureSuccessStatusCode();
        }

        await Publish(owner, "depr-a");
        await Publish(owner, "depr-b");
        await Deprecate(owner, "depr-a", new { successor = "depr-hidden" });
        await Deprecate(owner, "depr-b", new { successor = "depr-absent" });
        foreach (var path in (string[])["crates/depr-a", "crates/depr-a/versions", "crates/depr-a/1.0.0"])
        {
            var (hidden, absent) = (await reader.Page(path), await reader.Page(path.Replace("depr-a", "depr-b", StringComparison.Ordinal)));
            Assert.Equal(
                hidden.QuerySelector(".notice")!.InnerHtml,
                absent.QuerySelector(".notice")!.InnerHtml.Replace("depr-absent", "depr-hidden", StringComparison.Ordinal));
            Assert.Null(hidden.QuerySelector(".notice a"));
            Assert.Equal("deprecated Its owners advise against it, in favour of depr-hidden.", hidden.QuerySelector(".notice")!.TextContent);
        }

        Assert.NotNull((await owner.Page("crates/depr-a")).QuerySelector(".notice a"));
    }

    [Theory]
    [InlineData("""{"successor":"depr_bad"}""", "`depr-bad` cannot be its own successor")]
    [InlineData("""{"successor":"a b"}""", "crate name `a b` contains ` `; use ASCII letters, digits, `-` and `_`")]
    [InlineData("""{"reason":"\u001b"}""", "a deprecation's reason has at most 500 characters and no control characters")]
    [InlineData("", "the body is not valid JSON at line 1")]
    [InlineData("null", "the body must be a JSON object")]
    public async Task What_is_no_deprecation_is_refused(string body, string sentence)
    {
        using var owner = await _server.Account("depr-bad-owner");
        await Publish(owner, "depr-bad");
        using var answer = await owner.PutAsync("api/v1/crates/depr-bad/deprecation", new StringContent(body));
        Assert.Equal((HttpStatusCode.BadRequest, sentence), await answer.Error());
    }

    [Fact]
    public async Task An_owner_does_it_on_the_crate_s_page()
    {
        using var owner = await _server.Account("depr-clicker");
        await Publish(owner, "depr-page");
        using var visitor = await Visitor.Of(_server, "depr-clicker");
        Assert.Contains("action=\"/crates/depr-page/deprecation\"", await visitor.Page("/crates/depr-page"), StringComparison.Ordinal);
        using (var done = await visitor.Send("/crates/depr-page/deprecation", ("do", "deprecate"), ("successor", ""), ("reason", "one & two")))
        {
            Assert.Equal((HttpStatusCode.OK, "/crates/depr-page"), (done.StatusCode, done.RequestMessage!.RequestUri!.PathAndQuery));
        }

        Assert.Equal("""{"successor":null,"reason":"one & two"}""", Plain((await Crate(owner, "depr-page")).GetProperty("deprecation")));
        Assert.Equal("deprecated Its owners advise against it: one & two", (await owner.Page("crates/depr-page")).Text(".notice"));
        using (var done = await visitor.Send("/crates/depr-page/deprecation", ("do", "undeprecate")))
        {
            Assert.Equal(HttpStatusCode.OK, done.StatusCode);
        }

        Assert.False((await Crate(owner, "depr-page")).TryGetProperty("deprecation", out _));
        using var wrong = await visitor.Send("/crates/depr-page/deprecation", ("do", "x"));
        Assert.Equal((HttpStatusCode.BadRequest, "field `do` must be `deprecate` or `undeprecate`"), await wrong.Problem());
    }

    private static string Plain(JsonElement json) => json.GetRawText();

    private static async Task<JsonElement> Crate(HttpClient client, string name) => (await client.Json($"api/v1/crates/{name}")).GetProperty("crate");

    private static async Task Publish(HttpClient client, string name)
    {
        using var answer = await RawCrate.Of(name, "1.0.0").Publish(client);
        Assert.True(answer.IsSuccessStatusCode || answer.StatusCode == HttpStatusCode.Conflict, await answer.Content.ReadAsStringAsync());
    }

    private static async Task Deprecate(HttpClient client, string name, object body)
    {
        using var answer = await client.PutAsJsonAsync($"api/v1/crates/{name}/deprecation", body);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }
}
