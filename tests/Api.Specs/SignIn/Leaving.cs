using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Raktar.Api.CommandLine;
using Raktar.Api.Specs.Web;
using Raktar.LocalIssuer;
using Raktar.Testing;

namespace Raktar.Api.Specs.SignIn;

/// <summary>Somebody leaves the company, with a browser open and tokens in many places.</summary>
[Trait("Needs", "npm")]
[Trait("Needs", "issuer")]
public sealed class Leaving(SigningIn.Fixture fixture) : IClassFixture<SigningIn.Fixture>, IDisposable
{
    private readonly Server _server = fixture.Server;
    private readonly Browser _browser = new();

    [Fact]
    public async Task Who_was_let_go_as_the_documentation_says_reads_nothing_any_more()
    {
        await Knows("eve", "devs");
        using var signedIn = await _browser.SignIn($"{_server.Url}/login", "sub-eve");
        var token = await Token("eves-own");
        using var cargo = _server.Client(token);
        var crate = RawCrate.Of("eves-crate", "1.0.0");
        using var published = await crate.Publish(cargo);
        Assert.Equal(HttpStatusCode.OK, published.StatusCode);
        var file = $"dl/eves-crate/1.0.0/{RawCrate.Checksum(crate.File)}.crate";
        Assert.Equal(HttpStatusCode.OK, await Status(cargo, file));

        await FollowTheDocumentation("eve");

        Assert.Equal(HttpStatusCode.Unauthorized, await Status(cargo, file));
        using var me = await _browser.Get($"{_server.Url}/api/v1/me");
        Assert.Equal(HttpStatusCode.Unauthorized, me.StatusCode);
        using var minted = await Mint("keep");
        Assert.Equal(HttpStatusCode.Unauthorized, minted.StatusCode);
        using var again = await _browser.SignIn($"{_server.Url}/login", "sub-eve");
        Assert.Equal((HttpStatusCode.Forbidden, "the account `eve` is switched off; administrators can switch it on"), await again.Problem());
        await Knows("eve", "eve-under-another-name", "admins");
        using var renamed = await _browser.SignIn($"{_server.Url}/login", "sub-eve");
        Assert.Equal(HttpStatusCode.Forbidden, renamed.StatusCode);
        using var given = await _server.Admin.PostAsJsonAsync("api/v1/accounts/eve/tokens", new { name = "by a friend" });
        Assert.Equal(HttpStatusCode.Forbidden, given.StatusCode);

        // Her crate stays, and whoever administers the registry has it in hand.
        Assert.Equal(HttpStatusCode.OK, await Status(_server.Admin, file));
        using var owners = await _server.Admin.PutAsJsonAsync("api/v1/crates/eves-crate/owners", new { users = (string[])["admin"] });
        Assert.Equal(HttpStatusCode.OK, owners.StatusCode);
    }

    [Fact]
    public async Task Who_comes_back_signs_in_anew_and_what_had_ended_stays_so()
    {
        await Knows("fay", "devs");
        using var signedIn = await _browser.SignIn($"{_server.Url}/login", "sub-fay");
        var cookie = _browser.Cookies.GetCookieHeader(new Uri(_server.Url));
        using var cargo = _server.Client(await Token("fays-own"));
        await Run("account", "disable", "fay", "--reason", "on leave");
        await Run("account", "enable", "fay");

        Assert.Equal(HttpStatusCode.Unauthorized, await Status(cargo, "api/v1/me"));
        using var request = new HttpRequestMessage(HttpMethod.Get, "api/v1/me");
        request.Headers.Add("Cookie", cookie);
        using var old = await _server.Nobody.SendAsync(request);
        Assert.Equal(HttpStatusCode.Unauthorized, old.StatusCode);
        using var again = await _browser.SignIn($"{_server.Url}/login", "sub-fay");
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        using var anew = _server.Client(await Token("new"));
        Assert.Equal(HttpStatusCode.OK, await Status(anew, "api/v1/me"));
        var rows = (await _server.Admin.Json("api/v1/audit?kind=account-disabled,account-enabled")).GetProperty("entries").EnumerateArray()
            .Where(row => row.GetProperty("account").GetString() == "fay").Select(row => $"{row.GetProperty("kind")} {row.GetProperty("detail")}");
        Assert.Equal(["account-enabled {}", """account-disabled {"reason":"on leave"}"""], rows);
    }

    [Fact]
    public async Task An_administrator_ends_the_sessions_of_an_account_in_all_browsers_and_no_token()
    {
        await Knows("gus", "devs");
        using var other = new Browser();
        using var here = await _browser.SignIn($"{_server.Url}/login", "sub-gus");
        using var there = await other.SignIn($"{_server.Url}/login", "sub-gus");
        using var cargo = _server.Client(await Token("guss-own"));
        await Run("account", "end-sessions", "gus");
        foreach (var browser in (Browser[])[_browser, other])
        {
            using var me = await browser.Get($"{_server.Url}/api/v1/me");
            Assert.Equal(HttpStatusCode.Unauthorized, me.StatusCode);
        }

        Assert.Equal(HttpStatusCode.OK, await Status(cargo, "api/v1/me"));
        using var again = await _browser.SignIn($"{_server.Url}/login", "sub-gus");
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
    }

    [Fact]
    public async Task Nobody_locks_themselves_out_and_nobody_locks_the_operator_out()
    {
        using var boss = await _server.Account("boss", "admin");
        using var own = await boss.PutAsJsonAsync("api/v1/accounts/boss/disabled", new { disabled = true, reason = "tired" });
        Assert.Equal((HttpStatusCode.Conflict, "`boss` is your own account; another administrator can switch it off"), await own.Error());
        using var first = await boss.PutAsJsonAsync("api/v1/accounts/admin/disabled", new { disabled = true, reason = "mutiny" });
        Assert.Equal((HttpStatusCode.Conflict, "the account `admin` must stay an admin"), await first.Error());
        using var reasonless = await _server.Admin.PutAsJsonAsync("api/v1/accounts/boss/disabled", new { disabled = true });
        Assert.Equal((HttpStatusCode.BadRequest, "switching an account off needs a reason"), await reasonless.Error());
        using var unsaid = await _server.Admin.PutAsJsonAsync("api/v1/accounts/boss/disabled", new { reason = "x" });
        Assert.Equal((HttpStatusCode.BadRequest, "field `disabled` must be true or false"), await unsaid.Error());
        using var nobody = await _server.Admin.PutAsJsonAsync("api/v1/accounts/nobody/disabled", new { disabled = true, reason = "x" });
        Assert.Equal((HttpStatusCode.NotFound, "account `nobody` does not exist"), await nobody.Error());
        await boss.Json("api/v1/me");

        using var off = await _server.Admin.PutAsJsonAsync("api/v1/accounts/boss/disabled", new { disabled = true, reason = "fired" });
        Assert.True((await off.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("disabled").GetBoolean());
        Assert.Equal(HttpStatusCode.Unauthorized, await Status(boss, "api/v1/me"));
    }

    public void Dispose() => _browser.Dispose();

    /// <summary>Does what docs/sign-in.md says of somebody called `ann`, line by line.</summary>
    private async Task FollowTheDocumentation(string login)
    {
        var text = await File.ReadAllTextAsync(Path.Combine(Root(), "docs", "sign-in.md"));
        var part = text[text.IndexOf("## When somebody leaves", StringComparison.Ordinal)..];
        var commands = part.Split("```sh\n")[1].Split("```")[0].Split('\n').Where(line => line.StartsWith("raktar ", StringComparison.Ordinal)).ToList();
        Assert.Contains(commands, command => command.StartsWith("raktar account disable ann", StringComparison.Ordinal));
        foreach (var command in commands)
        {
            var words = command.Split('#')[0].Trim().Split('"');
            await Run([.. words.SelectMany((part, i) => i % 2 == 1 ? [part] : part.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Skip(1)
                .Select(word => word == "ann" ? login : word)]);
        }
    }

    private async Task Run(params string[] args) =>
        Assert.Equal(0, await RaktarCommand.Run([.. args, "--data", _server.Data, "--public-url", _server.Url]));

    private async Task<string> Token(string name)
    {
        using var made = await Mint(name);
        Assert.Equal(HttpStatusCode.OK, made.StatusCode);
        return (await made.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("api_token").GetProperty("token").GetString()!;
    }

    private Task<HttpResponseMessage> Mint(string name) => _browser.Send(
        HttpMethod.Put,
        $"{_server.Url}/api/v1/me/tokens",
        _server.Url,
        string.Create(CultureInfo.InvariantCulture, $$$"""{"api_token":{"name":"{{{name}}}","expired_at":null}}"""));

    private Task Knows(string login, string group) => Knows(login, login, group);

    private Task Knows(string login, string name, string group) =>
        fixture.Provider.Knows($"sub-{login}", new { preferred_username = name, name, groups = (string[])[group] });

    private static async Task<HttpStatusCode> Status(HttpClient client, string path)
    {
        using var answer = await client.GetAsync(path);
        return answer.StatusCode;
    }

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Raktar.sln")))
        {
            folder = Path.GetDirectoryName(folder)!;
        }

        return folder;
    }
}
