using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Raktar.Api.Specs.Web;
using Raktar.Application.Log;
using Raktar.Application.Ports;
using Raktar.Domain.Accounts;
using Raktar.LocalIssuer;
using Raktar.Testing;

namespace Raktar.Api.Specs.SignIn;

/// <summary>People sign in with a real OpenID provider.</summary>
[Trait("Needs", "npm")]
[Trait("Needs", "issuer")]
public sealed partial class SigningIn(SigningIn.Fixture fixture) : IClassFixture<SigningIn.Fixture>, IDisposable
{
    private readonly IdentityProvider _provider = fixture.Provider;
    private readonly Server _server = fixture.Server;
    private readonly Browser _browser = new();

    [Fact]
    public async Task Somebody_new_gets_an_account_with_the_role_and_the_teams_of_their_groups()
    {
        await Knows("s1", "Ann.Smith", "devs", "platform", "gardeners");
        using var answer = await _browser.SignIn($"{_server.Url}/login", "s1");
        Assert.Equal((HttpStatusCode.OK, $"{_server.Url}/me"), (answer.StatusCode, answer.RequestMessage!.RequestUri!.ToString()));
        var page = await answer.Content.ReadAsStringAsync();
        Assert.Contains("The Name of s1", page, StringComparison.Ordinal);
        Assert.Contains("<h1>ann.smith</h1>", page, StringComparison.Ordinal);
        Assert.Contains("<dd>publisher</dd>", page, StringComparison.Ordinal);
        Assert.Contains("<dd>gardening, platform</dd>", page, StringComparison.Ordinal);
        Assert.Contains($"index = &quot;sparse&#x2B;{_server.Url}/&quot;", page, StringComparison.Ordinal);
        Assert.Equal(("publisher", "gardening platform"), await Account("ann.smith"));

        var commit = Assert.Single(await Commits("ann.smith"));
        Assert.Equal(
            [typeof(AccountRegistered), typeof(IdentityLinked), typeof(TeamJoined), typeof(TeamJoined)], commit.Events.Select(fact => fact.GetType()));
        Assert.Equal(("ann.smith", null), (commit.Actor.Account.Text, commit.Actor.Token));
        Assert.Contains(new IdentityLinked(_provider.Url, "s1"), commit.Events);
    }

    [Fact]
    public async Task A_session_may_what_the_role_may_as_the_log_says_and_ends_when_it_goes_down()
    {
        await Knows("s2", "carl", "devs");
        using var answer = await _browser.SignIn($"{_server.Url}/login", "s2");
        Assert.Equal(HttpStatusCode.Forbidden, await Status(_browser, "api/v1/accounts"));
        (await _server.Admin.PutAsJsonAsync("api/v1/accounts/carl", new { role = "admin" })).EnsureSuccessStatusCode();
        Assert.Equal(HttpStatusCode.OK, await Status(_browser, "api/v1/accounts"));
        (await _server.Admin.PutAsJsonAsync("api/v1/accounts/carl", new { role = "reader" })).EnsureSuccessStatusCode();
        Assert.Equal(HttpStatusCode.Unauthorized, await Status(_browser, "api/v1/accounts"));
        Assert.Equal(HttpStatusCode.Unauthorized, await Status(_browser, "config.json"));
    }

    [Fact]
    public async Task Changed_groups_change_the_role_and_the_teams_at_the_next_sign_in_in_one_commit()
    {
        await Knows("s3", "dora", "readers", "platform");
        (await SignIn("s3")).Dispose();
        Assert.Equal(("reader", "platform"), await Account("dora"));
        (await _server.Admin.PutAsync("api/v1/teams/by-hand", null)).EnsureSuccessStatusCode();
        (await _server.Admin.PutAsync("api/v1/teams/by-hand/members/dora", null)).EnsureSuccessStatusCode();

        await Knows("s3", "dora", "devs", "admins", "gardeners");
        (await SignIn("s3")).Dispose();
        Assert.Equal(("admin", "by-hand gardening"), await Account("dora"));
        await Knows("s3", "dora", "readers", "devs");
        (await SignIn("s3")).Dispose();
        Assert.Equal(("publisher", "by-hand"), await Account("dora"));
        (await SignIn("s3")).Dispose();
        Assert.Equal(4, (await Commits("dora")).Count);
    }

    [Fact]
    public async Task A_stranger_without_groups_is_refused_and_leaves_nothing()
    {
        await Knows("s4", "eve", "others");
        using var answer = await _browser.SignIn($"{_server.Url}/login", "s4");
        Assert.Equal((HttpStatusCode.Forbidden, "you are in no group that may use this registry"), await answer.Problem());
        Assert.Empty(await Commits("eve"));
        using var me = await _browser.Get($"{_server.Url}/api/v1/me");
        Assert.Equal(HttpStatusCode.Unauthorized, me.StatusCode);
    }

    [Fact]
    public async Task Who_is_in_no_group_any_more_is_refused_and_loses_what_they_had()
    {
        await Knows("s5", "frank", "admins", "platform");
        (await _browser.SignIn($"{_server.Url}/login", "s5")).Dispose();
        Assert.Equal(HttpStatusCode.OK, await Status(_browser, "api/v1/me"));
        await Knows("s5", "frank");
        using var answer = await SignIn("s5");
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Equal(("reader", ""), await Account("frank"));
        Assert.Equal(HttpStatusCode.Unauthorized, await Status(_browser, "api/v1/me"));
    }

    [Fact]
    public async Task The_account_stays_with_the_person_and_not_with_the_name()
    {
        await Knows("s6", "grace", "devs");
        (await SignIn("s6")).Dispose();
        await Knows("s7", "grace", "admins");
        using var second = await SignIn("s7");
        Assert.Equal(HttpStatusCode.Conflict, second.StatusCode);
        Assert.Equal(("publisher", ""), await Account("grace"));

        await Knows("s6", "grace-married", "devs", "platform");
        using var renamed = await SignIn("s6");
        Assert.Contains("<h1>grace</h1>", await renamed.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(("publisher", "platform"), await Account("grace"));
        Assert.Empty(await Commits("grace-married"));
    }

    [Fact]
    public async Task Who_cancels_at_the_provider_is_told_so()
    {
        using var form = await _browser.Get($"{_server.Url}/login");
        var abort = Abort().Match(await form.Content.ReadAsStringAsync()).Groups["url"].Value;
        using var answer = await _browser.Get(abort);
        Assert.Equal(
            (HttpStatusCode.Forbidden, "the identity provider did not let you in, or you changed your mind"),
            await answer.Problem());
    }

    [Theory]
    [InlineData("?return=/api/v1/me", "/api/v1/me")]
    [InlineData("?return=https://evil.example.com/", "/me")]
    [InlineData("?return=//evil.example.com/", "/me")]
    [InlineData("?return=/%5Cevil.example.com/", "/me")]
    [InlineData("?return=.evil.example.com", "/me")]
    public async Task It_leads_back_to_a_page_of_this_registry_only(string query, string path)
    {
        await Knows("s9", "ivan", "devs");
        using var answer = await _browser.SignIn($"{_server.Url}/login{query}", "s9");
        Assert.Equal(_server.Url + path, answer.RequestMessage!.RequestUri!.ToString());
    }

    [Fact]
    public async Task A_token_made_on_the_page_publishes()
    {
        await Knows("s10", "judy", "devs");
        using var answer = await _browser.SignIn($"{_server.Url}/login", "s10");
        var key = Pages.Key(await answer.Html());
        using var made = await _browser.Post($"{_server.Url}/me/tokens", _server.Url, ("key", key), ("name", "<laptop>"), ("days", "7"), ("scopes", "publish-new"));
        Assert.Equal("no-store", made.Headers.CacheControl!.ToString());
        var page = await made.Content.ReadAsStringAsync();
        Assert.Contains("&lt;laptop&gt;", page, StringComparison.Ordinal);
        var token = Pages.Token(page);
        using var cargo = _server.Client(token);
        using var published = await RawCrate.Of("judys-crate", "1.0.0").Publish(cargo);
        Assert.Equal(HttpStatusCode.OK, published.StatusCode);
        var issued = (TokenIssued)(await Commits("judy"))[^1].Events[0];
        Assert.Equal((7, [TokenScope.PublishNew]), ((int)Math.Round((issued.ExpiresAt!.Value - issued.IssuedAt).TotalDays), issued.Scopes));
        using var again = await _browser.Get($"{_server.Url}/me");
        Assert.DoesNotContain(token, await again.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_public_client_proves_itself_by_PKCE_alone()
    {
        await Knows("s11", "kim", "devs");
        var url = Server.FreeUrl();
        var (id, _) = await _provider.Register($"{url}/login/callback", "none");
        await using var server = await Server.StartAt(url, [.. Fixture.Settings(_provider, id, string.Empty)]);
        using var answer = await _browser.SignIn($"{url}/login", "s11");
        Assert.Equal((HttpStatusCode.OK, $"{url}/me"), (answer.StatusCode, answer.RequestMessage!.RequestUri!.ToString()));
    }

    [Fact]
    public async Task A_restart_ends_neither_a_sign_in_that_is_under_way_nor_a_session()
    {
        await Knows("s12", "lars", "devs");
        var data = Directory.CreateTempSubdirectory("raktar-").FullName;
        var url = Server.FreeUrl();
        var (id, secret) = await _provider.Register($"{url}/login/callback");
        string[] settings = [$"--Raktar:DataFolder={data}", .. Fixture.Settings(_provider, id, secret)];
        string atProvider;
        await using (await Server.StartAt(url, settings))
        {
            using var form = await _browser.Get($"{url}/login");
            atProvider = form.RequestMessage!.RequestUri!.ToString();
            Assert.StartsWith(_provider.Url, atProvider, StringComparison.Ordinal);
        }

        await using (await Server.StartAt(url, settings))
        {
            using var answer = await _browser.SignIn(atProvider, "s12");
            Assert.Equal((HttpStatusCode.OK, $"{url}/me"), (answer.StatusCode, answer.RequestMessage!.RequestUri!.ToString()));
        }

        await using (await Server.StartAt(url, settings))
        {
            using var me = await _browser.Get($"{url}/api/v1/me");
            Assert.Equal(HttpStatusCode.OK, me.StatusCode);
        }

        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(data, recursive: true);
    }

    public void Dispose() => _browser.Dispose();

    private async Task<HttpResponseMessage> SignIn(string subject)
    {
        using var browser = new Browser();
        return await browser.SignIn($"{_server.Url}/login", subject);
    }

    private async Task<HttpStatusCode> Status(Browser browser, string path)
    {
        using var answer = await browser.Get($"{_server.Url}/{path}");
        return answer.StatusCode;
    }

    private Task Knows(string subject, string name, params string[] groups) =>
        _provider.Knows(subject, new { preferred_username = name, name = $"The Name of {subject}", groups });

    private async Task<(string Role, string Teams)> Account(string login)
    {
        var account = await _server.Admin.Json($"api/v1/accounts/{login}/");
        return (account.GetProperty("role").GetString()!, string.Join(' ', account.GetProperty("teams").EnumerateArray().Select(team => team.GetString())));
    }

    private async Task<List<Commit>> Commits(string login) => await _server.Services.GetRequiredService<IEventStore>()
        .Read(StreamName.Of(Login.Parse(login)), 0, CancellationToken.None).Select(recorded => recorded.Commit).ToListAsync();

    [GeneratedRegex("""href="(?<url>[^"]+/abort)""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Abort();

    /// <summary>The provider, and a registry that it knows.</summary>
    public sealed class Fixture : IAsyncLifetime
    {
        public IdentityProvider Provider { get; private set; } = null!;

        public Server Server { get; private set; } = null!;

        public static IEnumerable<string> Settings(IdentityProvider provider, string id, string secret) =>
        [
            $"--Raktar:Oidc:Authority={provider.Url}",
            $"--Raktar:Oidc:ClientId={id}",
            $"--Raktar:Oidc:ClientSecret={secret}",
            "--Raktar:Oidc:Roles=readers=reader; devs=publisher; admins=admin",
            "--Raktar:Oidc:Teams=platform=platform; gardeners=gardening",
        ];

        public async Task InitializeAsync()
        {
            Provider = await IdentityProvider.Start();
            var url = Server.FreeUrl();
            var (id, secret) = await Provider.Register($"{url}/login/callback");
            Server = await Server.StartAt(url, [.. Settings(Provider, id, secret)]);
        }

        public async Task DisposeAsync() => await Server.DisposeAsync();
    }
}
