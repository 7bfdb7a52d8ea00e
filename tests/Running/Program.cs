using System.Diagnostics;
using System.Text;

namespace Raktar.Running;

/// <summary>How a program ended.</summary>
internal sealed record Ended(string What, int ExitCode, string Output, string StandardOutput)
{
    /// <summary>Fails, with all that the program said, unless it ended well.</summary>
    public Ended Succeeded()
    {
        Assert.True(ExitCode == 0, $"{What} ended with {ExitCode}:\n{Output}");
        return this;
    }

    /// <summary>Fails unless the program failed and said each of these.</summary>
    public Ended Failed(params string[] saying)
    {
        Assert.True(ExitCode != 0, $"{What} should have failed:\n{Output}");
        return Said(saying);
    }

    /// <summary>Fails unless the program said each of these.</summary>
    public Ended Said(params string[] texts)
    {
        Assert.All(texts, text => Assert.True(Output.Contains(text, StringComparison.Ordinal), $"{What} should have said `{text}`:\n{Output}"));
        return this;
    }

    /// <summary>Fails if the program said this.</summary>
    public Ended NeverSaid(string text)
    {
        Assert.False(Output.Contains(text, StringComparison.Ordinal), $"{What} should not have said `{text}`:\n{Output}");
        return this;
    }
}

/// <summary>Runs programs to their end.</summary>
internal static class Program
{
    public static async Task<Ended> Run(
        string program,
        IEnumerable<string> arguments,
        string? folder = null,
        IEnumerable<(string Name, string? Value)>? environment = null,
        string? input = null,
        TimeSpan? patience = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder ?? Environment.CurrentDirectory,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        Clean(start);
        foreach (var (name, value) in environment ?? [])
        {
            start.Environment[name] = value;
        }

        var what = $"{Path.GetFileName(program)} {string.Join(' ', start.ArgumentList)}";
        var (all, output) = (new StringBuilder(), new StringBuilder());
        using var process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, line) => Add(line.Data, output);
        process.ErrorDataReceived += (_, line) => Add(line.Data, null);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        using var deadline = new CancellationTokenSource(patience ?? TimeSpan.FromMinutes(2));
        try
        {
            await process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{what} did not end in time:\n{Text()}");
        }

        return new(what, process.ExitCode, Text(), output.ToString());

        void Add(string? line, StringBuilder? also)
        {
            if (line is not null)
            {
                lock (all)
                {
                    all.Append(line).Append('\n');
                    also?.Append(line).Append('\n');
                }
            }
        }

        string Text()
        {
            lock (all)
            {
                return all.ToString();
            }
        }
    }

    /// <summary>Nothing of whoever runs the specs may reach the programs: no settings, no proxies, no tokens.</summary>
    public static void Clean(ProcessStartInfo start)
    {
        string[] prefixes = ["CARGO_", "RAKTAR", "ASPNETCORE_", "DOTNET_ENVIRONMENT", "KESTREL", "RUSTUP_TOOLCHAIN", "RUSTFLAGS"];
        foreach (var name in start.Environment.Keys.ToList())
        {
            if (Array.Exists(prefixes, prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
                || name.EndsWith("_proxy", StringComparison.OrdinalIgnoreCase))
            {
                start.Environment.Remove(name);
            }
        }

        start.Environment["NO_PROXY"] = "*";
    }
}
