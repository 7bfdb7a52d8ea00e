using System.Diagnostics;
using System.Runtime.Versioning;
using System.Text.RegularExpressions;

namespace Raktar.Infra.Specs;

/// <summary>The app as people start it, without an account at AWS.</summary>
[UnsupportedOSPlatform("windows")]
public sealed partial class CommandLine : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("raktar-cdk-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Started_alone_it_takes_its_choices_from_the_environment()
    {
        var environment = Synthesised.EveryChoice.ToDictionary(each => EnvironmentName(each.Key), each => each.Value);
        environment["RAKTAR_API_FOLDER"] = Synthesised.ProgramFolder;
        environment["CDK_OUTDIR"] = _folder;
        var (code, _, error) = await Run(_folder, "dotnet", [Synthesised.AppAssembly], environment);
        Assert.True(code == 0, error);
        Assert.Equal(Synthesised.Full.Json, Synthesised.Read(_folder).Json);
    }

    [Fact]
    public async Task A_wrong_choice_ends_it_with_a_sentence()
    {
        var (code, _, error) = await Run(_folder, "dotnet", [Synthesised.AppAssembly], new() { ["RAKTAR_ADMIN_TOKEN_HASH"] = "hunter2" });
        Assert.Equal(2, code);
        Assert.Contains("raktar: adminTokenHash must be the 64 hex digits", error, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Synthesising_publishes_the_program_for_Lambda()
    {
        Assert.False(
            File.Exists(Path.Combine(Synthesised.AppFolder, "cdk.context.json")), "your own infra/cdk.context.json makes another template: move it away");
        if (!Directory.Exists(Path.Combine(Synthesised.AppFolder, "node_modules", "aws-cdk")))
        {
            var (installed, _, npm) = await Run(Synthesised.AppFolder, "npm", ["ci"], []);
            Assert.True(installed == 0, npm);
        }

        var (code, _, error) = await Run(
            Synthesised.AppFolder, "npx", ["--no-install", "cdk", "synth", "--quiet", "--output", _folder], []);
        Assert.True(code == 0, error);

        // Nothing but the package differs from what the other specs read.
        var template = Synthesised.Read(_folder);
        Assert.Equal(PackageHash().Replace(Synthesised.Default.Json, ""), PackageHash().Replace(template.Json, ""));

        var package = Path.Combine(_folder, $"asset.{Template.Text(template["ApiFunction"]["Code"]!["S3Key"])[..64]}");
        var files = Directory.EnumerateFiles(package, "*", SearchOption.AllDirectories).ToDictionary(file => Path.GetRelativePath(package, file));
        Assert.Contains("Raktar.Api.dll", files.Keys);
        Assert.DoesNotContain("Raktar.Api", files.Keys);
        Assert.True(File.GetUnixFileMode(files["run.sh"]).HasFlag(UnixFileMode.OtherExecute | UnixFileMode.OtherRead));
        Assert.StartsWith("#!/bin/sh\n", await File.ReadAllTextAsync(files["run.sh"]), StringComparison.Ordinal);
        Assert.Equal(["libe_sqlite3.so"], files.Keys.Where(name => name.EndsWith(".so", StringComparison.Ordinal)));
        Assert.Equal(0xB7, (await File.ReadAllBytesAsync(files["libe_sqlite3.so"]))[18]); // ELF's number for ARM64
        Assert.InRange(files.Values.Sum(file => new FileInfo(file).Length), 1_000_000, 40_000_000);
    }

    private static async Task<(int Code, string Output, string Error)> Run(
        string folder, string program, string[] arguments, Dictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in start.Environment.Keys.Where(IsOfAccount).ToList())
        {
            start.Environment.Remove(name);
        }

        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(10));
        var output = process.StandardOutput.ReadToEndAsync(deadline.Token);
        var error = process.StandardError.ReadToEndAsync(deadline.Token);
        await process.WaitForExitAsync(deadline.Token);
        return (process.ExitCode, await output, await error);
    }

    private static bool IsOfAccount(string name) =>
        name.StartsWith("AWS_", StringComparison.Ordinal) || name.StartsWith("CDK_", StringComparison.Ordinal) || name.StartsWith("RAKTAR_", StringComparison.Ordinal);

    private static string EnvironmentName(string name) => $"RAKTAR_{Capital().Replace(name, "_$0").ToUpperInvariant()}";

    [GeneratedRegex("[A-Z]", RegexOptions.None, 1000)]
    private static partial Regex Capital();

    [GeneratedRegex("[0-9a-f]{64}", RegexOptions.None, 1000)]
    private static partial Regex PackageHash();
}
