using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Raktar.LocalIssuer;
using Raktar.Testing;

namespace Raktar.Api.Specs.Ci;

/// <summary>The exchange with an issuer that is not of the specs' making.</summary>
[Trait("Needs", "npm")]
public sealed class ARealIssuer
{
    [Fact]
    public async Task A_run_that_it_vouches_for_publishes_and_what_was_tampered_with_does_not()
    {
        var issuer = await IdentityProvider.Start();
        await using var server = await Server.Start($"--Raktar:TrustedPublishing:Issuers:0:Url={issuer.Url}");
        var (owner, audience) = (await server.Account("owner"), new Uri(server.Url).Authority);
        using var first = await RawCrate.Of("real", "0.1.0").Publish(owner);
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        using var trusted = await owner.PostAsJsonAsync("api/v1/crates/real/trusted_publishers", new { issuer = issuer.Url, claims = new { repository = "octo/real" } });
        Assert.Equal(HttpStatusCode.Created, trusted.StatusCode);

        var run = new { repository = "octo/real", event_name = "push" };
        var jwt = await issuer.RunToken(audience, run);
        var evil = await issuer.RunToken(audience, new { repository = "octo/evil", event_name = "push" });
        var forged = new Dictionary<string, string>
        {
            [string.Join('.', jwt.Split('.')[0], evil.Split('.')[1], jwt.Split('.')[2])] = "the identity token is refused: its signature is not the issuer's",
            [await issuer.RunToken("crates.io", run)] = $"the identity token is refused: its audience is not `{audience}`",
            [await issuer.RunToken(audience, new { repository = "octo/real", event_name = "workflow_run" })] = "a run that was triggered by `workflow_run` must not publish",
            [evil] = $"no crate trusts this run to publish it: {issuer.Url}: repository octo/evil",
        };
        foreach (var (token, sentence) in forged)
        {
            using var refused = await Exchange(server, token);
            Assert.Equal(sentence, (await refused.Error()).Detail);
        }

        using var exchanged = await Exchange(server, jwt);
        Assert.Equal(HttpStatusCode.OK, exchanged.StatusCode);
        var made = (await exchanged.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("token").GetString();
        using var published = await RawCrate.Of("real", "1.0.0").Publish(server.Client(made));
        Assert.Equal(HttpStatusCode.OK, published.StatusCode);
        using var again = await Exchange(server, jwt);
        Assert.Equal((HttpStatusCode.Unauthorized, "the identity token was used before; each is good once"), await again.Error());
    }

    private static Task<HttpResponseMessage> Exchange(Server server, string jwt) => server.Nobody.PostAsJsonAsync("api/v1/trusted_publishing/tokens", new { jwt });
}
