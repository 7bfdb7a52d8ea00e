using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Raktar.Api.Hosting;

namespace Raktar.Api.Specs;

/// <summary>The program in this process, on a port and a data folder of its own.</summary>
public sealed class Server : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("raktar-");
    private readonly WebApplication _app;

    private Server(string url, string[] settings, TimeProvider? time)
    {
        Url = url;
        Data = Path.Combine(_folder.FullName, "data");
        _app = RaktarApp.Build([$"--urls={url}", $"--Raktar:DataFolder={Data}", .. settings], time);
    }

    public string Url { get; }

    public string Data { get; }

    /// <summary>The administrator's client; paths are relative to the registry's root.</summary>
    public HttpClient Admin { get; private set; } = null!;

    /// <summary>A client without a token.</summary>
    public HttpClient Nobody { get; private set; } = null!;

    public IServiceProvider Services => _app.Services;

    public static Task<Server> Start(params string[] settings) => StartAnywhere(settings, time: null);

    /// <summary>A URL at which a server may listen.</summary>
    public static string FreeUrl() => $"http://127.0.0.1:{FreePort().ToString(CultureInfo.InvariantCulture)}";

    /// <summary>The same at a URL that was chosen before.</summary>
    public static Task<Server> StartAt(string url, params string[] settings) => Start(url, settings, time: null);

    /// <summary>The same by a clock of the spec's.</summary>
    public static Task<Server> StartWith(TimeProvider? time, params string[] settings) => StartAnywhere(settings, time);

    // A port that was free a moment ago may be another process's by now.
    private static async Task<Server> StartAnywhere(string[] settings, TimeProvider? time)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await Start(FreeUrl(), settings, time);
            }
            catch (IOException e) when (e.InnerException is AddressInUseException && tries < 5)
            {
                // Another one is asked for.
            }
        }
    }

    private static async Task<Server> Start(string url, string[] settings, TimeProvider? time)
    {
        var server = new Server(url, settings, time);
        var token = await server._app.StartRaktar(CancellationToken.None);
        server.Admin = server.Client(token);
        server.Nobody = server.Client(token: null);
        return server;
    }

    /// <summary>A client with this token as cargo sends it.</summary>
    public HttpClient Client(string? token)
    {
        var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(Url + "/") };
        if (token is not null)
        {
            client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", token);
        }

        return client;
    }

    /// <summary>A client of an account with this role, made for the occasion.</summary>
    public async Task<HttpClient> Account(string login, string role = "publisher")
    {
        using var put = await Admin.PutAsJsonAsync($"api/v1/accounts/{login}", new { role });
        put.EnsureSuccessStatusCode();
        using var post = await Admin.PostAsJsonAsync($"api/v1/accounts/{login}/tokens", new { name = "spec" });
        Assert.Equal(HttpStatusCode.Created, post.StatusCode);
        return Client((await post.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("token").GetString());
    }

    public async ValueTask DisposeAsync()
    {
        Admin?.Dispose();
        Nobody?.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

/// <summary>Assertions about answers.</summary>
internal static class Answers
{
    /// <summary>The one error sentence of an answer in cargo's shape, with its status.</summary>
    public static async Task<(HttpStatusCode Status, string Detail)> Error(this HttpResponseMessage response)
    {
        Assert.Equal("application/json; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        var body = await response.Content.ReadFromJsonAsync<JsonElement>();
        var error = Assert.Single(body.GetProperty("errors").EnumerateArray());
        return (response.StatusCode, error.GetProperty("detail").GetString()!);
    }

    public static async Task<JsonElement> Json(this HttpClient client, string path)
    {
        using var response = await client.GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }
}

/// <summary>A server for all specs of a class.</summary>
public sealed class ServerFixture : IAsyncLifetime
{
    public Server Server { get; private set; } = null!;

    public async Task InitializeAsync() => Server = await Server.Start("--Raktar:Limits:CrateBytes=200000", "--Raktar:Limits:IdleSeconds=1");

    public async Task DisposeAsync() => await Server.DisposeAsync();
}
