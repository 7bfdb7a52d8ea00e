using System.Net;
using System.Net.Http.Json;
using Raktar.Testing;

namespace Raktar.Api.Specs.Web;

/// <summary>The pages about whoever looks.</summary>
public sealed class MyPages(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private readonly Server _server = fixture.Server;

    [Fact]
    public async Task They_show_the_crates_of_mine_and_of_my_teams_and_no_others()
    {
        using var ann = await _server.Account("ann");
        using var bob = await _server.Account("bob");
        using var created = await _server.Admin.PutAsJsonAsync("api/v1/teams/gardeners", new { });
        using var joined = await _server.Admin.PutAsJsonAsync("api/v1/teams/gardeners/members/ann", new { });
        foreach (var (name, client) in ((string, HttpClient)[])[("anns-own", ann), ("anns-yanked", ann), ("bobs-own", bob), ("bobs-shared", bob), ("bobs-given-away", bob), ("anns-lost", ann)])
        {
            (await RawCrate.Of(name, "1.0.0").Publish(client)).EnsureSuccessStatusCode();
        }

        (await ann.DeleteAsync("api/v1/crates/anns-yanked/1.0.0/yank")).EnsureSuccessStatusCode();
        (await bob.PutAsJsonAsync("api/v1/crates/bobs-shared/owners", new { users = (string[])["team:gardeners"] })).EnsureSuccessStatusCode();
        (await bob.PutAsJsonAsync("api/v1/crates/bobs-given-away/owners", new { users = (string[])["ann"] })).EnsureSuccessStatusCode();
        (await ann.PutAsJsonAsync("api/v1/crates/anns-lost/owners", new { users = (string[])["bob"] })).EnsureSuccessStatusCode();
        using var left = new HttpRequestMessage(HttpMethod.Delete, "api/v1/crates/anns-lost/owners") { Content = JsonContent.Create(new { users = (string[])["ann"] }) };
        (await bob.SendAsync(left)).EnsureSuccessStatusCode();

        using var visitor = await Visitor.Of(_server, "ann");
        foreach (var html in (string[])[await visitor.Page("/me"), await visitor.Page("/me/crates")])
        {
            Assert.Equal(
                ["anns-own", "anns-yanked", "bobs-given-away", "bobs-shared"],
                ((string[])["anns-own", "anns-yanked", "anns-lost", "bobs-given-away", "bobs-own", "bobs-shared"])
                    .Where(name => html.Contains($"href=\"/crates/{name}\"", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public async Task A_token_is_shown_once_with_what_cargo_needs()
    {
        (await _server.Account("maker", "admin")).Dispose();
        using var visitor = await Visitor.Of(_server, "maker");
        var before = await visitor.Page("/me");
        Assert.Contains("""<input type="checkbox" name="scopes" value="publish-new" checked />""", before, StringComparison.Ordinal);
        Assert.Contains("""<input type="checkbox" name="scopes" value="admin" />""", before, StringComparison.Ordinal);

        using var made = await visitor.Send(
            "/me/tokens", ("name", "<b>laptop"), ("days", "7"), ("scopes", "read"), ("scopes", "yank"), ("crates", "serde-*, tokio\n  log"));
        Assert.Equal((HttpStatusCode.OK, "/me/tokens"), (made.StatusCode, made.RequestMessage!.RequestUri!.PathAndQuery));
        Assert.Equal("no-store", made.Headers.CacheControl!.ToString());
        var html = await made.Html();
        var token = Pages.Token(html);
        Assert.Contains("&lt;b&gt;laptop", html, StringComparison.Ordinal);
        Assert.Contains("cargo login --registry raktar", html, StringComparison.Ordinal);

        using var cargo = _server.Client(token);
        var me = await cargo.Json("api/v1/me");
        Assert.Equal("""["read","yank"] ["serde-*","tokio","log"]""", $"{me.GetProperty("endpoint_scopes")} {me.GetProperty("crate_scopes")}");

        var after = await visitor.Page("/me");
        Assert.DoesNotContain(token, after, StringComparison.Ordinal);
        Assert.Contains("<td>read, yank</td>", after, StringComparison.Ordinal);
        Assert.Contains("<td>serde-*, tokio, log</td>", after, StringComparison.Ordinal);
        Assert.Contains("in 6 days", after, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "7", "read", "*", "a token's name has 1 to 100 characters")]
    [InlineData("x", "0", "read", "*", "the days until the token ends must be a number (1 to 3660)")]
    [InlineData("x", "3661", "read", "*", "the days until the token ends must be a number (1 to 3660)")]
    [InlineData("x", "soon", "read", "*", "the days until the token ends must be a number (1 to 3660)")]
    [InlineData("x", "7", "", "*", "a token needs at least one scope")]
    [InlineData("x", "7", "everything", "*", "unknown scope `everything`; there are `read`, `publish-new`, `publish-update`, `yank`, `change-owners`, `admin`")]
    [InlineData("x", "7", "read", "*x", "crate pattern `*x` is invalid; use a name, the beginning of names with a `*` behind it, or `*`")]
    public async Task A_token_that_cannot_be_is_not_made(string name, string days, string scope, string crates, string sentence)
    {
        (await _server.Account("wrong", "admin")).Dispose();
        using var visitor = await Visitor.Of(_server, "wrong");
        var fields = ((string Name, string Value)[])[("name", name), ("days", days), ("crates", crates), .. scope.Length == 0 ? [] : ((string, string)[])[("scopes", scope)]];
        var before = await Tokens("wrong");
        using var answer = await visitor.Send("/me/tokens", fields);
        Assert.Equal((HttpStatusCode.BadRequest, sentence), await answer.Problem());
        Assert.Equal(before, await Tokens("wrong"));
    }

    [Fact]
    public async Task A_form_without_the_key_of_its_session_changes_nothing()
    {
        (await _server.Account("keyed", "admin")).Dispose();
        using var visitor = await Visitor.Of(_server, "keyed");
        using var other = await Visitor.Of(_server, "keyed");
        var foreign = Pages.Key(await other.Page("/me"));
        var own = Pages.Key(await visitor.Page("/me"));
        var before = await Tokens("keyed");
        foreach (var key in (string?[])[null, string.Empty, foreign, own[..^1], new string('0', own.Length)])
        {
            foreach (var path in (string[])["/me/tokens", "/me/tokens/1/revoke"])
            {
                using var answer = await visitor.SendWith(key, path, ("name", "stolen"), ("days", "1"), ("scopes", "read"));
                Assert.Equal((HttpStatusCode.Forbidden, "the request does not come from a page of this registry"), await answer.Problem());
            }
        }

        Assert.Equal(before, await Tokens("keyed"));

        // A page's key is another one each time, and all of them are good.
        Assert.NotEqual(own, Pages.Key(await visitor.Page("/me")));
        using var made = await visitor.SendWith(own, "/me/tokens", ("name", "mine"), ("days", "1"), ("scopes", "read"));
        Assert.Equal(HttpStatusCode.OK, made.StatusCode);
    }

    [Fact]
    public async Task Revoking_ends_a_token_of_mine_and_of_nobody_else()
    {
        using var mine = await _server.Account("revoker", "admin");
        using var visitor = await Visitor.Of(_server, "revoker");
        var html = await visitor.Page("/me");
        Assert.True(Pages.HasForm(html, "/me/tokens/1/revoke"));
        Assert.Equal("/me", (await visitor.Do("/me/tokens/1/revoke")).Path);
        using var refused = await mine.GetAsync("api/v1/me");
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.False(Pages.HasForm(await visitor.Page("/me"), "/me/tokens/1/revoke"));

        using var unknown = await visitor.Send("/me/tokens/77/revoke");
        Assert.Equal((HttpStatusCode.NotFound, "token `77` does not exist"), await unknown.Problem());

        // The token of this session: it ends with it.
        using var last = await visitor.Send("/me/tokens/2/revoke");
        Assert.Equal(HttpStatusCode.Unauthorized, last.StatusCode);
    }

    [Fact]
    public async Task Who_is_here_with_a_token_sees_and_ends_that_one_only()
    {
        using var mine = await _server.Account("one-token", "publisher");
        using var visitor = await Visitor.Of(_server, "one-token");
        var html = await visitor.Page("/me");
        Assert.True(Pages.HasForm(html, "/me/tokens/2/revoke"));
        Assert.False(Pages.HasForm(html, "/me/tokens/1/revoke"));
        using var other = await visitor.Send("/me/tokens/1/revoke");
        Assert.Equal(HttpStatusCode.Forbidden, other.StatusCode);
        await mine.Json("api/v1/me");
    }

    [Fact]
    public async Task A_form_of_a_session_that_is_over_leads_to_the_sign_in_page_and_changes_nothing()
    {
        var clock = new ManualClock();
        await using var server = await Server.StartWith(clock, "--Raktar:Sessions:IdleMinutes=60");
        using var visitor = await Visitor.Of(server, "admin");
        var key = Pages.Key(await visitor.Page("/me"));
        clock.Pass(TimeSpan.FromMinutes(61));
        using var answer = await visitor.SendWith(key, "/me/tokens", ("name", "late"), ("days", "1"), ("scopes", "read"));
        Assert.Equal((HttpStatusCode.Unauthorized, "authentication is required: send a token, see `cargo login`"), await answer.Problem());
        Assert.Contains("<h1>Sign in</h1>", await answer.Html(), StringComparison.Ordinal);
        Assert.DoesNotContain("late", await server.Admin.GetStringAsync("api/v1/accounts/admin/tokens"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Programs_with_a_token_need_no_key()
    {
        using var admin = await _server.Account("program", "admin");
        using var form = new FormUrlEncodedContent([new("name", "more"), new("days", "1"), new("scopes", "read")]);
        using var answer = await admin.PostAsync("me/tokens", form);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.StartsWith("rk_", Pages.Token(await answer.Html()), StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Needs", "seconds")]
    public async Task Many_tokens_come_on_several_pages_that_stay_small()
    {
        (await _server.Account("many", "admin")).Dispose();
        using var visitor = await Visitor.Of(_server, "many");
        var patterns = Enumerable.Range(0, 50).Select(i => $"{new string('a', 60)}{i}").ToList();
        for (var i = 0; i < 60; i++)
        {
            using var made = await _server.Admin.PostAsJsonAsync("api/v1/accounts/many/tokens", new { name = new string('"', 100), crate_scopes = patterns });
            made.EnsureSuccessStatusCode();
        }

        var first = await visitor.Page("/me");
        Assert.InRange(first.Length, 1, 100_000);
        Assert.True(Pages.HasForm(first, "/me/tokens/62/revoke"));
        Assert.False(Pages.HasForm(first, "/me/tokens/1/revoke"));
        Assert.Contains("href=\"/me?page=2\"", first, StringComparison.Ordinal);
        Assert.True(Pages.HasForm(await visitor.Page("/me?page=3"), "/me/tokens/1/revoke"));
    }

    private async Task<string> Tokens(string login) => string.Join(
        ' ', (await _server.Admin.Json($"api/v1/accounts/{login}/tokens")).GetProperty("tokens").EnumerateArray().Select(token => $"{token.GetProperty("id")} {token.GetProperty("revoked")}"));
}
