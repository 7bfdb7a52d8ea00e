using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Raktar.Api.Specs.Web;
using Raktar.LocalIssuer;

namespace Raktar.Api.Specs.SignIn;

/// <summary>An account that was made by hand, and the person at the identity provider whose it is.</summary>
[Trait("Needs", "npm")]
[Trait("Needs", "issuer")]
public sealed partial class LinkingAccounts(SigningIn.Fixture fixture) : IClassFixture<SigningIn.Fixture>, IDisposable
{
    private const string NotUnderWay = "this sign-in is not under way in this browser, or was completed before; please sign in again";

    private readonly Server _server = fixture.Server;
    private readonly Browser _browser = new();

    [Fact]
    public async Task It_is_linked_when_its_holder_says_so_on_a_page_that_shows_both()
    {
        await Knows("h1", "heidi", "devs");
        (await _server.Account("heidi", "admin")).Dispose();
        await Paste(_browser, "heidi");
        using var asked = await _browser.SignIn($"{_server.Url}/login?return=/me/crates", "h1");
        var html = WebUtility.HtmlDecode(await asked.Html());
        Assert.Equal(HttpStatusCode.OK, asked.StatusCode);
        Assert.Contains("<h1>Is this your account?</h1>", html, StringComparison.Ordinal);
        Assert.Contains($"The Name of h1, <code>h1</code> at <code>{fixture.Provider.Url}</code>", html, StringComparison.Ordinal);
        Assert.Contains("<strong>heidi</strong>, admin, by its token 2", html, StringComparison.Ordinal);
        Assert.Contains("your groups decide what the account may do: publisher", html, StringComparison.Ordinal);

        // Nothing happened yet.
        Assert.Equal(("admin", false), await Account("heidi"));

        using var linked = await Send(_browser, html);
        Assert.Equal((HttpStatusCode.OK, "/me/crates"), (linked.StatusCode, linked.RequestMessage!.RequestUri!.AbsolutePath));
        Assert.Equal(("publisher", true), await Account("heidi"));
        using var later = new Browser();
        using var again = await later.SignIn($"{_server.Url}/login", "h1");
        Assert.Contains("<h1>heidi</h1>", await again.Html(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ida", "nothing")]
    [InlineData("ilse", "another account's token")]
    [InlineData("inge", "a token that only reads")]
    [InlineData("irma", "a token for some crates")]
    public async Task Without_a_token_that_may_all_that_the_account_may_it_is_somebody_elses(string login, string proof)
    {
        await Knows($"sub-{login}", login, "devs");
        (await _server.Account(login)).Dispose();
        (await _server.Account("bystander", "admin")).Dispose();
        _ = proof switch
        {
            "another account's token" => await Paste(_browser, "bystander"),
            "a token that only reads" => await Paste(_browser, login, scopes: ["read"]),
            "a token for some crates" => await Paste(_browser, login, crates: ["web-*"]),
            _ => string.Empty,
        };
        using var refused = await _browser.SignIn($"{_server.Url}/login", $"sub-{login}");
        var sentence = $"the account `{login}` is somebody else's; if it is yours, sign in first with one of its tokens that is good for all that it may do, then again";
        Assert.Equal((HttpStatusCode.Conflict, sentence), await refused.Problem());
        Assert.Equal(("publisher", false), await Account(login));
    }

    [Fact]
    public async Task What_a_page_asks_is_answered_in_its_own_session_only()
    {
        await Knows("j1", "jana", "devs");
        (await _server.Account("jana")).Dispose();
        await Paste(_browser, "jana");
        using var asked = await _browser.SignIn($"{_server.Url}/login", "j1");
        var html = await asked.Html();
        using var other = new Browser();
        await Paste(other, "jana");
        using var page = await other.Get($"{_server.Url}/me");
        using var elsewhere = await other.Post($"{_server.Url}/login/link", _server.Url, ("key", Pages.Key(await page.Html())), ("sealed", Sealed(html)));
        Assert.Equal((HttpStatusCode.BadRequest, NotUnderWay), await elsewhere.Problem());
        using var changed = await _browser.Post($"{_server.Url}/login/link", _server.Url, ("key", Pages.Key(html)), ("sealed", Sealed(html)[..^2] + "AA"));
        Assert.Equal((HttpStatusCode.BadRequest, NotUnderWay), await changed.Problem());
        using var keyless = await _browser.Post($"{_server.Url}/login/link", _server.Url, ("sealed", Sealed(html)));
        Assert.Equal(HttpStatusCode.Forbidden, keyless.StatusCode);
        using var foreign = await _browser.Post($"{_server.Url}/login/link", "https://evil.example.com", ("key", Pages.Key(html)), ("sealed", Sealed(html)));
        Assert.Equal(HttpStatusCode.Forbidden, foreign.StatusCode);
        Assert.Equal(("publisher", false), await Account("jana"));
    }

    [Fact]
    public async Task An_administrator_unlinks_it_and_it_waits_for_proof_again()
    {
        await Knows("k1", "karla", "devs");
        using var signedIn = await _browser.SignIn($"{_server.Url}/login", "k1");
        Assert.Equal(("publisher", true), await Account("karla"));
        using var unlinked = await _server.Admin.DeleteAsync("api/v1/accounts/karla/identity");
        Assert.Equal(HttpStatusCode.OK, unlinked.StatusCode);
        using var ended = await _browser.Get($"{_server.Url}/api/v1/me");
        Assert.Equal(HttpStatusCode.Unauthorized, ended.StatusCode);
        using var refused = await _browser.SignIn($"{_server.Url}/login", "k1");
        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);

        // Another person of that name, as after a change of the provider, who was given a token.
        await Knows("k2", "karla", "devs");
        using var newcomer = new Browser();
        await Paste(newcomer, "karla");
        using var asked = await newcomer.SignIn($"{_server.Url}/login", "k2");
        using var linked = await Send(newcomer, await asked.Html());
        Assert.Equal(HttpStatusCode.OK, linked.StatusCode);
        Assert.Equal(("publisher", true), await Account("karla"));
        var rows = (await _server.Admin.Json("api/v1/audit?kind=identity-linked,identity-unlinked")).GetProperty("entries").EnumerateArray()
            .Where(row => row.GetProperty("account").GetString() == "karla").Select(row => $"{row.GetProperty("kind")} {row.GetProperty("detail").GetProperty("subject")}");
        Assert.Equal(["identity-linked k2", "identity-unlinked k1", "identity-linked k1"], rows);
    }

    [Fact]
    public async Task Over_https_no_neighbour_can_begin_a_sign_in_for_somebody_else()
    {
        var (id, secret) = await fixture.Provider.Register("https://crates.example.com/login/callback");
        await using var server = await Server.Start(
            [.. SigningIn.Fixture.Settings(fixture.Provider, id, secret), "--Raktar:PublicUrl=https://crates.example.com"]);
        using var begun = await server.Nobody.GetAsync("login");
        Assert.Matches("^__Host-raktar-sign-in\\.[^;]+; expires=[^;]+; path=/; secure; samesite=lax; httponly$", Assert.Single(begun.Headers.GetValues("Set-Cookie")));
    }

    public void Dispose() => _browser.Dispose();

    private async Task<string> Paste(Browser browser, string login, string[]? scopes = null, string[]? crates = null)
    {
        using var made = await _server.Admin.PostAsJsonAsync($"api/v1/accounts/{login}/tokens", new { name = "proof", endpoint_scopes = scopes, crate_scopes = crates });
        var token = (await made.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("token").GetString()!;
        using var pasted = await browser.Post($"{_server.Url}/login", _server.Url, ("token", token));
        Assert.Equal(HttpStatusCode.OK, pasted.StatusCode);
        return token;
    }

    private Task<HttpResponseMessage> Send(Browser browser, string html) =>
        browser.Post($"{_server.Url}/login/link", _server.Url, ("key", Pages.Key(html)), ("sealed", Sealed(html)));

    private Task Knows(string subject, string name, params string[] groups) =>
        fixture.Provider.Knows(subject, new { preferred_username = name, name = $"The Name of {subject}", groups });

    private async Task<(string? Role, bool SignsIn)> Account(string login)
    {
        var role = (await _server.Admin.Json($"api/v1/accounts/{login}/")).GetProperty("role").GetString();
        var page = await _server.Admin.GetStringAsync($"admin/accounts/{login}");
        return (role, page.Contains("Signs in at", StringComparison.Ordinal));
    }

    private static string Sealed(string html) => SealedField().Match(html).Groups["text"].Value;

    [GeneratedRegex("""name="sealed" value="(?<text>[^"]+)""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex SealedField();
}
