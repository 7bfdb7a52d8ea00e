using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Raktar.Running;

/// <summary>The registry as its users have it, in the edition of this run.</summary>
internal sealed class RunningRegistry : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Dictionary<string, string> _settings = [];
    private readonly IServer _server;
    private readonly Wire? _wire;

    private RunningRegistry(string protocol, Wire? wire, IServer server)
    {
        (Protocol, _wire, _server) = (protocol, wire, server);
        Url = wire?.Url ?? server.Url;
        wire?.LeadTo(server.Url);
        Client = Protocols.Client(protocol, Url);
    }

    /// <summary>How clients reach it.</summary>
    public string Protocol { get; }

    /// <summary>The address that clients use.</summary>
    public string Url { get; }

    /// <summary>The index, as cargo wants it.</summary>
    public string Index => $"sparse+{Url}/";

    /// <summary>The data folder of an embedded registry.</summary>
    public string Data => ((EmbeddedServer)_server).Data;

    /// <summary>What a registry on AWS runs on.</summary>
    public AwsServer Aws => (AwsServer)_server;

    /// <summary>The parts of a registry on AWS.</summary>
    public LocalAws.DeployedShape Shape => Aws.Shape;

    /// <summary>What passes between client and registry. Only when it was started with one.</summary>
    public Wire Wire => _wire ?? throw new InvalidOperationException("started without a wire");

    /// <summary>The administrator's token.</summary>
    public string AdminToken { get; private set; } = string.Empty;

    /// <summary>A client with the administrator's token.</summary>
    public HttpClient Client { get; private set; }

    /// <summary>Starts a registry with its own data folder and waits until it serves.</summary>
    public static async Task<RunningRegistry> Start(string protocol = Protocols.Http1, bool wired = false, params (string Name, string Value)[] settings)
    {
        var raktar = new RunningRegistry(protocol, wired ? await Wire.Start(protocol) : null, Edition.IsAws ? new AwsServer(protocol) : new EmbeddedServer(protocol));
        raktar.Set(settings);
        await raktar.StartAgain();
        return raktar;
    }

    /// <summary>The same with settings that depend on the address that clients use.</summary>
    public static async Task<RunningRegistry> Start(Func<string, Task<(string Name, string Value)[]>> settings)
    {
        var raktar = new RunningRegistry(Protocols.Http1, wire: null, Edition.IsAws ? new AwsServer(Protocols.Http1) : new EmbeddedServer(Protocols.Http1));
        raktar.Set(await settings(raktar.Url));
        await raktar.StartAgain();
        return raktar;
    }

    /// <summary>Changes settings; they hold from the next start.</summary>
    public void Set(params (string Name, string Value)[] settings)
    {
        foreach (var (name, value) in settings)
        {
            _settings[name] = value;
        }
    }

    /// <summary>Starts on the same port and storage, and waits until it serves.</summary>
    public async Task StartAgain()
    {
        await _server.Start(Url, _settings);
        await Eventually.Holds(Serves, Patience, () => $"the registry did not start:\n{_server.Output()}");
        _wire?.Forget();
    }

    /// <summary>kill -9.</summary>
    public Task Kill() => _server.Kill();

    /// <summary>Asks it to stop, and waits until it has.</summary>
    public Task Stop() => _server.Stop();

    /// <summary>Runs one of its commands on the same storage.</summary>
    public Task<Ended> Command(params string[] arguments) => _server.Command(arguments, _settings);

    /// <summary>Registers an account, and answers a token of it.</summary>
    public async Task<string> Account(string login, string role)
    {
        using var put = await Client.PutAsJsonAsync($"api/v1/accounts/{login}", new { role });
        Assert.Equal(HttpStatusCode.OK, put.StatusCode);
        using var post = await Client.PostAsJsonAsync($"api/v1/accounts/{login}/tokens", new { name = "specs" });
        Assert.Equal(HttpStatusCode.Created, post.StatusCode);
        return (await post.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("token").GetString()!;
    }

    /// <summary>A token that was good once.</summary>
    public async Task<string> RevokedToken()
    {
        var token = await Account("former", "publisher");
        using var client = Protocols.Client(Protocol, Url, token);
        var me = await client.GetFromJsonAsync<JsonElement>("api/v1/me");
        using var revoked = await Client.DeleteAsync($"api/v1/accounts/former/tokens/{me.GetProperty("token_id")}");
        Assert.Equal(HttpStatusCode.OK, revoked.StatusCode);
        await IsRefused(client);
        return token;
    }

    /// <summary>Waits until all that was acknowledged can be seen: embedded that is so at once.</summary>
    public Task Settled() => Edition.IsAws ? Shape.Bus.Idle() : Task.CompletedTask;

    /// <summary>Waits until a client's token is good no more: at once, or on AWS when no instance can remember it any longer.</summary>
    private async Task IsRefused(HttpClient client)
    {
        await Settled();
        var last = HttpStatusCode.OK;
        var (start, remembered) = (TimeProvider.System.GetTimestamp(), TimeSpan.FromSeconds(Edition.IsAws ? 6 : 0));
        await Eventually.Holds(
            async () =>
            {
                // Not asked before: each refusal counts against whoever asks.
                if (TimeProvider.System.GetElapsedTime(start) < remembered)
                {
                    return false;
                }

                using var answer = await client.GetAsync("api/v1/me");
                return (last = answer.StatusCode) == HttpStatusCode.Unauthorized;
            },
            TimeSpan.FromSeconds(Edition.IsAws ? 30 : 1),
            () => $"a revoked token goes on working: {last}\n{_server.Output()}");
    }

    /// <summary>A crate's lines in the index, parsed.</summary>
    public async Task<IReadOnlyList<JsonElement>> Lines(string crate)
    {
        using var response = await Client.GetAsync(IndexPath(crate));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return Parse(await response.Content.ReadAsStringAsync());
    }

    /// <summary>The index line of one version.</summary>
    public async Task<JsonElement> Line(string crate, string version) =>
        Assert.Single(await Lines(crate), line => line.GetProperty("vers").GetString() == version);

    /// <summary>Downloads what an index line promises.</summary>
    public async Task<byte[]> Download(JsonElement line)
    {
        var (name, version, checksum) = (line.GetProperty("name"), line.GetProperty("vers"), line.GetProperty("cksum"));
        using var response = await Client.GetAsync($"dl/{name}/{version}/{checksum}.crate");
        if (response.StatusCode == HttpStatusCode.TemporaryRedirect)
        {
            // As cargo does: elsewhere, and without the token.
            using var elsewhere = new HttpClient();
            return await elsewhere.GetByteArrayAsync(response.Headers.Location);
        }

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.Content.ReadAsByteArrayAsync();
    }

    /// <summary>Index text as JSON: every line an object, and nothing but lines.</summary>
    public static IReadOnlyList<JsonElement> Parse(string index)
    {
        Assert.EndsWith("\n", index, StringComparison.Ordinal);
        return [.. index[..^1].Split('\n').Select(line => JsonSerializer.Deserialize<JsonElement>(line))];
    }

    /// <summary>Where cargo looks for a crate.</summary>
    public static string IndexPath(string crate)
    {
        var name = crate.ToLowerInvariant();
        return name.Length switch
        {
            1 => $"1/{name}",
            2 => $"2/{name}",
            3 => $"3/{name[0]}/{name}",
            _ => $"{name[..2]}/{name[2..4]}/{name}",
        };
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        Client.Dispose();
        if (_wire is not null)
        {
            await _wire.DisposeAsync();
        }
    }

    private async Task<bool> Serves()
    {
        Assert.True(_server.Problem is null, $"{_server.Problem}:\n{_server.Output()}");
        try
        {
            // The token works as soon as the first start is over.
            if (_server.AdminToken is not { } token)
            {
                return false;
            }

            var client = Protocols.Client(Protocol, Url, token);
            using var me = await client.GetAsync("api/v1/me");
            if (me.StatusCode != HttpStatusCode.OK)
            {
                client.Dispose();
                return false;
            }

            Client.Dispose();
            (Client, AdminToken) = (client, token);
            return true;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
