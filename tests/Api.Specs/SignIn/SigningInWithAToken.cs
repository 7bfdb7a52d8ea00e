using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Raktar.Api.Specs.Web;
using Raktar.LocalIssuer;

namespace Raktar.Api.Specs.SignIn;

/// <summary>Sessions that begin with a token, and what browsers may do with a session.</summary>
public sealed class SigningInWithAToken(ServerFixture fixture) : IClassFixture<ServerFixture>, IDisposable
{
    private readonly Server _server = fixture.Server;
    private readonly Browser _browser = new();

    [Fact]
    public async Task It_has_the_rights_of_that_token_and_ends_with_it()
    {
        using var form = await _browser.Get($"{_server.Url}/login");
        Assert.Contains("<form method=\"post\"", await form.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        var (token, id) = await Token("admin", "read", "yank");
        using var signedIn = await _browser.Post($"{_server.Url}/login", _server.Url, ("token", token));
        Assert.Equal((HttpStatusCode.OK, $"{_server.Url}/me"), (signedIn.StatusCode, signedIn.RequestMessage!.RequestUri!.ToString()));
        Assert.Contains("<h1>admin</h1>", await signedIn.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        var me = await Json("api/v1/me");
        Assert.Equal("""["read","yank"]""", me.GetProperty("endpoint_scopes").ToString());
        Assert.Equal(HttpStatusCode.Forbidden, await Status("api/v1/accounts"));
        Assert.Equal(HttpStatusCode.OK, await Status("config.json"));

        (await _server.Admin.DeleteAsync($"api/v1/accounts/admin/tokens/{id}")).EnsureSuccessStatusCode();
        Assert.Equal(HttpStatusCode.Unauthorized, await Status("config.json"));
        using var after = await _browser.Get($"{_server.Url}/me");
        Assert.Equal(HttpStatusCode.Unauthorized, after.StatusCode);
    }

    [Fact]
    public async Task It_makes_no_token_that_outlives_it()
    {
        await SignIn("maker");
        using var put = await _browser.Send(HttpMethod.Put, $"{_server.Url}/api/v1/me/tokens", _server.Url, """{"api_token":{"name":"more"}}""");
        Assert.Equal(HttpStatusCode.Forbidden, put.StatusCode);
        using var page = await _browser.Get($"{_server.Url}/me");
        var html = await page.Html();
        Assert.False(Pages.HasForm(html, "/me/tokens"));
        Assert.Contains("may not make others", html, StringComparison.Ordinal);
        using var form = await _browser.Post($"{_server.Url}/me/tokens", _server.Url, ("key", Pages.Key(html)), ("name", "more"), ("days", "1"), ("scopes", "read"));
        Assert.Equal(HttpStatusCode.Forbidden, form.StatusCode);
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("rk_000000000000000000000000000000000000000000")]
    public async Task A_token_that_is_none_signs_nobody_in(string token)
    {
        using var answer = await _browser.Post($"{_server.Url}/login", _server.Url, ("token", token));
        Assert.Equal((HttpStatusCode.Unauthorized, "authentication failed"), await answer.Problem());
        Assert.Empty(_browser.Cookies.GetCookies(new Uri(_server.Url)));
    }

    [Fact]
    public async Task The_cookie_is_out_of_reach_for_scripts_and_other_sites()
    {
        var (token, _) = await Token("admin", "read");
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{_server.Url}/login") { Content = new FormUrlEncodedContent([new("token", token)]) };
        request.Headers.Add("Origin", _server.Url);
        using var answer = await client.SendAsync(request);
        Assert.Equal((HttpStatusCode.SeeOther, $"{_server.Url}/me"), (answer.StatusCode, answer.Headers.Location!.ToString()));
        var cookie = Assert.Single(answer.Headers.GetValues("Set-Cookie"));
        Assert.Matches("^raktar-session=[0-9a-f]{64}; max-age=(43200|4319[0-9]); path=/; samesite=lax; httponly$", cookie);
    }

    [Fact]
    public async Task Over_https_the_cookie_is_sent_over_nothing_else()
    {
        await using var server = await Server.Start("--Raktar:PublicUrl=https://crates.example.com");
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{server.Url}/login")
        {
            Content = new FormUrlEncodedContent([new("token", server.Admin.DefaultRequestHeaders.GetValues("Authorization").Single())]),
        };
        request.Headers.Add("Origin", "https://crates.example.com");
        using var answer = await client.SendAsync(request);
        Assert.Matches("^__Host-raktar-session=[0-9a-f]{64}; max-age=(43200|4319[0-9]); path=/; secure; samesite=lax; httponly$", Assert.Single(answer.Headers.GetValues("Set-Cookie")));
    }

    [Theory]
    [InlineData(null, null, false)]
    [InlineData("null", null, false)]
    [InlineData("https://evil.example.com", null, false)]
    [InlineData("https://evil.example.com", "same-origin", false)]
    [InlineData(null, "cross-site", false)]
    [InlineData(null, "same-site", false)]
    [InlineData(null, "none", false)]
    [InlineData("null", "same-origin", true)]
    [InlineData(null, "same-origin", true)]
    [InlineData("this", null, true)]
    [InlineData("this", "cross-site", true)]
    [InlineData("this/", null, false)]
    public async Task What_changes_something_must_come_from_a_page_of_this_registry(string? origin, string? site, bool isOurs)
    {
        await SignIn("changer");
        var from = origin?.Replace("this", _server.Url, StringComparison.Ordinal);
        foreach (var (method, path) in ((HttpMethod, string)[])[(HttpMethod.Put, "api/v1/crates/foo/owners"), (HttpMethod.Delete, "api/v1/me/tokens/77"), (HttpMethod.Post, "me/tokens")])
        {
            using var answer = await _browser.Send(method, $"{_server.Url}/{path}", from, "{}", site);
            var text = await answer.Content.ReadAsStringAsync();
            Assert.Equal(!isOurs, text.Contains("does not come from a page", StringComparison.Ordinal) && answer.StatusCode == HttpStatusCode.Forbidden);
        }

        // Reading is not changing, and somebody with a token is no browser.
        using var read = await _browser.Send(HttpMethod.Get, $"{_server.Url}/api/v1/me", from, null, site);
        Assert.Equal(HttpStatusCode.OK, read.StatusCode);
        using var out1 = await _browser.Send(HttpMethod.Post, $"{_server.Url}/logout", from, null, site);
        Assert.Equal(isOurs ? HttpStatusCode.Unauthorized : HttpStatusCode.OK, await Status("api/v1/me"));
    }

    [Fact]
    public async Task A_login_that_another_site_sends_is_refused()
    {
        var (token, _) = await Token("admin", "read");
        using var answer = await _browser.Post($"{_server.Url}/login", "https://evil.example.com", ("token", token));
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Fact]
    public async Task A_token_in_the_header_goes_before_the_session()
    {
        await SignIn("both");
        using var reader = await _server.Account("both-reader", "reader");
        var token = reader.DefaultRequestHeaders.GetValues("Authorization").Single();
        using var asToken = await _browser.Send(HttpMethod.Get, $"{_server.Url}/api/v1/me", null, null, authorization: token);
        Assert.Contains("both-reader", await asToken.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var wrong = await _browser.Send(HttpMethod.Get, $"{_server.Url}/api/v1/me", null, null, authorization: "nonsense");
        Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
    }

    [Fact]
    public async Task Signing_out_ends_it_here_and_nowhere_else()
    {
        await SignIn("twice");
        using var other = new Browser();
        var (token, _) = await Token("twice", "read");
        (await other.Post($"{_server.Url}/login", _server.Url, ("token", token))).Dispose();
        var kept = _browser.Cookies.GetCookieHeader(new Uri(_server.Url));
        using var signedOut = await _browser.Post($"{_server.Url}/logout", _server.Url);
        Assert.Equal((HttpStatusCode.Unauthorized, $"{_server.Url}/"), (signedOut.StatusCode, signedOut.RequestMessage!.RequestUri!.ToString()));
        Assert.Empty(_browser.Cookies.GetCookies(new Uri(_server.Url)));
        using var request = new HttpRequestMessage(HttpMethod.Get, "api/v1/me");
        request.Headers.Add("Cookie", kept);
        using var answer = await _server.Nobody.SendAsync(request);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        using var there = await other.Get($"{_server.Url}/api/v1/me");
        Assert.Equal(HttpStatusCode.OK, there.StatusCode);
    }

    [Fact]
    public async Task Pages_run_nothing_but_the_own_script_and_are_framed_and_kept_nowhere()
    {
        await SignIn("viewer");
        foreach (var path in (string[])["me", "login", "login/token"])
        {
            using var page = await _browser.Get($"{_server.Url}/{path}");
            var policy = page.Headers.GetValues("Content-Security-Policy").Single();
            Assert.Equal(
                "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
                policy);
            Assert.Equal(("no-store", "same-origin"), (page.Headers.CacheControl!.ToString(), page.Headers.GetValues("Referrer-Policy").Single()));
            var html = await page.Html();
            Assert.Equal(1, html.Split("<script").Length - 1);
            Assert.Contains("<script src=\"/assets/", html, StringComparison.Ordinal);
            Assert.DoesNotContain("style=", html, StringComparison.Ordinal);
            Assert.DoesNotContain("<style", html, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task What_an_account_is_called_is_shown_and_not_run()
    {
        using var page = await _browser.Get($"{_server.Url}/login?return=/me%22%3E%3Cscript%3E");
        Assert.DoesNotContain("<script>", await page.Html(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_provider_there_is_no_callback()
    {
        using var answer = await _browser.Get($"{_server.Url}/login/callback?code=x&state=y");
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    public void Dispose() => _browser.Dispose();

    private async Task SignIn(string login)
    {
        (await _server.Account(login)).Dispose();
        var (token, _) = await Token(login, "read", "publish-update", "change-owners");
        using var signedIn = await _browser.Post($"{_server.Url}/login", _server.Url, ("token", token));
        Assert.Equal(HttpStatusCode.OK, signedIn.StatusCode);
    }

    private async Task<(string Text, int Id)> Token(string login, params string[] scopes)
    {
        using var made = await _server.Admin.PostAsJsonAsync($"api/v1/accounts/{login}/tokens", new { name = "spec", endpoint_scopes = scopes });
        var token = await made.Content.ReadFromJsonAsync<JsonElement>();
        return (token.GetProperty("token").GetString()!, token.GetProperty("id").GetInt32());
    }

    private async Task<JsonElement> Json(string path)
    {
        using var answer = await _browser.Get($"{_server.Url}/{path}");
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    private async Task<HttpStatusCode> Status(string path)
    {
        using var answer = await _browser.Get($"{_server.Url}/{path}");
        return answer.StatusCode;
    }
}
