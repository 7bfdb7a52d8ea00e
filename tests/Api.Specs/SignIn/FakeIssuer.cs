using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Tokens;

namespace Raktar.Api.Specs.SignIn;

/// <summary>An issuer that signs whatever a spec wants. Its authorization endpoint sends people straight back.</summary>
internal sealed class FakeIssuer : IAsyncDisposable
{
    public const string ClientId = "raktar";

    private readonly WebApplication _app;
    private string _nonce = string.Empty;

    private FakeIssuer(WebApplication app, string url) => (_app, Url) = (app, url);

    public string Url { get; }

    /// <summary>The key that it publishes and signs with.</summary>
    public RSA Key { get; private set; } = RSA.Create(2048);

    public string KeyId { get; private set; } = "one";

    /// <summary>What its token endpoint sends: an id_token, made of the nonce that was sent along.</summary>
    public Func<string, string> IdToken { get; set; } = null!;

    /// <summary>What an endpoint answers instead, by its path.</summary>
    public Dictionary<string, (int Status, string Body)> Instead { get; } = [];

    /// <summary>The query with which people are sent back, beside the state.</summary>
    public string SendsBack { get; set; } = "code=a-code";

    public static async Task<FakeIssuer> Start()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var url = $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture)}";
        listener.Stop();
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls(url);
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var issuer = new FakeIssuer(app, url);
        issuer.IdToken = nonce => issuer.Sign(issuer.Claims(nonce));
        app.Use(async (context, next) =>
        {
            if (issuer.Instead.TryGetValue(context.Request.Path, out var instead))
            {
                context.Response.StatusCode = instead.Status;
                context.Response.ContentType = "application/json";
                await context.Response.WriteAsync(instead.Body);
                return;
            }

            await next(context);
        });
        app.MapGet("/.well-known/openid-configuration", () => Results.Json(new Dictionary<string, object>
        {
            ["issuer"] = url,
            ["authorization_endpoint"] = $"{url}/authorize",
            ["token_endpoint"] = $"{url}/token",
            ["jwks_uri"] = $"{url}/keys",
        }));
        app.MapGet("/keys", () => Results.Text(issuer.Keys(), "application/json"));
        app.MapGet("/authorize", (HttpContext context) =>
        {
            issuer._nonce = context.Request.Query["nonce"].ToString();
            return Results.Redirect($"{context.Request.Query["redirect_uri"]}?state={Uri.EscapeDataString(context.Request.Query["state"]!)}&{issuer.SendsBack}");
        });
        app.MapPost("/token", () => Results.Json(new { access_token = "an-access-token", token_type = "Bearer", id_token = issuer.IdToken(issuer._nonce) }));
        await app.StartAsync();
        return issuer;
    }

    /// <summary>Publishes and uses another key from now on.</summary>
    public void Rotate(string keyId) => (Key, KeyId) = (RSA.Create(2048), keyId);

    /// <summary>Good claims of somebody who may sign in.</summary>
    public JsonObject Claims(string nonce)
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds());
        return new()
        {
            ["iss"] = Url,
            ["aud"] = ClientId,
            ["sub"] = "sub-of-ann",
            ["preferred_username"] = "ann",
            ["groups"] = new JsonArray("devs"),
            ["nonce"] = nonce,
            ["iat"] = now.ToUnixTimeSeconds(),
            ["exp"] = now.AddMinutes(5).ToUnixTimeSeconds(),
        };
    }

    /// <summary>A JWT by this issuer's key, unless another is given.</summary>
    public string Sign(JsonObject claims, string alg = "RS256", string? kid = null, RSA? key = null, JsonObject? header = null)
    {
        var head = new JsonObject { ["alg"] = alg, ["typ"] = "JWT", ["kid"] = kid ?? KeyId };
        foreach (var (name, value) in header ?? [])
        {
            head[name] = value?.DeepClone();
        }

        var text = $"{Encode(head)}.{Encode(claims)}";
        return $"{text}.{WebEncoders.Base64UrlEncode((key ?? Key).SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";
    }

    /// <summary>The first two parts of a JWT.</summary>
    public static string Encode(JsonObject part) => WebEncoders.Base64UrlEncode(Encoding.UTF8.GetBytes(part.ToJsonString()));

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        Key.Dispose();
    }

    private string Keys()
    {
        var parameters = Key.ExportParameters(includePrivateParameters: false);
        return JsonSerializer.Serialize(new
        {
            keys = new[]
            {
                new
                {
                    kty = "RSA",
                    use = "sig",
                    kid = KeyId,
                    n = Base64UrlEncoder.Encode(parameters.Modulus),
                    e = Base64UrlEncoder.Encode(parameters.Exponent),
                },
            },
        });
    }
}
