using System.Diagnostics;

namespace Raktar.Infra;

/// <summary>The program that every function runs: src/Api, published for Lambda's processors.</summary>
internal static class PublishedApi
{
    /// <summary>Publishes it afresh and answers the folder.</summary>
    public static string Publish(Processor processor)
    {
        var root = Root();
        var rid = processor == Processor.Arm64 ? "linux-arm64" : "linux-x64";
        var folder = Path.Combine(root, "artifacts", "lambda", rid);
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        var api = Path.Combine(root, "src", "Api");
        DotNet("restore", api, "--locked-mode");
        DotNet(
            "publish", api, "--no-restore", "--configuration", "Release", "--runtime", rid, "--no-self-contained", "--output", folder,
            // Without the commit's id in it the package changes only when the program does. Analysers are for developers.
            "-p:IncludeSourceRevisionInInformationalVersion=false", "-p:RunAnalyzers=false");
        return folder;
    }

    private static void DotNet(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { UseShellExecute = false, RedirectStandardOutput = true };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        // Standard output belongs to the template that `cdk synth` prints.
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new SettingsException($"dotnet {string.Join(' ', arguments)} failed:{Environment.NewLine}{output}");
        }
    }

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Raktar.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new SettingsException("run this inside a checkout of Raktar, or say apiFolder");
        }

        return folder;
    }
}
