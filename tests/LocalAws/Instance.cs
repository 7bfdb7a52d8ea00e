using System.Globalization;
using System.Runtime.InteropServices;

namespace Raktar.LocalAws;

/// <summary>One running copy of a function: a process, and the address where its adapter would find it.</summary>
internal sealed partial class Instance : IAsyncDisposable
{
    private const int Continue = 18;
    private const int Stop = 19;

    private readonly Child _process;

    private Instance(Child process, Upstream program) => (_process, Program) = (process, program);

    public Upstream Program { get; }

    public string Output => _process.Output;

    public bool HasExited => _process.HasExited;

    /// <summary>Starts it and waits, as the adapter does, until it answers its readiness check with less than 500.</summary>
    public static async Task<Instance> Start(string program, IReadOnlyDictionary<string, string> environment, TimeSpan patience)
    {
        var port = Ports.Free();
        var own = new Dictionary<string, string>(environment, StringComparer.Ordinal)
        {
            ["ASPNETCORE_URLS"] = $"http://127.0.0.1:{port}",
            ["AWS_LWA_PORT"] = port.ToString(CultureInfo.InvariantCulture),
        };
        var process = await Child.Start("dotnet", [program], Path.GetDirectoryName(program)!, own);
        var instance = new Instance(process, new Upstream($"http://127.0.0.1:{port}"));
        try
        {
            await Eventually.Holds(
                () => instance.IsReady(environment.GetValueOrDefault("AWS_LWA_READINESS_CHECK_PATH", "/")),
                patience,
                () => $"{program} did not get ready:\n{process.Output}");
            return instance;
        }
        catch
        {
            await instance.DisposeAsync();
            throw;
        }
    }

    /// <summary>Between two invocations Lambda lets nothing run.</summary>
    public void Freeze() => Signal(Stop);

    public void Thaw() => Signal(Continue);

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        Program.Dispose();
    }

    private void Signal(int signal)
    {
        if (OperatingSystem.IsLinux() && !_process.HasExited)
        {
            _ = Kill(_process.Id, signal);
        }
    }

    private async Task<bool> IsReady(string path)
    {
        if (_process.HasExited)
        {
            throw new InvalidOperationException($"the program ended at once:\n{_process.Output}");
        }

        try
        {
            using var check = Program.Request("GET", path);
            return (await Program.Send(check)).Status < 500;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Kill(int process, int signal);
}
