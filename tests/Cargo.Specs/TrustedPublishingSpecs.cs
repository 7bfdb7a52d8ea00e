using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Raktar.LocalIssuer;
using Raktar.Running;

namespace Raktar.Cargo.Specs;

/// <summary>Publishing from a continuous integration, without a secret.</summary>
public sealed class TrustedPublishingSpecs : IAsyncLifetime
{
    private CiIssuer _issuer = null!;
    private RunningRegistry _raktar = null!;

    public async Task InitializeAsync()
    {
        _issuer = await CiIssuer.Start();
        _raktar = await RunningRegistry.Start(
            Edition.IsAws ? Protocols.Http2 : Protocols.Http1, wired: false, ("Raktar__TrustedPublishing__Issuers__0__Url", _issuer.Url));
    }

    public async Task DisposeAsync()
    {
        await _raktar.DisposeAsync();
        await _issuer.DisposeAsync();
    }

    [Fact]
    public async Task A_run_publishes_with_the_token_that_it_exchanged_for_its_identity()
    {
        foreach (var cargo in Toolchains.All)
        {
            var name = Registries.Name("released");
            var owner = await CargoWorld.For(cargo, _raktar);
            await owner.Publish(name);
            using var trusted = await _raktar.Client.PostAsJsonAsync(
                $"api/v1/crates/{name}/trusted_publishers", new { issuer = _issuer.Url, claims = new { repository = $"octo/{name}", repository_owner_id = "42" } });
            Assert.Equal(HttpStatusCode.Created, trusted.StatusCode);
            using var only = await _raktar.Client.PutAsJsonAsync($"api/v1/crates/{name}/trusted_only", new { trusted_only = true });
            Assert.Equal(HttpStatusCode.OK, only.StatusCode);
            await _raktar.Settled();
            (await owner.Publishing(owner.Library(name, "1.1.0"))).Failed("403", $"`{name}` is published by its trusted publishers only");

            var token = await Exchange(name);
            var run = await CargoWorld.For(cargo, _raktar, token);
            await run.Publish(name, "1.1.0");
            Assert.Equal("1.1.0", (await _raktar.Line(name, "1.1.0")).GetProperty("vers").GetString());
            (await run.Cargo("yank", "--registry", "raktar", $"{name}@1.1.0")).Failed("403");
            (await run.Publishing(run.Library(Registries.Name("released-new")))).Failed("403", "publish-new");

            using var client = Protocols.Client(_raktar.Protocol, _raktar.Url, $"Bearer {token}");
            using var given = await client.DeleteAsync("api/v1/trusted_publishing/tokens");
            Assert.Equal(HttpStatusCode.NoContent, given.StatusCode);
        }
    }

    // On AWS an instance may remember for some seconds that a crate trusts nobody; identity tokens that are refused are not used up.
    private async Task<string> Exchange(string crate)
    {
        var jwt = _issuer.Token(new Uri(_raktar.Url).Authority, claims => claims["repository"] = $"octo/{crate}");
        string? token = null;
        await Eventually.Holds(
            async () =>
            {
                using var exchanged = await _raktar.Client.PostAsJsonAsync("api/v1/trusted_publishing/tokens", new { jwt });
                token = exchanged.StatusCode == HttpStatusCode.OK ? (await exchanged.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("token").GetString() : null;
                return token is not null;
            },
            TimeSpan.FromSeconds(30),
            () => "the identity token was not exchanged");
        return token!;
    }
}
