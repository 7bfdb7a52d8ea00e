using System.Diagnostics;
using System.Text;
using Raktar.Api.Hosting;

namespace Raktar.Api.Specs.Operating;

/// <summary>The program as operators run it: a process in a working directory, whose output goes where nobody's terminal is.</summary>
internal sealed class ChildProgram : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly StringBuilder _output = new();

    private ChildProgram(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Add(line.Data);
        process.ErrorDataReceived += (_, line) => Add(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>All that it said so far, on both of its outputs.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    /// <summary>Starts it.</summary>
    public static ChildProgram Start(string folder, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(RaktarApp).Assembly.Location, .. arguments])
        {
            UseShellExecute = false,
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return new(Process.Start(start)!);
    }

    /// <summary>Runs it to its end; answers its exit code and all that it said.</summary>
    public static async Task<(int ExitCode, string Output)> Run(
        string folder, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        using var program = Start(folder, environment, arguments);
        using var patience = new CancellationTokenSource(Patience);
        await program._process.WaitForExitAsync(patience.Token);
        return (program._process.ExitCode, program.Output);
    }

    /// <summary>Waits until it serves.</summary>
    public async Task Serves()
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!Output.Contains("Raktar serves ", StringComparison.Ordinal))
        {
            Assert.False(_process.HasExited, Output);
            await Task.Delay(20, patience.Token);
        }
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    private void Add(string? line)
    {
        lock (_output)
        {
            _output.AppendLine(line);
        }
    }
}
