using System.Diagnostics;
using Raktar.Application.Publishing.CrateFiles;
using Raktar.Application.Publishing.Rules;
using Raktar.Domain;
using Raktar.Domain.Crates;

namespace Raktar.Specs.Publishing.CrateFiles;

/// <summary>What a real cargo packages always passes.</summary>
[Trait("Needs", "cargo")]
public sealed class CargoPackageSpecs : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cratefile");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(null, false)]
    [InlineData(null, true)]
    [InlineData("nightly", false)]
    [InlineData("nightly", true)]
    public async Task What_cargo_packages_is_accepted(string? toolchain, bool git)
    {
        if (toolchain is not null && await Run("cargo", "+" + toolchain, "--version") != 0)
        {
            return;
        }

        var deep = string.Join('/', Enumerable.Repeat("a_folder_with_a_long_name", 6));
        Write("Cargo.toml", "[package]\nname = \"demo\"\nversion = \"0.1.0-alpha.1+build.5\"\nedition = \"2021\"\nreadme = \"docs/READ ME.md\"\nlicense-file = \"LICENCE\"\ndescription = \"d\"\n");
        Write("src/lib.rs", "//! Demo.\n");
        Write("docs/READ ME.md", "# Demo\n");
        Write("LICENCE", "free\n");
        Write("empty", string.Empty);
        Write("ünïcødé/日本語.txt", "text\n");
        Write($"{deep}/{new string('n', 99)}.txt", "long\n");
        Write($"{new string('x', 89)}", "about a header's 100 bytes\n");
        Write("run.sh", "#!/bin/sh\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(Path.Combine(_folder.FullName, "run.sh"), (UnixFileMode)0b111_111_111);
        }

        if (git)
        {
            Assert.Equal(0, await Run("git", "init", "-q"));
            Assert.Equal(0, await Run("git", "add", "-A"));
            Assert.Equal(0, await Run("git", "-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-qm", "all"));
            Write("empty", "dirty");
        }

        string[] package = ["package", "--no-verify", "--allow-dirty", "--offline"];
        Assert.Equal(0, await Run("cargo", toolchain is null ? package : ["+" + toolchain, .. package]));

        await using var file = File.OpenRead(Path.Combine(_folder.FullName, "target/package/demo-0.1.0-alpha.1+build.5.crate"));
        var outcome = await CrateFileInspector.Inspect(
            file, file.Length, CrateName.Parse("demo"), SemVersion.Parse("0.1.0-alpha.1+build.5"), "docs/READ ME.md", new PublishRules(), CancellationToken.None);

        Assert.Null(outcome.Refusal);
        Assert.Empty(outcome.Value.Warnings);
        Assert.Equal("docs/READ ME.md", outcome.Value.ReadmePath);
        Assert.Equal("# Demo\n"u8.ToArray(), outcome.Value.Readme!.Value.ToArray());
        Assert.Contains($"{deep}/{new string('n', 99)}.txt", outcome.Value.Files);
        Assert.Contains("ünïcødé/日本語.txt", outcome.Value.Files);
        Assert.Contains("LICENCE", outcome.Value.Files);
        Assert.Equal(git, outcome.Value.VcsInfo is { Dirty: true, PathInVcs: "" });
    }

    private void Write(string path, string content)
    {
        var file = new FileInfo(Path.Combine(_folder.FullName, path));
        file.Directory!.Create();
        File.WriteAllText(file.FullName, content);
    }

    private async Task<int> Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = _folder.FullName };
        start.Environment["CARGO_TARGET_DIR"] = Path.Combine(_folder.FullName, "target");
        using var process = Process.Start(start)!;
        await process.WaitForExitAsync();
        return process.ExitCode;
    }
}
