using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.WebUtilities;
using Raktar.Api.Specs.Web;
using Raktar.LocalIssuer;

namespace Raktar.Api.Specs.SignIn;

/// <summary>An id_token that is not the issuer's, or not for this sign-in, lets nobody in.</summary>
[Trait("Needs", "issuer")]
public sealed class ForgedIdTokens(ForgedIdTokens.Fixture fixture) : IClassFixture<ForgedIdTokens.Fixture>
{
    private const string NotBelieved = "the identity provider's answer is not to be believed; please sign in again";

    private static readonly Dictionary<string, Func<FakeIssuer, string, string>> Forged = new()
    {
        ["signed with another key"] = (issuer, nonce) => Sign(issuer, nonce, key: RSA.Create(2048)),
        ["payload changed after signing"] = (issuer, nonce) =>
        {
            var parts = issuer.Sign(issuer.Claims(nonce)).Split('.');
            var claims = issuer.Claims(nonce);
            claims["groups"] = new JsonArray("admins");
            return $"{parts[0]}.{FakeIssuer.Encode(claims)}.{parts[2]}";
        },
        ["alg none, no signature"] = (issuer, nonce) => $"{FakeIssuer.Encode(new() { ["alg"] = "none", ["typ"] = "JWT" })}.{FakeIssuer.Encode(issuer.Claims(nonce))}.",
        ["alg None in capitals"] = (issuer, nonce) => $"{FakeIssuer.Encode(new() { ["alg"] = "NONE", ["typ"] = "JWT", ["kid"] = issuer.KeyId })}.{FakeIssuer.Encode(issuer.Claims(nonce))}.",
        ["HS256 with the public key in PEM as the secret"] = (issuer, nonce) => Hmac(issuer, nonce, Encoding.ASCII.GetBytes(issuer.Key.ExportSubjectPublicKeyInfoPem())),
        ["HS256 with the public key in DER as the secret"] = (issuer, nonce) => Hmac(issuer, nonce, issuer.Key.ExportSubjectPublicKeyInfo()),
        ["HS256 with the modulus as the secret"] = (issuer, nonce) => Hmac(issuer, nonce, issuer.Key.ExportParameters(false).Modulus!),
        ["HS256 with the client's name as the secret"] = (issuer, nonce) => Hmac(issuer, nonce, Encoding.ASCII.GetBytes(FakeIssuer.ClientId)),
        ["signature stripped"] = (issuer, nonce) => string.Join('.', issuer.Sign(issuer.Claims(nonce)).Split('.')[..2]) + ".",
        ["key id that nobody knows"] = (issuer, nonce) => Sign(issuer, nonce, kid: "two"),
        ["no key id"] = (issuer, nonce) => Sign(issuer, nonce, header: new() { ["kid"] = null }),
        ["its own key in the header"] = (issuer, nonce) =>
        {
            var own = RSA.Create(2048);
            var key = own.ExportParameters(false);
            return Sign(issuer, nonce, kid: "own", key: own, header: new()
            {
                ["jwk"] = new JsonObject { ["kty"] = "RSA", ["kid"] = "own", ["n"] = WebEncoders.Base64UrlEncode(key.Modulus!), ["e"] = WebEncoders.Base64UrlEncode(key.Exponent!) },
            });
        },
        ["its own certificate in the header"] = (issuer, nonce) =>
        {
            var own = RSA.Create(2048);
            using var certificate = new CertificateRequest("CN=x", own, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
                .CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
            return Sign(issuer, nonce, kid: certificate.Thumbprint, key: own, header: new() { ["x5c"] = new JsonArray(Convert.ToBase64String(certificate.RawData)) });
        },
        ["a URL of its own keys in the header"] = (issuer, nonce) =>
            Sign(issuer, nonce, kid: "own", key: RSA.Create(2048), header: new() { ["jku"] = $"{issuer.Url}/keys" }),
        ["another issuer"] = (issuer, nonce) => With(issuer, nonce, "iss", "https://elsewhere.example.com"),
        ["the issuer with another path"] = (issuer, nonce) => With(issuer, nonce, "iss", $"{issuer.Url}/realms/other"),
        ["no issuer"] = (issuer, nonce) => With(issuer, nonce, "iss", null),
        ["another client"] = (issuer, nonce) => With(issuer, nonce, "aud", "another-client"),
        ["no audience"] = (issuer, nonce) => With(issuer, nonce, "aud", null),
        ["for us and for another, without saying to whom"] = (issuer, nonce) => With(issuer, nonce, "aud", new JsonArray(FakeIssuer.ClientId, "another-client")),
        ["issued to another client"] = (issuer, nonce) => With(issuer, nonce, "azp", "another-client"),
        ["expired"] = (issuer, nonce) => With(issuer, nonce, "exp", Now(TimeSpan.FromMinutes(-5))),
        ["without an end"] = (issuer, nonce) => With(issuer, nonce, "exp", null),
        ["not valid yet"] = (issuer, nonce) => With(issuer, nonce, "nbf", Now(TimeSpan.FromMinutes(5))),
        ["of another sign-in"] = (issuer, nonce) => With(issuer, nonce, "nonce", "another-nonce"),
        ["of no sign-in"] = (issuer, nonce) => With(issuer, nonce, "nonce", null),
        ["of nobody"] = (issuer, nonce) => With(issuer, nonce, "sub", null),
        ["an access token"] = (issuer, nonce) => Sign(issuer, nonce, header: new() { ["typ"] = "at+jwt" }),
        ["a logout token"] = (issuer, nonce) => Sign(issuer, nonce, header: new() { ["typ"] = "logout+jwt" }),
        ["an extension that must be understood"] = (issuer, nonce) => Sign(issuer, nonce, header: new() { ["crit"] = new JsonArray("exp2"), ["exp2"] = 1 }),
        ["no JWT"] = (_, _) => "nonsense",
        ["nothing"] = (_, _) => string.Empty,
    };

    public static TheoryData<string> Kinds => [.. Forged.Keys];

    [Fact]
    public async Task A_good_one_lets_in()
    {
        fixture.Issuer.IdToken = nonce => fixture.Issuer.Sign(fixture.Issuer.Claims(nonce));
        using var browser = new Browser();
        using var answer = await browser.Get($"{fixture.Server.Url}/login");
        Assert.Equal((HttpStatusCode.OK, $"{fixture.Server.Url}/me"), (answer.StatusCode, answer.RequestMessage!.RequestUri!.ToString()));
        Assert.Contains("<h1>ann</h1>", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_forged_one_is_refused(string kind)
    {
        fixture.Issuer.IdToken = nonce => Forged[kind](fixture.Issuer, nonce);
        using var browser = new Browser();
        using var answer = await browser.Get($"{fixture.Server.Url}/login");
        Assert.Equal((HttpStatusCode.BadRequest, NotBelieved), await answer.Problem());
        using var me = await browser.Get($"{fixture.Server.Url}/me");
        Assert.Equal(HttpStatusCode.Unauthorized, me.StatusCode);
    }

    private static long Now(TimeSpan plus) => (TimeProvider.System.GetUtcNow() + plus).ToUnixTimeSeconds();

    private static string Sign(FakeIssuer issuer, string nonce, string? kid = null, RSA? key = null, JsonObject? header = null) =>
        issuer.Sign(issuer.Claims(nonce), kid: kid, key: key, header: header);

    private static string With(FakeIssuer issuer, string nonce, string claim, JsonNode? value)
    {
        var claims = issuer.Claims(nonce);
        if (value is null)
        {
            claims.Remove(claim);
        }
        else
        {
            claims[claim] = value;
        }

        return issuer.Sign(claims);
    }

    private static string Hmac(FakeIssuer issuer, string nonce, byte[] secret)
    {
        var text = $"{FakeIssuer.Encode(new() { ["alg"] = "HS256", ["typ"] = "JWT", ["kid"] = issuer.KeyId })}.{FakeIssuer.Encode(issuer.Claims(nonce))}";
        return $"{text}.{WebEncoders.Base64UrlEncode(HMACSHA256.HashData(secret, Encoding.ASCII.GetBytes(text)))}";
    }

    /// <summary>One issuer, and a registry that believes it.</summary>
    public sealed class Fixture : IAsyncLifetime
    {
        internal FakeIssuer Issuer { get; private set; } = null!;

        public Server Server { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            Issuer = await FakeIssuer.Start();
            Server = await Server.Start(
                $"--Raktar:Oidc:Authority={Issuer.Url}", $"--Raktar:Oidc:ClientId={FakeIssuer.ClientId}", "--Raktar:Oidc:Roles=devs=publisher;admins=admin");
        }

        public async Task DisposeAsync()
        {
            await Server.DisposeAsync();
            await Issuer.DisposeAsync();
        }
    }
}
