using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Raktar.Api.OpenId;
using Raktar.Api.Settings;
using Raktar.Api.Specs.Web;
using Raktar.Application;
using Raktar.LocalIssuer;
using Raktar.Testing;

namespace Raktar.Api.Specs.SignIn;

/// <summary>Whatever goes wrong on the way to the identity provider and back is told in a sentence.</summary>
[Trait("Needs", "issuer")]
public sealed class MistakesOnTheWay : IAsyncLifetime
{
    private const string NotUnderWay = "this sign-in is not under way in this browser, or was completed before; please sign in again";

    private readonly Browser _browser = new();
    private FakeIssuer _issuer = null!;
    private Server _server = null!;

    public async Task InitializeAsync()
    {
        _issuer = await FakeIssuer.Start();
        _server = await Server.Start(
            $"--Raktar:Oidc:Authority={_issuer.Url}", $"--Raktar:Oidc:ClientId={FakeIssuer.ClientId}", "--Raktar:Oidc:Roles=devs=publisher");
    }

    public async Task DisposeAsync()
    {
        _browser.Dispose();
        await _server.DisposeAsync();
        await _issuer.DisposeAsync();
    }

    [Theory]
    [InlineData("error=access_denied", HttpStatusCode.Forbidden, "the identity provider did not let you in, or you changed your mind")]
    [InlineData("error=login_required", HttpStatusCode.BadRequest, "the identity provider answered `login_required`; please sign in again")]
    [InlineData("error=server_error", HttpStatusCode.ServiceUnavailable, "the identity provider is not available, please try again")]
    [InlineData("error=%3Cscript%3E%0A&error_description=x", HttpStatusCode.BadRequest, "the identity provider answered `<script>\\u{a}`; please sign in again")]
    [InlineData("code=", HttpStatusCode.BadRequest, NotUnderWay)]
    [InlineData("nothing=1", HttpStatusCode.BadRequest, NotUnderWay)]
    public async Task Whatever_the_provider_sends_back(string query, HttpStatusCode status, string sentence)
    {
        _issuer.SendsBack = query;
        await Answers(status, sentence);
    }

    [Theory]
    [InlineData("")]
    [InlineData("?state=nonsense&code=x")]
    [InlineData("?code=x")]
    [InlineData("?error=access_denied&state=nonsense")]
    public async Task A_callback_that_nobody_asked_for(string query)
    {
        using var answer = await _browser.Get($"{_server.Url}/login/callback{query}");
        Assert.True(answer.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.Forbidden, $"{answer.StatusCode}");
        Assert.Equal("text/html", answer.Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task A_callback_in_another_browser_or_again_in_this_one()
    {
        using var server = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = _browser.Cookies });
        using var begun = await server.GetAsync(new Uri($"{_server.Url}/login"));
        using var provided = await server.GetAsync(begun.Headers.Location);
        var callback = provided.Headers.Location!.ToString();

        using var other = new Browser();
        using var stolen = await other.Get(callback);
        Assert.Equal((HttpStatusCode.BadRequest, NotUnderWay), await stolen.Problem());

        using var first = await _browser.Get(callback);
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        using var again = await _browser.Get(callback);
        Assert.Equal((HttpStatusCode.BadRequest, NotUnderWay), await again.Problem());
    }

    [Fact]
    public async Task A_code_that_the_provider_does_not_take()
    {
        _issuer.Instead["/token"] = (400, """{"error":"invalid_grant","error_description":"expired"}""");
        await Answers(HttpStatusCode.BadRequest, "the sign-in took too long or was completed before; please sign in again");
    }

    [Theory]
    [InlineData("/.well-known/openid-configuration", 500, "")]
    [InlineData("/.well-known/openid-configuration", 200, "no json")]
    [InlineData("/.well-known/openid-configuration", 200, """{"issuer":"https://elsewhere.example.com"}""")]
    [InlineData("/.well-known/openid-configuration", 302, "")]
    [InlineData("/keys", 500, "")]
    [InlineData("/keys", 200, "no json")]
    [InlineData("/token", 500, "")]
    [InlineData("/token", 200, "no json")]
    [InlineData("/token", 200, """{"access_token":"x"}""")]
    [InlineData("/token", 401, """{"error":"invalid_client"}""")]
    public async Task A_provider_that_does_not_work(string path, int status, string body)
    {
        _issuer.Instead[path] = (status, body);
        using (var answer = await _browser.Get($"{_server.Url}/login"))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            Assert.Equal("the identity provider is not available, please try again", (await answer.Problem()).Sentence);
            Assert.NotNull(answer.Headers.RetryAfter);
        }

        _issuer.Instead.Clear();
        using var later = await _browser.Get($"{_server.Url}/login");
        Assert.Contains("<h1>ann</h1>", await later.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_provider_that_is_not_there()
    {
        await _issuer.DisposeAsync();
        using var answer = await _browser.Get($"{_server.Url}/login");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        using var ready = await _browser.Get($"{_server.Url}/health/ready");
        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
    }

    [Fact]
    public async Task New_keys_of_the_provider_are_fetched_though_not_for_each_strange_token()
    {
        var options = new OidcOptions { Authority = _issuer.Url, ClientId = FakeIssuer.ClientId };
        var clock = new ManualClock();
        using var http = new HttpClient();
        using var issuer = new Issuer(options, http, clock, NullLogger<Issuer>.Instance);
        var idTokens = new IdTokens(options, issuer, NullLogger<IdTokens>.Instance);
        Task<Outcome<JsonElement>> Validate() => idTokens.Validate(_issuer.Sign(_issuer.Claims("nonce")), "nonce", CancellationToken.None);

        Assert.Null((await Validate()).Refusal);
        _issuer.Rotate("two");
        Assert.NotNull((await Validate()).Refusal);
        clock.Pass(TimeSpan.FromMinutes(2));
        Assert.Null((await Validate()).Refusal);
        clock.Pass(TimeSpan.FromHours(2));
        _issuer.Instead["/keys"] = (500, "");
        Assert.Null((await Validate()).Refusal);
    }

    [Theory]
    [InlineData("preferred_username", "Ann Smith", "`Ann Smith` cannot be a login: it may have 1 to 64 of a-z, 0-9, `.`, `_`, `@`, `-`")]
    [InlineData("preferred_username", "admin", "the account `admin` is somebody else's; if it is yours, sign in first with one of its tokens that is good for all that it may do, then again")]
    [InlineData("preferred_username", "Raktar", "the account `raktar` is somebody else's; if it is yours, sign in first with one of its tokens that is good for all that it may do, then again")]
    [InlineData("preferred_username", null, "the identity provider does not say your `preferred_username`")]
    [InlineData("groups", null, "you are in no group that may use this registry")]
    [InlineData("groups", "", "you are in no group that may use this registry")]
    [InlineData("hasgroups", "true", "the identity provider does not list your groups because they are too many: it must be told to send only those of this application")]
    public async Task Claims_that_let_nobody_in(string claim, string? value, string sentence)
    {
        _issuer.IdToken = nonce =>
        {
            var claims = _issuer.Claims(nonce);
            claims[claim] = value is null ? null : JsonValue.Create(value);
            return _issuer.Sign(claims);
        };
        using var answer = await _browser.Get($"{_server.Url}/login");
        Assert.Equal(sentence, (await answer.Problem()).Sentence);
        Assert.True(answer.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.Conflict, $"{answer.StatusCode}");
    }

    [Theory]
    [InlineData(null, "ann@example.com")]
    [InlineData(true, "ann@example.com")]
    [InlineData(false, null)]
    public async Task Somebody_without_a_name_is_known_by_an_address_that_is_theirs(bool? verified, string? login)
    {
        _issuer.IdToken = nonce =>
        {
            var claims = _issuer.Claims(nonce);
            claims.Remove("preferred_username");
            claims["email"] = "Ann@example.com";
            if (verified is not null)
            {
                claims["email_verified"] = verified;
            }

            return _issuer.Sign(claims);
        };
        using var answer = await _browser.Get($"{_server.Url}/login");
        Assert.Equal(login is not null, answer.IsSuccessStatusCode);
        Assert.Contains(login is null ? "does not say your" : $"<h1>{login}</h1>", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private async Task Answers(HttpStatusCode status, string sentence)
    {
        using var answer = await _browser.Get($"{_server.Url}/login");
        Assert.Equal((status, sentence), await answer.Problem());
    }
}
