using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Reflection;
using System.Text;
using System.Text.Json;

namespace Raktar.Cargo.Specs.Running;

/// <summary>The registry as its users have it: a process of its own, a port, a data folder.</summary>
internal sealed class RaktarProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly ConcurrentDictionary<int, Process> Running = [];
    private static readonly string Api = typeof(RaktarProcess).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(metadata => metadata.Key == "Raktar.Api").Value!;

    private readonly Dictionary<string, string> _settings = [];
    private readonly StringBuilder _output = new();
    private readonly string _listen;
    private readonly Wire? _wire;
    private Process? _process;

    private RaktarProcess(string protocol, Wire? wire, string data)
    {
        (Protocol, _wire, Data) = (protocol, wire, data);
        _listen = $"{Protocols.Scheme(protocol)}://127.0.0.1:{Ports.Free()}";
        Url = wire?.Url ?? _listen;
        wire?.LeadTo(_listen);
        Client = Protocols.Client(protocol, Url);
    }

    /// <summary>How clients reach it.</summary>
    public string Protocol { get; }

    /// <summary>The address that clients use.</summary>
    public string Url { get; }

    /// <summary>The index, as cargo wants it.</summary>
    public string Index => $"sparse+{Url}/";

    /// <summary>The data folder.</summary>
    public string Data { get; }

    /// <summary>What passes between client and registry. Only when it was started with one.</summary>
    public Wire Wire => _wire ?? throw new InvalidOperationException("started without a wire");

    /// <summary>The administrator's token.</summary>
    public string AdminToken { get; private set; } = string.Empty;

    /// <summary>A client with the administrator's token.</summary>
    public HttpClient Client { get; private set; }

    /// <summary>Starts a registry with its own data folder and waits until it serves.</summary>
    public static async Task<RaktarProcess> Start(string protocol = Protocols.Http1, bool wired = false, params (string Name, string Value)[] settings)
    {
        var raktar = new RaktarProcess(protocol, wired ? await Wire.Start(protocol) : null, Path.Combine(Scratch.Folder("raktar"), "data"));
        raktar.Set(settings);
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

    /// <summary>Starts on the same port and folder, and waits until it serves.</summary>
    public async Task StartAgain()
    {
        var start = new ProcessStartInfo("dotnet", [Api, "--urls", _listen, "--data", Data, "--public-url", Url])
        {
            WorkingDirectory = Scratch.Folder("work"),
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        Program.Clean(start);
        foreach (var (name, value) in Environment())
        {
            start.Environment[name] = value;
        }

        var process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, line) => Add(line.Data);
        process.ErrorDataReceived += (_, line) => Add(line.Data);
        process.Start();
        _process = process;
        Running[process.Id] = process;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        await Eventually.Holds(Serves, Patience, () => $"the registry did not start:\n{Output()}");
        _wire?.Forget();
    }

    /// <summary>kill -9.</summary>
    public async Task Kill()
    {
        var process = _process!;
        process.Kill();
        await process.WaitForExitAsync();
        Running.TryRemove(process.Id, out _);
    }

    /// <summary>Asks it to stop, and waits until it has.</summary>
    public async Task Stop()
    {
        var process = _process!;
        await Program.Run("kill", ["-TERM", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        using var deadline = new CancellationTokenSource(Patience);
        await process.WaitForExitAsync(deadline.Token);
        Assert.True(process.ExitCode == 0, $"the registry ended with {process.ExitCode}:\n{Output()}");
        Running.TryRemove(process.Id, out _);
    }

    /// <summary>Runs one of its commands on the same data folder.</summary>
    public Task<Ended> Command(params string[] arguments) =>
        Program.Run("dotnet", [Api, .. arguments, "--data", Data], Scratch.Folder("work"), Environment());

    /// <summary>What it has said so far.</summary>
    public string Output()
    {
        lock (_output)
        {
            return _output.ToString();
        }
    }

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
        return token;
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
        if (_process is { HasExited: false })
        {
            await Kill();
        }

        Client.Dispose();
        if (_wire is not null)
        {
            await _wire.DisposeAsync();
        }
    }

    /// <summary>At the very end: no registry outlives the run.</summary>
    internal static void KillAll()
    {
        foreach (var process in Running.Values.Where(process => !process.HasExited))
        {
            process.Kill();
        }
    }

    private IEnumerable<(string, string?)> Environment()
    {
        foreach (var (name, value) in _settings)
        {
            yield return (name, value);
        }

        if (Protocol == Protocols.Http2)
        {
            yield return ("Kestrel__Certificates__Default__Path", Certificates.Certificate);
            yield return ("Kestrel__Certificates__Default__KeyPath", Certificates.Key);
        }
    }

    private async Task<bool> Serves()
    {
        Assert.False(_process!.HasExited, $"the registry ended at once:\n{Output()}");
        var file = Path.Combine(Data, "admin-token");
        try
        {
            using var health = await Client.GetAsync("health");
            if (health.StatusCode != HttpStatusCode.OK || !File.Exists(file))
            {
                return false;
            }

            // The token works as soon as the first start is over.
            if (AdminToken.Length == 0)
            {
                var client = Protocols.Client(Protocol, Url, (await File.ReadAllTextAsync(file)).Trim());
                using var me = await client.GetAsync("api/v1/me");
                if (me.StatusCode != HttpStatusCode.OK)
                {
                    client.Dispose();
                    return false;
                }

                Client.Dispose();
                Client = client;
                AdminToken = (await File.ReadAllTextAsync(file)).Trim();
            }

            return true;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private void Add(string? line)
    {
        if (line is not null)
        {
            lock (_output)
            {
                _output.Append(line).Append('\n');
            }
        }
    }
}
