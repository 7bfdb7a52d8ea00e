using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Raktar.Application.Accounts;
using Raktar.Application.Accounts.TokenChanges;
using Raktar.Application.Callers;
using Raktar.Application.Crates.Changes;
using Raktar.Application.Log;
using Raktar.Application.State;
using Raktar.Domain.Accounts;
using Raktar.LocalIssuer;
using Raktar.Testing;

namespace Raktar.Api.Specs.Permissions;

/// <summary>One caller of each kind, and crates for them to try.</summary>
internal sealed class Callers(Server server, CiIssuer issuer)
{
    private readonly Dictionary<Who, (HttpClient Client, string Token)> _known = [];
    private readonly Dictionary<string, (HttpClient Client, string Token)> _narrow = new(StringComparer.Ordinal);
    private int _last;

    /// <summary>Makes the accounts that the kinds are of.</summary>
    public async Task Prepare()
    {
        await Put("teams/platform", new { });
        foreach (var (login, role) in (ValueTuple<string, string>[])
            [("reader", "reader"), ("member", "member"), ("publisher", "publisher"), ("owner", "publisher"), ("teammate", "member"), ("boss", "admin"), ("boss-owner", "admin"), ("other", "reader")])
        {
            await Put($"accounts/{login}", new { role });
        }

        await Put("teams/platform/members/teammate", new { });
        await server.Admin.PostAsJsonAsync("api/v1/accounts/other/tokens", new { name = "first" });
        // The one crate with a keyword and a category.
        using var single = await RawCrate.Of("p", "1.0.0", package: "keywords = [\"spec\"]\ncategories = [\"spec\"]").Publish(
            await Fresh("owner"), metadata => (metadata["keywords"], metadata["categories"]) = ((string[])["spec"], (string[])["spec"]));
        single.EnsureSuccessStatusCode();
        foreach (var who in Enum.GetValues<Who>().Except([Who.Run]))
        {
            _known[who] = await Make(who, []);
        }
    }

    /// <summary>A caller of that kind for a route that demands these scopes and a request about that crate; a fresh one where the request ends its token.</summary>
    public async Task<(HttpClient Client, string Token)> Of(Who who, IReadOnlyList<TokenScope> demanded, bool fresh, string crate) =>
        who == Who.Run ? await Run(crate)
        : fresh ? await Make(who, demanded)
        : who == Who.WrongScope ? await Narrow(demanded)
        : _known[who];

    /// <summary>A crate of `owner`, `boss-owner` and the team, with one version.</summary>
    public async Task<(string Name, string Checksum)> Crate(bool restricted)
    {
        var crate = RawCrate.Of(string.Create(CultureInfo.InvariantCulture, $"perm-{_last++}"), "1.0.0");
        var owner = _known[Who.Owner].Client;
        using var published = await crate.Publish(owner);
        published.EnsureSuccessStatusCode();
        using var owners = await owner.PutAsJsonAsync($"api/v1/crates/{crate.Name}/owners", new { users = (string[])["boss-owner", "team:platform"] });
        owners.EnsureSuccessStatusCode();
        using var trusted = await owner.PostAsJsonAsync(
            $"api/v1/crates/{crate.Name}/trusted_publishers", new { issuer = issuer.Url, claims = new { repository = $"octo/{crate.Name}" } });
        trusted.EnsureSuccessStatusCode();
        if (restricted)
        {
            using var hidden = await owner.PutAsJsonAsync($"api/v1/crates/{crate.Name}/visibility", new { restricted = true });
            hidden.EnsureSuccessStatusCode();
        }

        return (crate.Name, RawCrate.Checksum(crate.File));
    }

    /// <summary>An identity token of a run that the crate trusts.</summary>
    public string IdentityToken(string crate) => issuer.Token(new Uri(server.Url).Authority, claims => claims["repository"] = $"octo/{crate}");

    /// <summary>One token for all routes that demand the same: an account has only so many.</summary>
    private async Task<(HttpClient Client, string Token)> Narrow(IReadOnlyList<TokenScope> demanded)
    {
        var key = string.Join(' ', demanded);
        return _narrow.TryGetValue(key, out var known) ? known : _narrow[key] = await Make(Who.WrongScope, demanded);
    }

    private async Task<(HttpClient Client, string Token)> Run(string crate)
    {
        using var exchanged = await server.Nobody.PostAsJsonAsync("api/v1/trusted_publishing/tokens", new { jwt = IdentityToken(crate) });
        exchanged.EnsureSuccessStatusCode();
        return (server.Client((await exchanged.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("token").GetString()), "1");
    }

    private async Task<(HttpClient Client, string Token)> Make(Who who, IReadOnlyList<TokenScope> demanded)
    {
        switch (who)
        {
            case Who.Nobody:
                return (server.Nobody, "1");
            case Who.Expired:
                return await Expired();
            case Who.Revoked:
                var (client, id) = await Token("boss", new { name = "revoked" });
                using (var revoked = await server.Admin.DeleteAsync($"api/v1/accounts/boss/tokens/{id}"))
                {
                    revoked.EnsureSuccessStatusCode();
                }

                return (client, id);
            case Who.WrongScope:
                // No token is good for nothing at all; where nothing is demanded any will do.
                var scopes = TokenScopes.Of(Role.Admin).Except(demanded).Select(scope => scope.Word()).ToList();
                return await Token("boss-owner", new { name = "narrow", endpoint_scopes = scopes });
            case Who.OtherCrates:
                return await Token("owner", new { name = "elsewhere", crate_scopes = (string[])["other-*"] });
            default:
                return await Token(
                    who switch
                    {
                        Who.Reader => "reader",
                        Who.Member => "member",
                        Who.Publisher => "publisher",
                        Who.Owner => "owner",
                        Who.TeamMember => "teammate",
                        _ => "boss",
                    },
                    new { name = "spec" });
        }
    }

    private async Task<HttpClient> Fresh(string login) => (await Token(login, new { name = "spec" })).Client;

    private async Task<(HttpClient Client, string Token)> Token(string login, object terms)
    {
        using var post = await server.Admin.PostAsJsonAsync($"api/v1/accounts/{login}/tokens", terms);
        post.EnsureSuccessStatusCode();
        var made = await post.Content.ReadFromJsonAsync<JsonElement>();
        return (server.Client(made.GetProperty("token").GetString()), made.GetProperty("id").ToString());
    }

    /// <summary>The API refuses a time that is over, so the fact is put into the log beside it.</summary>
    private async Task<(HttpClient Client, string Token)> Expired()
    {
        var text = Tokens.Create();
        var (now, boss) = (TimeProvider.System.GetUtcNow(), Login.Parse("boss"));
        var terms = new TokenTerms("over", Tokens.Hash(text), TokenScopes.Of(Role.Admin), [CratePattern.All], now.AddMinutes(-1));
        var by = new Caller(Login.Admin, Role.Admin, 1) { Request = new(Client: null, "spec") };
        await server.Services.GetRequiredService<Streams<Account>>().Change(
            StreamName.Of(boss), by, account => AccountDecider.IssueToken(account, boss, terms, now), CancellationToken.None);
        return (server.Client(text), "1");
    }

    private async Task Put(string path, object body)
    {
        using var put = await server.Admin.PutAsJsonAsync($"api/v1/{path}", body);
        put.EnsureSuccessStatusCode();
    }
}
