using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Raktar.LocalIssuer;
using Raktar.Testing;

namespace Raktar.Api.Specs.Ci;

/// <summary>Identity tokens that are forged, stale, for others, or of the wrong run: each is refused, and with a reason.</summary>
[Trait("Needs", "issuer")]
public sealed class ForgedTokens(TrustedRegistry registry) : IClassFixture<TrustedRegistry>
{
    private const string Malformed = "it is not three parts of base64url, two of them JSON objects";
    private const string Unsigned = "its signature is not the issuer's";
    private static readonly Dictionary<string, (Func<TrustedRegistry, string> Make, string Problem)> Forged = new()
    {
        // What it is.
        ["garbage"] = (_ => "garbage", Malformed),
        ["two parts"] = (r => r.Jwt()[..r.Jwt().LastIndexOf('.')], Malformed),
        ["four parts"] = (r => $"{r.Jwt()}.x", Malformed),
        ["no signature"] = (r => r.Jwt()[..(r.Jwt().LastIndexOf('.') + 1)], Malformed),
        ["a space behind it"] = (r => $"{r.Jwt()} ", Malformed),
        ["a line break in it"] = (r => r.Jwt().Insert(20, "\n"), Malformed),
        ["padding"] = (r => r.Jwt().Replace(".", "=.", StringComparison.Ordinal), Malformed),
        ["a payload that is a list"] = (r => r.Issuer.Sign("[]"), Malformed),
        ["a claim twice"] = (r => r.Issuer.Sign(JsonSerializer.Serialize(r.Issuer.Claims(r.Audience)).Replace("\"sub\"", "\"repository\":\"octo/evil\",\"sub\"", StringComparison.Ordinal)), Malformed),
        ["half a surrogate pair"] = (r => r.Issuer.Sign(JsonSerializer.Serialize(r.Issuer.Claims(r.Audience)).Replace("octo/foo", @"octo/\ud800", StringComparison.Ordinal)), Malformed),
        ["oversized"] = (r => r.Jwt(change: c => c["more"] = new string('x', 20_000)), "characters (max 16384)"),

        // Who signed it.
        ["no algorithm"] = (r => r.Issuer.Token(r.Audience, header: h => h.Remove("alg")), "it names no algorithm"),
        ["algorithm none"] = (r => r.Issuer.Token(r.Audience, header: h => h["alg"] = "none"), "the algorithm `none` is not accepted"),
        ["algorithm None"] = (r => r.Issuer.Token(r.Audience, header: h => h["alg"] = "None"), "the algorithm `None` is not accepted"),
        ["HMAC with the public key"] = (WithPublicKeyAsSecret, "the algorithm `HS256` is not accepted"),
        ["another algorithm than the key's"] = (r => r.Issuer.Token(r.Audience, header: h => h["alg"] = "RS512"), Unsigned),
        ["an elliptic algorithm with an RSA key"] = (r => r.Issuer.Token(r.Audience, header: h => h["alg"] = "ES256"), Unsigned),
        ["no key id"] = (r => r.Issuer.Token(r.Audience, header: h => h.Remove("kid")), "it names no key"),
        ["an empty key id"] = (r => r.Issuer.Token(r.Audience, header: h => h["kid"] = ""), "it names no key"),
        ["an unknown key"] = (r => r.Issuer.Token(r.Audience, header: h => h["kid"] = "other"), "its key `other` is none of the issuer's"),
        ["a key for encryption"] = (r => r.Issuer.Token(r.Audience, header: h => h["kid"] = "for-secrets"), "its key `for-secrets` is none of the issuer's"),
        ["a shared key"] = (r => r.Issuer.Token(r.Audience, header: h => h["kid"] = "shared"), "its key `shared` is none of the issuer's"),
        ["another key of the same name"] = (r => r.Issuer.Token(r.Audience, key: RSA.Create(2048)), Unsigned),
        ["a key that it brings along"] = (WithItsOwnKey, Unsigned),
        ["a tampered payload"] = (Tampered, Unsigned),
        ["a tampered signature"] = (r => r.Jwt()[..^8] + "AAAAAAAA", Unsigned),
        ["extensions"] = (r => r.Issuer.Token(r.Audience, header: h => h["crit"] = new[] { "b64" }), "it demands extensions"),
        ["a logout"] = (r => r.Issuer.Token(r.Audience, header: h => h["typ"] = "logout+jwt"), "it is a token of another type"),

        // Whose it is, and for whom.
        ["no issuer"] = (r => r.Jwt(change: c => c.Remove("iss")), "it names no issuer"),
        ["a strange issuer"] = (r => r.Jwt(change: c => c["iss"] = "https://ci.example.com"), "its issuer `https://ci.example.com` is not known here"),
        ["the issuer with a slash"] = (r => r.Jwt(change: c => c["iss"] = $"{r.Issuer.Url}/"), "/` is not known here"),
        ["another issuer that is known"] = (r => r.Jwt(change: c => c["iss"] = r.OtherIssuer.Url), "its key `key-0` is none of the issuer's"),
        ["another issuer that is known, and its key's name"] = (
            r => r.Issuer.Token(r.Audience, c => c["iss"] = r.OtherIssuer.Url, h => h["kid"] = r.OtherIssuer.KeyId), Unsigned),
        ["no audience"] = (r => r.Jwt(change: c => c.Remove("aud")), "its audience is not"),
        ["another audience"] = (r => r.Issuer.Token("crates.io"), "its audience is not"),
        ["the audience in capitals"] = (r => r.Jwt(change: c => c["aud"] = $"HTTP://{r.Audience}"), "its audience is not"),
        ["audiences without ours"] = (r => r.Jwt(change: c => c["aud"] = new[] { "crates.io", "pypi" }), "its audience is not"),
        ["audiences besides ours"] = (r => r.Jwt(change: c => c["aud"] = new[] { r.Audience, "crates.io" }), "its audience is not"),

        // When.
        ["no end"] = (r => r.Jwt(change: c => c.Remove("exp")), "it does not say when it ends (`exp`)"),
        ["an end that is a text"] = (r => r.Jwt(change: c => c["exp"] = "9999999999"), "it does not say when it ends (`exp`)"),
        ["an end beyond all time"] = (r => r.Jwt(change: c => c["exp"] = long.MaxValue), "it does not say when it ends (`exp`)"),
        ["expired"] = (r => r.Jwt(change: c => (c["iat"], c["nbf"], c["exp"]) = (r.Now(-700), r.Now(-700), r.Now(-100))), "it has expired"),
        ["not good yet"] = (r => r.Jwt(change: c => c["nbf"] = r.Now(200)), "it is not good yet"),
        ["good from a text on"] = (r => r.Jwt(change: c => c["nbf"] = "now"), "it does not say from when on it is good (`nbf`)"),
        ["no time of issue"] = (r => r.Jwt(change: c => c.Remove("iat")), "it does not say when it was issued (`iat`)"),
        ["issued in the future"] = (r => r.Jwt(change: c => c["iat"] = r.Now(200)), "it was issued in the future"),
        ["too old"] = (r => r.Jwt(change: c => (c["iat"], c["nbf"]) = (r.Now(-90_000), r.Now(-90_000))), "it is good for longer than 24 hours"),
        ["no id"] = (r => r.Jwt(change: c => c.Remove("jti")), "it has no id (`jti`, 1 to 255 characters)"),
        ["an empty id"] = (r => r.Jwt(change: c => c["jti"] = ""), "it has no id (`jti`, 1 to 255 characters)"),
        ["an id that is a number"] = (r => r.Jwt(change: c => c["jti"] = 5), "it has no id (`jti`, 1 to 255 characters)"),
    };

    private static readonly Dictionary<string, Action<Dictionary<string, object?>>> Strangers = new()
    {
        ["another repository"] = c => c["repository"] = "octo/evil",
        ["the repository in capitals"] = c => c["repository"] = "Octo/Foo",
        ["a repository that looks the same"] = c => c["repository"] = "\u043ect\u043e/foo",
        ["a repository with an invisible character"] = c => c["repository"] = "octo/foo\u200b",
        ["a repository with a space behind it"] = c => c["repository"] = "octo/foo ",
        ["a repository that begins so"] = c => c["repository"] = "octo/foo-evil",
        ["a repository in a list"] = c => c["repository"] = new[] { "octo/foo" },
        ["an owner who took the name over"] = c => c["repository_owner_id"] = "43",
        ["no owner"] = c => c.Remove("repository_owner_id"),
        ["another workflow"] = c => c["workflow_ref"] = "octo/foo/.github/workflows/test.yml@refs/tags/v1.0.0",
        ["the workflow on a branch"] = c => c["workflow_ref"] = "octo/foo/.github/workflows/release.yml@refs/heads/main",
        ["another environment"] = c => c["environment"] = "test",
        ["no environment"] = c => c.Remove("environment"),
    };

    public static TheoryData<string> EveryForgery => [.. Forged.Keys];

    public static TheoryData<string> EveryStranger => [.. Strangers.Keys];

    [Theory]
    [MemberData(nameof(EveryForgery))]
    public async Task A_token_that_is_not_good_is_refused_with_a_reason(string name)
    {
        await registry.Crate();
        var (make, problem) = Forged[name];
        using var response = await registry.Exchange(make(registry));
        var (status, detail) = await response.Error();
        Assert.Equal(HttpStatusCode.Unauthorized, status);
        Assert.StartsWith("the identity token is refused: ", detail, StringComparison.Ordinal);
        Assert.Contains(problem, detail, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(EveryStranger))]
    public async Task A_run_that_no_crate_trusts_is_refused_and_keeps_its_token(string name)
    {
        await registry.Crate();
        using var response = await registry.Exchange(registry.Jwt(change: Strangers[name]));
        var (status, detail) = await response.Error();
        Assert.Equal(HttpStatusCode.Forbidden, status);
        Assert.StartsWith($"no crate trusts this run to publish it: {registry.Issuer.Url}: ", detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("event_name", "pull_request_target")]
    [InlineData("event_name", "workflow_run")]
    [InlineData("pipeline_source", "merge_request_event")]
    [InlineData("pipeline_source", "external_pull_request_event")]
    public async Task A_run_on_what_strangers_propose_is_refused(string claim, string trigger)
    {
        await registry.Crate();
        using var response = await registry.Exchange(registry.Jwt(change: c => c[claim] = trigger));
        Assert.Equal((HttpStatusCode.Forbidden, $"a run that was triggered by `{trigger}` must not publish"), await response.Error());
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"jwt":null}""")]
    [InlineData("""{"jwt":""}""")]
    public async Task A_request_without_a_token_is_refused(string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await registry.Server.Nobody.PostAsync("api/v1/trusted_publishing/tokens", content);
        Assert.Equal((HttpStatusCode.BadRequest, "field `jwt` must be the identity token"), await response.Error());
    }

    [Fact]
    public async Task What_is_right_is_not_refused()
    {
        // The same registry, the same crate: what the others lack is what they changed.
        await registry.Crate();
        Assert.StartsWith("rk_ci_", await registry.Token(), StringComparison.Ordinal);
        using var listed = await registry.Exchange(registry.Jwt(change: c => c["aud"] = new[] { registry.Audience }));
        Assert.Equal(HttpStatusCode.OK, listed.StatusCode);
        using var access = await registry.Exchange(registry.Issuer.Token(registry.Audience, header: h => h["typ"] = "at+jwt"));
        Assert.Equal(HttpStatusCode.OK, access.StatusCode);
    }

    private static string WithPublicKeyAsSecret(TrustedRegistry r) => CiIssuer.Join(
        new { alg = "HS256", kid = r.Issuer.KeyId },
        JsonSerializer.Serialize(r.Issuer.Claims(r.Audience)),
        bytes => HMACSHA256.HashData(Encoding.ASCII.GetBytes(r.Issuer.Key.ExportSubjectPublicKeyInfoPem()), bytes));

    private static string WithItsOwnKey(TrustedRegistry r)
    {
        using var own = RSA.Create(2048);
        var key = own.ExportParameters(includePrivateParameters: false);
        return r.Issuer.Token(
            r.Audience,
            header: h => h["jwk"] = new { kty = "RSA", n = Convert.ToBase64String(key.Modulus!), e = Convert.ToBase64String(key.Exponent!) },
            key: own);
    }

    private static string Tampered(TrustedRegistry r)
    {
        var (good, other) = (r.Jwt().Split('.'), r.Jwt(change: c => c["repository"] = "octo/evil").Split('.'));
        return $"{good[0]}.{other[1]}.{good[2]}";
    }
}

internal static class Times
{
    /// <summary>So many seconds from now, as tokens say it.</summary>
    public static long Now(this TrustedRegistry registry, int seconds) => registry.Clock.GetUtcNow().ToUnixTimeSeconds() + seconds;
}
