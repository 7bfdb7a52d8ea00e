using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Raktar.LocalIssuer;

/// <summary>An issuer of identity tokens on this machine, as a continuous integration has one. It signs by hand, so that it can also sign what it should not.</summary>
internal sealed class CiIssuer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly TimeProvider _time;
    private int _rotations;

    private CiIssuer(WebApplication app, TimeProvider time) => (_app, _time) = (app, time);

    /// <summary>Its URL, as it calls itself.</summary>
    public string Url => _app.Urls.First();

    /// <summary>The key that it signs with.</summary>
    public RSA Key { get; private set; } = RSA.Create(2048);

    /// <summary>What it calls the key.</summary>
    public string KeyId { get; private set; } = "key-0";

    /// <summary>How often it was asked for its keys.</summary>
    public int Asked { get; private set; }

    /// <summary>What it answers instead of its description, when set.</summary>
    public Func<HttpContext, Task>? Describe { get; set; }

    /// <summary>What it answers instead of its keys, when set.</summary>
    public Func<HttpContext, Task>? Keys { get; set; }

    public static async Task<CiIssuer> Start(TimeProvider? time = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        var issuer = new CiIssuer(app, time ?? TimeProvider.System);
        app.Map("/.well-known/openid-configuration", context => issuer.Describe is { } describe ? describe(context) : issuer.Description(context));
        app.Map("/keys", context => issuer.Keys is { } keys ? keys(context) : issuer.KeySet(context));
        await app.StartAsync();
        return issuer;
    }

    /// <summary>From now on it signs with another key, and knows the old one no more.</summary>
    public void Rotate() => (Key, KeyId) = (RSA.Create(2048), string.Create(CultureInfo.InvariantCulture, $"key-{++_rotations}"));

    /// <summary>What it says of itself, with its keys at <paramref name="keys"/>.</summary>
    public Task Description(HttpContext context, string? keys = null) => context.Response.WriteAsJsonAsync(new { issuer = Url, jwks_uri = keys ?? $"{Url}/keys" });

    /// <summary>The claims of a release in the repository <c>octo/foo</c>.</summary>
    public Dictionary<string, object?> Claims(string audience)
    {
        var now = _time.GetUtcNow().ToUnixTimeSeconds();
        return new(StringComparer.Ordinal)
        {
            ["iss"] = Url,
            ["aud"] = audience,
            ["sub"] = "repo:octo/foo:environment:release",
            ["jti"] = Guid.NewGuid().ToString(),
            ["iat"] = now,
            ["nbf"] = now,
            ["exp"] = now + 600,
            ["repository"] = "octo/foo",
            ["repository_owner_id"] = "42",
            ["workflow_ref"] = "octo/foo/.github/workflows/release.yml@refs/tags/v1.0.0",
            ["environment"] = "release",
            ["event_name"] = "push",
            ["ref"] = "refs/tags/v1.0.0",
            ["sha"] = "0123456789abcdef",
            ["run_id"] = 7,
        };
    }

    /// <summary>A token for such a run.</summary>
    public string Token(string audience, Action<Dictionary<string, object?>>? change = null, Action<Dictionary<string, object?>>? header = null, RSA? key = null)
    {
        var claims = Claims(audience);
        change?.Invoke(claims);
        var head = new Dictionary<string, object?>(StringComparer.Ordinal) { ["alg"] = "RS256", ["kid"] = KeyId, ["typ"] = "JWT" };
        header?.Invoke(head);
        return Sign(head, JsonSerializer.Serialize(claims), key ?? Key);
    }

    /// <summary>A token whose payload is exactly that text.</summary>
    public string Sign(string payload) => Sign(new() { ["alg"] = "RS256", ["kid"] = KeyId }, payload, Key);

    /// <summary>Three parts, of which the third is what <paramref name="sign"/> makes of the first two.</summary>
    public static string Join(object header, string payload, Func<byte[], byte[]> sign)
    {
        var signed = $"{Encode(JsonSerializer.SerializeToUtf8Bytes(header))}.{Encode(Encoding.UTF8.GetBytes(payload))}";
        return $"{signed}.{Encode(sign(Encoding.ASCII.GetBytes(signed)))}";
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        Key.Dispose();
    }

    private static string Sign(Dictionary<string, object?> header, string payload, RSA key) =>
        Join(header, payload, bytes => key.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));

    private static string Encode(byte[] bytes) => Base64Url.EncodeToString(bytes);

    private Task KeySet(HttpContext context)
    {
        Asked++;
        var key = Key.ExportParameters(includePrivateParameters: false);
        var (n, e) = (Encode(key.Modulus!), Encode(key.Exponent!));
        return context.Response.WriteAsJsonAsync(new
        {
            keys = new object[]
            {
                new { kty = "oct", kid = "shared", k = "c2VjcmV0" },
                new { kty = "RSA", kid = "for-secrets", use = "enc", n, e },
                new { kty = "RSA", kid = KeyId, use = "sig", alg = "RS256", n, e },
            },
        });
    }
}
