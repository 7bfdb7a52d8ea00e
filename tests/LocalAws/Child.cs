using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;

namespace Raktar.LocalAws;

/// <summary>A program that does not outlive this process, not even when this process is killed.</summary>
/// <remarks>The process is never disposed: others may still ask whether it has exited.</remarks>
internal sealed class Child : IAsyncDisposable
{
    private const string SetPriv = "/usr/bin/setpriv";
    private static readonly ConcurrentDictionary<Child, Process> Running = [];
    private static readonly BlockingCollection<Action> Starts = [];

    private readonly StringBuilder _output = new();
    private readonly Process _process;

    static Child()
    {
        // The kernel ends a child together with the thread that started it: this thread stays as long as the process.
        new Thread(() =>
        {
            foreach (var start in Starts.GetConsumingEnumerable())
            {
                start();
            }
        })
        {
            IsBackground = true,
            Name = "starts children",
        }.Start();
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            foreach (var process in Running.Values)
            {
                process.Kill(entireProcessTree: true);
            }
        };
    }

    private Child(Process process) => _process = process;

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>What it has said so far.</summary>
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

    /// <summary>Starts a program with this environment and no other; without one it inherits ours.</summary>
    public static async Task<Child> Start(
        string program,
        IEnumerable<string> arguments,
        string folder,
        IReadOnlyDictionary<string, string>? environment = null)
    {
        // Without setpriv (not Linux) children still end with this process, unless it is killed.
        var start = File.Exists(SetPriv)
            ? new ProcessStartInfo(SetPriv, ["--pdeathsig", "KILL", program, .. arguments])
            : new ProcessStartInfo(program, arguments);
        start.WorkingDirectory = folder;
        start.UseShellExecute = false;
        (start.RedirectStandardInput, start.RedirectStandardOutput, start.RedirectStandardError) = (true, true, true);
        if (environment is not null)
        {
            start.Environment.Clear();
            foreach (var (name, value) in environment)
            {
                start.Environment[name] = value;
            }
        }

        var process = new Process { StartInfo = start };
        var child = new Child(process);
        process.OutputDataReceived += (_, line) => child.Add(line.Data);
        process.ErrorDataReceived += (_, line) => child.Add(line.Data);
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Starts.Add(() =>
        {
            try
            {
                process.Start();
                started.SetResult();
            }
            catch (Exception e)
            {
                started.SetException(e);
            }
        });
        await started.Task;
        Running[child] = process;
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return child;
    }

    /// <summary>Waits for its end.</summary>
    public async Task<int> Ended(TimeSpan patience)
    {
        using var deadline = new CancellationTokenSource(patience);
        await _process.WaitForExitAsync(deadline.Token);
        Running.TryRemove(this, out _);
        return _process.ExitCode;
    }

    /// <summary>kill -9, and waits until it is gone.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Running.TryRemove(this, out _))
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
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
