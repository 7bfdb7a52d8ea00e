using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Raktar.Application.Publishing.CrateFiles;
using Raktar.Application.Publishing.Manifest;
using Raktar.Domain.Crates;
using Raktar.Specs.Publishing.CrateFiles;

namespace Raktar.Specs.Publishing;

/// <summary>
/// Some hundred published crates, whose manifests cargo wrote over many years: Raktar must read in them what cargo reads.
/// They are installed by <c>tests/install-debian-crates.sh</c>.
/// </summary>
[Trait("Needs", "debian-crates")]
public class DebianCrates
{
    private const string Folder = "/usr/share/cargo/registry";
    private const int Fewest = 150;

    // Refused for a rule that is right.
    private static readonly Dictionary<string, string> Refused = new(StringComparer.Ordinal)
    {
        // A manifest from the repository, not one that cargo wrote: cargo leaves the table out of what it publishes.
        ["async-task"] = "patch tables cannot be published",
    };

    [Fact]
    public async Task Every_manifest_is_read_as_cargo_reads_it()
    {
        Assert.True(Directory.Exists(Folder), $"no crates in {Folder}: run tests/install-debian-crates.sh as root");
        var crates = Directory.GetDirectories(Folder);
        Assert.True(crates.Length >= Fewest, $"only {crates.Length} crates in {Folder}, {Fewest} expected: run tests/install-debian-crates.sh as root");

        var differences = new ConcurrentBag<string>();
        await Parallel.ForEachAsync(crates, new ParallelOptions { MaxDegreeOfParallelism = 2 }, async (crate, cancellation) =>
        {
            var manifest = Path.Combine(crate, "Cargo.toml");
            // Where it is a workspace cargo tells of the members too.
            var told = JsonNode.Parse(await Metadata(manifest, cancellation))!["packages"]!.AsArray().Single(package => (string)package!["manifest_path"]! == manifest)!;
            var read = CargoManifest.Read(await File.ReadAllBytesAsync(manifest, cancellation), AsPublished(told), "sparse+http://localhost/index/", new());
            if (read.Refusal is { } refusal)
            {
                if (Refused.GetValueOrDefault((string)told["name"]!) != refusal.Sentence)
                {
                    differences.Add($"{Path.GetFileName(crate)}: refused: {refusal.Sentence}");
                }

                return;
            }

            var (cargos, ours) = (Facts(told), Facts(read.Value));
            foreach (var fact in cargos.Except(ours, StringComparer.Ordinal).Select(fact => $"only cargo: {fact}")
                .Concat(ours.Except(cargos, StringComparer.Ordinal).Select(fact => $"only Raktar: {fact}")))
            {
                differences.Add($"{Path.GetFileName(crate)}: {fact}");
            }
        });

        Assert.True(differences.IsEmpty, string.Join('\n', differences.Order(StringComparer.Ordinal)));
    }

    [Fact]
    public async Task Every_crate_file_is_taken_with_default_settings_and_few_are_warned_of_secrets()
    {
        var (refused, warned) = (new ConcurrentBag<string>(), new ConcurrentBag<string>());
        var crates = Directory.GetDirectories(Folder);
        await Parallel.ForEachAsync(crates, new ParallelOptions { MaxDegreeOfParallelism = 2 }, async (crate, cancellation) =>
        {
            var cargoToml = await File.ReadAllLinesAsync(Path.Combine(crate, "Cargo.toml"), cancellation);
            var (name, version) = (CrateName.Parse(Field(cargoToml, "name")), SemVersion.Parse(Field(cargoToml, "version")));
            var file = TestGzip.Pack(Archive(crate, $"{name}-{version}"));
            using var stream = new MemoryStream(file);
            var inspected = await CrateFileInspector.Inspect(stream, file.Length, name, version, "README.md", new(), cancellation);
            if (inspected.Refusal is { } refusal)
            {
                refused.Add($"{name} {version}: {refusal.Sentence}");
            }
            else if (inspected.Value.Warnings.Any(warning => warning.Contains("holds what looks like", StringComparison.Ordinal)))
            {
                warned.Add(name.Text);
            }
        });

        Assert.True(refused.IsEmpty, string.Join('\n', refused.Order(StringComparer.Ordinal)));
        Assert.True(warned.Count * 30 < crates.Length, string.Join(' ', warned.Order(StringComparer.Ordinal)));
    }

    private static string Field(string[] cargoToml, string name) =>
        cargoToml.SkipWhile(line => line.Trim() != "[package]").First(line => line.Split('=')[0].Trim() == name).Split('=')[1].Trim(' ', '"', '\'');

    private static byte[] Archive(string crate, string root) => TestTar.Archive(
    [
        .. new DirectoryInfo(crate).EnumerateFiles("*", SearchOption.AllDirectories).Where(file => file.LinkTarget is null).SelectMany(file =>
        {
            var entry = new TestEntry($"{root}/{Path.GetRelativePath(crate, file.FullName)}", File.ReadAllBytes(file.FullName));
            return Encoding.UTF8.GetByteCount(entry.Path) <= 100 ? [entry] : new[] { TestEntry.LongName(entry.Path), entry with { RawPath = "long"u8.ToArray() } };
        }),
    ]);

    private static async Task<string> Metadata(string manifest, CancellationToken cancellation)
    {
        string[] arguments = ["metadata", "--no-deps", "--offline", "--format-version", "1", "--manifest-path", manifest];
        using var cargo = Process.Start(new ProcessStartInfo("cargo", arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        })!;
        var errors = cargo.StandardError.ReadToEndAsync(cancellation);
        var output = await cargo.StandardOutput.ReadToEndAsync(cancellation);
        await cargo.WaitForExitAsync(cancellation);
        Assert.True(cargo.ExitCode == 0, $"{manifest}: {await errors}");
        return output;
    }

    // The JSON that cargo would upload with this package, as far as cargo's own description of the package tells it.
    private static PublishMetadata AsPublished(JsonNode package)
    {
        var json = new JsonObject
        {
            ["name"] = package["name"]!.DeepClone(),
            ["vers"] = package["version"]!.DeepClone(),
            ["links"] = package["links"]?.DeepClone(),
            ["rust_version"] = package["rust_version"]?.DeepClone(),
            ["deps"] = new JsonArray([.. package["dependencies"]!.AsArray().Select(dependency => new JsonObject
            {
                ["name"] = dependency!["name"]!.DeepClone(),
                ["explicit_name_in_toml"] = dependency["rename"]?.DeepClone(),
                ["version_req"] = dependency["req"]!.DeepClone(),
                ["kind"] = dependency["kind"]?.DeepClone(),
                ["target"] = dependency["target"]?.DeepClone(),
                ["optional"] = dependency["optional"]!.DeepClone(),
                ["default_features"] = dependency["uses_default_features"]!.DeepClone(),
                ["features"] = dependency["features"]!.DeepClone(),
                ["registry"] = "https://github.com/rust-lang/crates.io-index",
            })]),
        };
        return PublishMetadata.Read(JsonSerializer.SerializeToUtf8Bytes(json), new()).Value;
    }

    private static string[] Facts(JsonNode told) =>
    [
        .. new[] { "name", "version", "links", "rust_version", "edition", "description", "license", "license_file", "homepage", "documentation", "repository" }
            .Select(key => $"{key} {((string?)told[key] is { Length: > 0 } text ? text : "-")}"),
        $"keywords {string.Join(',', Texts(told["keywords"]).Select(keyword => keyword.ToLowerInvariant()))}",
        $"categories {string.Join(',', Texts(told["categories"]))}",
        $"authors {string.Join(',', Texts(told["authors"]))}",
        .. told["features"]!.AsObject().Select(feature => $"feature {feature.Key}: {string.Join(',', Texts(feature.Value))}"),
        .. told["dependencies"]!.AsArray().Select(dependency =>
            $"dependency {dependency!["rename"] ?? dependency["name"]} = {dependency["name"]} {dependency["req"]} {dependency["kind"] ?? "normal"} "
            + $"{(bool)dependency["optional"]!} {(bool)dependency["uses_default_features"]!} [{string.Join(',', Texts(dependency["features"]))}] {dependency["target"] ?? "*"}"),
    ];

    private static string[] Facts(ReadManifest read)
    {
        var package = read.Package;
        var implied = package.Dependencies
            .Where(dependency => dependency.Optional)
            .Select(dependency => dependency.Name)
            .Except(package.Features.Select(feature => feature.Name), StringComparer.Ordinal)
            .Where(name => !package.Features.Any(feature => feature.Enables.Contains($"dep:{name}", StringComparer.Ordinal)));
        return
        [
            $"name {read.Name}",
            $"version {read.Version}",
            $"links {package.Links ?? "-"}",
            $"rust_version {package.RustVersion ?? "-"}",
            $"edition {package.Edition ?? "2015"}",
            $"description {package.Description ?? "-"}",
            $"license {(package.License is null or "non-standard" ? "-" : package.License)}",
            $"license_file {package.LicenseFile ?? "-"}",
            $"homepage {package.Homepage ?? "-"}",
            $"documentation {package.Documentation ?? "-"}",
            $"repository {package.Repository ?? "-"}",
            $"keywords {string.Join(',', package.Keywords)}",
            $"categories {string.Join(',', package.Categories)}",
            $"authors {string.Join(',', package.Authors)}",
            .. package.Features.Select(feature => $"feature {feature.Name}: {string.Join(',', feature.Enables)}"),
            .. implied.Select(name => $"feature {name}: dep:{name}"),
            .. package.Dependencies.Select(dependency =>
                $"dependency {dependency.Name} = {dependency.Package ?? dependency.Name} {dependency.Req} {dependency.Kind.ToString().ToLowerInvariant()} "
                + $"{dependency.Optional} {dependency.DefaultFeatures} [{string.Join(',', dependency.Features)}] {dependency.Target ?? "*"}"),
        ];
    }

    private static IEnumerable<string> Texts(JsonNode? array) => array!.AsArray().Select(item => (string)item!);
}
