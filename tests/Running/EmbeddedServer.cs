using System.Reflection;

namespace Raktar.Running;

/// <summary>The embedded edition: a process of its own, a port, a data folder.</summary>
internal sealed class EmbeddedServer(string protocol) : IServer
{
    private static readonly string Api = typeof(EmbeddedServer).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(metadata => metadata.Key == "Raktar.Api").Value!;

    private ServerProcess? _process;

    public string Url { get; } = $"{Protocols.Scheme(protocol)}://127.0.0.1:{Ports.Free()}";

    /// <summary>The data folder.</summary>
    public string Data { get; } = Path.Combine(Scratch.Folder("raktar"), "data");

    public string? AdminToken
    {
        get
        {
            var file = Path.Combine(Data, "admin-token");
            return File.Exists(file) ? File.ReadAllText(file).Trim() : null;
        }
    }

    public string? Problem => _process!.HasExited ? "the registry ended at once" : null;

    public Task Start(string publicUrl, IReadOnlyDictionary<string, string> settings)
    {
        _process = new ServerProcess([Api, "--urls", Url, "--data", Data, "--public-url", publicUrl], Environment(settings));
        return Task.CompletedTask;
    }

    public Task Kill() => _process!.Kill();

    public Task Stop() => _process!.Stop();

    public Task<Ended> Command(string[] arguments, IReadOnlyDictionary<string, string> settings) =>
        Program.Run("dotnet", [Api, .. arguments, "--data", Data], Scratch.Folder("work"), Environment(settings));

    public string Output() => _process?.Output ?? string.Empty;

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }
    }

    private IEnumerable<(string, string?)> Environment(IReadOnlyDictionary<string, string> settings)
    {
        foreach (var (name, value) in settings)
        {
            yield return (name, value);
        }

        if (protocol == Protocols.Http2)
        {
            yield return ("Kestrel__Certificates__Default__Path", Certificates.Certificate);
            yield return ("Kestrel__Certificates__Default__KeyPath", Certificates.Key);
        }
    }
}
