using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Raktar.Bench;

/// <summary>What it was measured on.</summary>
internal static class Machine
{
    public static async Task<string> Describe()
    {
        var cpu = Field("/proc/cpuinfo", "model name") ?? "unknown";
        var memory = long.Parse(Field("/proc/meminfo", "MemTotal")!.Split(' ')[0], CultureInfo.InvariantCulture) / 1024.0 / 1024;
        var system = Field("/etc/os-release", "PRETTY_NAME", '=')?.Trim('"') ?? RuntimeInformation.OSDescription;
        return
            $"""
            | machine | |
            |---|---|
            | CPU | {cpu}, {Environment.ProcessorCount} cores |
            | memory | {memory.ToString("0.0", CultureInfo.InvariantCulture)} GiB |
            | system | {system}, Linux {Environment.OSVersion.Version} |
            | .NET | {Environment.Version} |
            | nginx | {(await Tool.Output("/usr/sbin/nginx", "-v")).Split('/')[^1].Trim()} |

            """;
    }

    /// <summary>A process's field of /proc/PID/status, in MiB; 0 when the process is gone.</summary>
    public static double Memory(Process process, string field = "VmRSS")
    {
        try
        {
            return Field($"/proc/{process.Id}/status", field) is { } value ? long.Parse(value.Split(' ')[0], CultureInfo.InvariantCulture) / 1024.0 : 0;
        }
        catch (IOException)
        {
            return 0;
        }
    }

    /// <summary>Watches a process until cancelled; answers the highest memory seen, and the processor time that it had taken when it was last seen.</summary>
    public static async Task<(double Memory, TimeSpan Processor)> Watch(Process process, CancellationToken until)
    {
        var (highest, processor) = (0.0, TimeSpan.Zero);
        while (!until.IsCancellationRequested)
        {
            highest = Math.Max(highest, Memory(process));
            try
            {
                processor = process.HasExited ? processor : process.TotalProcessorTime;
            }
            catch (InvalidOperationException)
            {
                // It has exited just now.
            }

            await Task.Delay(100, CancellationToken.None);
        }

        return (highest, processor);
    }

    private static string? Field(string file, string name, char separator = ':') => File.ReadLines(file)
        .Where(line => line.StartsWith(name, StringComparison.Ordinal))
        .Select(line => line[(line.IndexOf(separator, StringComparison.Ordinal) + 1)..].Trim())
        .FirstOrDefault();
}

internal static class Tool
{
    /// <summary>Runs a program to its end; answers what it printed. Failing is an exception.</summary>
    public static async Task<string> Output(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var printed = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        var all = await printed + await errors;
        return process.ExitCode == 0 ? all : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} failed: {all}");
    }

    /// <summary>Asks a process to stop and waits for it.</summary>
    public static async Task Stop(Process process)
    {
        if (!process.HasExited)
        {
            await Output("kill", "-TERM", process.Id.ToString(CultureInfo.InvariantCulture));
            await process.WaitForExitAsync();
        }
    }

    public static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }
}
