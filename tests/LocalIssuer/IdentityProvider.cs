using System.Net.Http.Json;
using System.Reflection;
using System.Text.Json;
using Raktar.LocalAws;

namespace Raktar.LocalIssuer;

/// <summary>A real OpenID provider on this machine, one for all specs of a process.</summary>
public sealed class IdentityProvider
{
    private static readonly Lazy<Task<IdentityProvider>> Shared = new(StartServer);

    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false });

    private IdentityProvider(string url) => Url = url;

    /// <summary>Its issuer URL.</summary>
    public string Url { get; }

    /// <summary>Starts it, the first time; installs it before, if that was never done.</summary>
    public static Task<IdentityProvider> Start() => Shared.Value;

    /// <summary>Registers a client that comes back to this URL.</summary>
    public async Task<(string Id, string Secret)> Register(string redirectUri, string method = "client_secret_basic")
    {
        using var answer = await _http.PostAsJsonAsync(
            new Uri($"{Url}/reg"),
            new { redirect_uris = (string[])[redirectUri], token_endpoint_auth_method = method });
        answer.EnsureSuccessStatusCode();
        var client = await answer.Content.ReadFromJsonAsync<JsonElement>();
        return (client.GetProperty("client_id").GetString()!, client.TryGetProperty("client_secret", out var secret) ? secret.GetString()! : string.Empty);
    }

    /// <summary>Says who somebody is from now on.</summary>
    public async Task Knows(string subject, object claims)
    {
        using var answer = await _http.PutAsJsonAsync(new Uri($"{Url}/specs/people/{Uri.EscapeDataString(subject)}"), claims);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>What it signs for a run of a continuous integration with these claims, for this audience.</summary>
    public async Task<string> RunToken(string audience, object claims)
    {
        using var registered = await _http.PostAsJsonAsync(
            new Uri($"{Url}/reg"),
            new { redirect_uris = Array.Empty<string>(), response_types = Array.Empty<string>(), grant_types = (string[])["client_credentials"], token_endpoint_auth_method = "client_secret_post" });
        registered.EnsureSuccessStatusCode();
        var client = await registered.Content.ReadFromJsonAsync<JsonElement>();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"{Url}/token"))
        {
            Content = new FormUrlEncodedContent(new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["grant_type"] = "client_credentials",
                ["client_id"] = client.GetProperty("client_id").GetString()!,
                ["client_secret"] = client.GetProperty("client_secret").GetString()!,
                ["resource"] = $"urn:audience:{audience}",
            }),
        };
        request.Headers.Add("specs-claims", JsonSerializer.Serialize(claims));
        using var answer = await _http.SendAsync(request);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("access_token").GetString()!;
    }

    private static async Task<IdentityProvider> StartServer()
    {
        var folder = typeof(IdentityProvider).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(metadata => metadata.Key == "Raktar.LocalIssuer").Value!;
        await NodeModules.Install(folder);
        var port = Ports.Free();
        var server = await Child.Start("node", ["server.mjs", $"{port}"], folder);
        var url = $"http://127.0.0.1:{port}";
        await Eventually.Holds(
            () => server.HasExited
                ? throw new InvalidOperationException($"the identity provider ended at once:\n{server.Output}")
                : Task.FromResult(server.Output.Contains($"listening at {url}", StringComparison.Ordinal)),
            TimeSpan.FromMinutes(2),
            () => $"the identity provider did not start:\n{server.Output}");
        return new(url);
    }
}
