using System.Net;
using System.Net.Http.Json;

namespace Raktar.Api.Specs.Web;

/// <summary>What administrators do with accounts and teams in the pages.</summary>
public sealed class AdminPages(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private readonly Server _server = fixture.Server;

    [Fact]
    public async Task An_account_is_made_once_and_its_role_is_changed_on_its_page()
    {
        using var admin = await Visitor.Of(_server, "admin");
        var (path, html) = await admin.Do("/admin/accounts", ("login", "New.Person"), ("role", "member"));
        Assert.Equal("/admin/accounts/new.person", path);
        Assert.Contains("<option value=\"member\" selected>", html, StringComparison.Ordinal);

        using var again = await admin.Send("/admin/accounts", ("login", "new.person"), ("role", "admin"));
        Assert.Equal((HttpStatusCode.BadRequest, "the account `new.person` is there already; its page changes its role"), await again.Problem());
        Assert.Equal("member", await Role("new.person"));

        Assert.Equal(path, (await admin.Do($"{path}/role", ("role", "publisher"))).Path);
        Assert.Equal("publisher", await Role("new.person"));

        using var nobody = await admin.Send("/admin/accounts/no-such/role", ("role", "publisher"));
        Assert.Equal((HttpStatusCode.NotFound, "account `no-such` does not exist"), await nobody.Problem());
        using var last = await admin.Send("/admin/accounts/admin/role", ("role", "reader"));
        Assert.Equal((HttpStatusCode.Conflict, "the account `admin` must stay an admin"), await last.Problem());
    }

    [Theory]
    [InlineData("a b", "reader", "`a b` is not a login: use 1 to 64 of a-z, 0-9, `.`, `_`, `@`, `-`")]
    [InlineData("", "reader", "`` is not a login: use 1 to 64 of a-z, 0-9, `.`, `_`, `@`, `-`")]
    [InlineData("raktar", "reader", "the login `raktar` is reserved")]
    [InlineData("good", "owner", "field `role` must be `admin`, `publisher`, `member` or `reader`")]
    [InlineData("good", "0", "field `role` must be `admin`, `publisher`, `member` or `reader`")]
    public async Task An_account_that_cannot_be_is_not_made(string login, string role, string sentence)
    {
        using var admin = await Visitor.Of(_server, "admin");
        using var answer = await admin.Send("/admin/accounts", ("login", login), ("role", role));
        Assert.Equal((HttpStatusCode.BadRequest, sentence), await answer.Problem());
    }

    [Fact]
    public async Task Accounts_are_found_by_a_part_of_their_login()
    {
        foreach (var login in (string[])["find-me-1", "find-me-2", "other"])
        {
            (await _server.Account(login, "reader")).Dispose();
        }

        using var admin = await Visitor.Of(_server, "admin");
        var found = await admin.Page("/admin/accounts?q=FIND-ME");
        Assert.Contains("2 accounts with “FIND-ME”", WebUtility.HtmlDecode(found), StringComparison.Ordinal);
        Assert.Contains("href=\"/admin/accounts/find-me-1\"", found, StringComparison.Ordinal);
        Assert.DoesNotContain("href=\"/admin/accounts/other\"", found, StringComparison.Ordinal);
        using var wrong = await admin.Get("/admin/accounts?page=0");
        Assert.Equal((HttpStatusCode.BadRequest, "`page` is a number from 1 (max 10000)"), await wrong.Problem());
    }

    [Fact]
    public async Task A_token_is_made_for_somebody_shown_once_and_revoked()
    {
        (await _server.Account("colleague", "reader")).Dispose();
        using var admin = await Visitor.Of(_server, "admin");
        var form = await admin.Page("/admin/accounts/colleague");
        Assert.Contains("value=\"read\"", form, StringComparison.Ordinal);
        Assert.DoesNotContain("value=\"publish-new\"", form, StringComparison.Ordinal);
        using var made = await admin.Send("/admin/accounts/colleague/tokens", ("name", "theirs"), ("days", "3"), ("scopes", "read"));
        var token = Pages.Token(await made.Html());
        using var colleague = _server.Client(token);
        Assert.Equal("colleague", (await colleague.Json("api/v1/me")).GetProperty("user").GetProperty("login").GetString());

        var html = await admin.Page("/admin/accounts/colleague");
        Assert.DoesNotContain(token, html, StringComparison.Ordinal);
        Assert.True(Pages.HasForm(html, "/admin/accounts/colleague/tokens/2/revoke"));
        Assert.Equal("/admin/accounts/colleague", (await admin.Do("/admin/accounts/colleague/tokens/2/revoke")).Path);
        using var refused = await colleague.GetAsync("api/v1/me");
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);

        using var beyond = await admin.Send("/admin/accounts/colleague/tokens", ("name", "more"), ("days", "3"), ("scopes", "yank"));
        Assert.Equal((HttpStatusCode.BadRequest, "the role reader does not reach the scope `yank`"), await beyond.Problem());
    }

    [Fact]
    public async Task A_team_is_made_and_people_come_and_go()
    {
        (await _server.Account("comes", "reader")).Dispose();
        (await _server.Account("goes", "reader")).Dispose();
        using var admin = await Visitor.Of(_server, "admin");
        var (path, _) = await admin.Do("/admin/teams", ("team", "Movers"));
        Assert.Equal("/admin/teams/movers", path);
        Assert.Equal(path, (await admin.Do($"{path}/members", ("login", "goes"), ("join", "yes"))).Path);
        Assert.Equal("/admin/accounts/comes", (await admin.Do("/admin/accounts/comes/teams", ("team", "movers"), ("join", "yes"))).Path);
        Assert.Equal(path, (await admin.Do($"{path}/members", ("login", "goes"), ("join", "no"))).Path);
        Assert.Equal("""["comes"]""", (await _server.Admin.Json("api/v1/teams/movers")).GetProperty("members").ToString());

        Assert.Contains("href=\"/admin/accounts/comes\"", await admin.Page(path), StringComparison.Ordinal);
        Assert.Matches("""<a href="/admin/teams/movers">movers</a></th><td class="number">1</td>""", await admin.Page("/admin/teams"));
        await admin.Do("/admin/accounts/comes/teams", ("team", "movers"), ("join", "no"));
        Assert.Equal("[]", (await _server.Admin.Json("api/v1/teams/movers")).GetProperty("members").ToString());

        using var nobody = await admin.Send($"{path}/members", ("login", "no-such"), ("join", "yes"));
        Assert.Equal((HttpStatusCode.NotFound, "account `no-such` does not exist"), await nobody.Problem());
        using var noTeam = await admin.Send("/admin/accounts/comes/teams", ("team", "no-such"), ("join", "yes"));
        Assert.Equal((HttpStatusCode.NotFound, "team `no-such` does not exist"), await noTeam.Problem());
    }

    [Fact]
    [Trait("Needs", "seconds")]
    public async Task All_teams_are_listed_also_more_than_the_audit_reads_at_a_time()
    {
        await using var server = await Server.Start();
        for (var i = 0; i < 501; i++)
        {
            using var put = await server.Admin.PutAsJsonAsync($"api/v1/teams/t{i:D3}", new { });
            put.EnsureSuccessStatusCode();
        }

        using var admin = await Visitor.Of(server, "admin");
        Assert.Contains("<dt>Teams</dt><dd><a href=\"/admin/teams\">501</a></dd>", await admin.Page("/admin"), StringComparison.Ordinal);
        var first = await admin.Page("/admin/teams");
        Assert.Contains(">t000</a>", first, StringComparison.Ordinal);
        Assert.DoesNotContain(">t100</a>", first, StringComparison.Ordinal);
        Assert.Contains(">t500</a>", await admin.Page("/admin/teams?page=6"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_overview_tells_of_health_lag_and_the_newest_checkpoint()
    {
        await using var server = await Server.Start();
        using var admin = await Visitor.Of(server, "admin");
        var html = await admin.Page("/admin");
        foreach (var name in (string[])["aside", "blobs", "documents", "events", "projections"])
        {
            Assert.Contains($"<th scope=\"row\">{name}</th><td><span class=\"good\">ok</span></td>", html, StringComparison.Ordinal);
        }

        Assert.Contains("The read models show everything that is in the log.", html, StringComparison.Ordinal);
        Assert.Contains("<dt>Crates</dt><dd>0, with 0 versions</dd>", html, StringComparison.Ordinal);
        Assert.Contains("<dt>Accounts</dt><dd><a href=\"/admin/accounts\">1</a></dd>", html, StringComparison.Ordinal);
        var (path, after) = await admin.Do("/admin/checkpoints");
        Assert.Equal("/admin", path);
        var made = (await server.Admin.Json("api/v1/audit/checkpoints")).GetProperty("checkpoints")[0];
        Assert.Contains($"Number {made.GetProperty("number")} of ", after, StringComparison.Ordinal);
        Assert.Contains(made.GetProperty("key").GetString()!, after, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Forms_without_the_key_of_their_session_change_nothing()
    {
        (await _server.Account("stays", "reader")).Dispose();
        using var admin = await Visitor.Of(_server, "admin");
        using var other = await Visitor.Of(_server, "admin");
        var foreign = Pages.Key(await other.Page("/me"));
        var before = await State();
        foreach (var key in (string?[])[null, foreign])
        {
            foreach (var path in (string[])[
                "/admin/accounts", "/admin/accounts/stays/role", "/admin/accounts/stays/disabled", "/admin/accounts/stays/sessions/end", "/admin/accounts/stays/identity/unlink", "/admin/accounts/stays/teams", "/admin/accounts/stays/tokens", "/admin/accounts/stays/tokens/1/revoke",
                "/admin/teams", "/admin/teams/kept/members", "/admin/checkpoints"])
            {
                using var answer = await admin.SendWith(
                    key, path, ("login", "stolen"), ("role", "admin"), ("team", "stolen"), ("join", "yes"), ("name", "stolen"), ("days", "1"), ("scopes", "read"), ("do", "disable"), ("confirm", "stays"), ("reason", "x"));
                Assert.Equal((HttpStatusCode.Forbidden, "the request does not come from a page of this registry"), await answer.Problem());
            }
        }

        Assert.Equal(before, await State());

        async Task<string> State() => $"{await _server.Admin.Json("api/v1/accounts/stays")} {await _server.Admin.Json("api/v1/accounts/stays/tokens")} "
            + (await _server.Admin.Json("api/v1/audit?limit=1&outcome=done")).GetProperty("entries");
    }

    [Fact]
    public async Task An_account_is_switched_off_behind_its_login_typed_and_on_again()
    {
        using var colleague = await _server.Account("leaver", "publisher");
        using var admin = await Visitor.Of(_server, "admin");
        var form = await admin.Page("/admin/accounts/leaver/disabled");
        Assert.Contains("href=\"/audit?actor=leaver&amp;kind=trusted-publisher-added\"", form, StringComparison.Ordinal);
        using var unconfirmed = await admin.Send("/admin/accounts/leaver/disabled", ("do", "disable"), ("reason", "left"), ("confirm", "other"));
        Assert.Equal((HttpStatusCode.BadRequest, "to confirm, type the login, `leaver`"), await unconfirmed.Problem());
        using var reasonless = await admin.Send("/admin/accounts/leaver/disabled", ("do", "disable"), ("reason", " "), ("confirm", "leaver"));
        Assert.Equal((HttpStatusCode.BadRequest, "switching an account off needs a reason"), await reasonless.Problem());
        await colleague.Json("api/v1/me");

        var (path, html) = await admin.Do("/admin/accounts/leaver/disabled", ("do", "disable"), ("reason", "left"), ("confirm", "leaver"));
        Assert.Equal("/admin/accounts/leaver", path);
        Assert.Contains("This account is switched off.", html, StringComparison.Ordinal);
        Assert.Contains("switched off", await admin.Page("/admin/accounts?q=leaver"), StringComparison.Ordinal);
        Assert.Contains("switched leaver off, and its tokens and sessions with it: left", await admin.Page("/audit?kind=account-disabled"), StringComparison.Ordinal);
        using var refused = await colleague.GetAsync("api/v1/me");
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        using var token = await admin.Send("/admin/accounts/leaver/tokens", ("name", "more"), ("days", "3"), ("scopes", "read"));
        Assert.Equal((HttpStatusCode.Forbidden, "the account `leaver` is switched off; administrators can switch it on"), await token.Problem());

        (_, html) = await admin.Do("/admin/accounts/leaver/disabled", ("do", "enable"), ("reason", ""));
        Assert.DoesNotContain("This account is switched off.", html, StringComparison.Ordinal);
        using var still = await colleague.GetAsync("api/v1/me");
        Assert.Equal(HttpStatusCode.Unauthorized, still.StatusCode);
    }

    [Fact]
    public async Task Who_is_no_administrator_sees_none_of_it()
    {
        (await _server.Account("curious", "publisher")).Dispose();
        using var visitor = await Visitor.Of(_server, "curious");
        Assert.DoesNotContain("href=\"/admin\"", await visitor.Page("/me"), StringComparison.Ordinal);
        foreach (var path in (string[])["/admin", "/admin/accounts", "/admin/accounts/admin", "/admin/teams", "/audit"])
        {
            using var answer = await visitor.Get(path);
            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        }

        // A session of an administrator's narrow token is no administrator either.
        using var narrow = await Visitor.Of(_server, "admin", "read");
        using var refused = await narrow.Get("/admin/accounts");
        Assert.Equal((HttpStatusCode.Forbidden, "the token lacks the scope `admin`"), await refused.Problem());
    }

    private async Task<string?> Role(string login) => (await _server.Admin.Json($"api/v1/accounts/{login}")).GetProperty("role").GetString();
}
