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
        var all = await Told(crates);
        Assert.Equal(crates.Order(StringComparer.Ordinal), all.Keys.Order(StringComparer.Ordinal));
        await Parallel.ForEachAsync(all, new ParallelOptions { MaxDegreeOfParallelism = 2 }, async (each, cancellation) =>
        {
            var (crate, told) = each;
            var manifest = await File.ReadAllBytesAsync(Path.Combine(crate, "Cargo.toml"), cancellation);
            var read = CargoManifest.Read(manifest, AsPublished(told), "sparse+http://localhost/index/", new());
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

    /// <summary>
    /// What cargo tells of each crate. A process for each would take minutes; as members of one workspace one process reads them all, but for those of which there
    /// are several versions, which need another workspace each, and for those that are workspaces themselves.
    /// </summary>
    private static async Task<IReadOnlyDictionary<string, JsonNode>> Told(IReadOnlyList<string> crates)
    {
        var folder = Directory.CreateTempSubdirectory("raktar-manifests-").FullName;
        try
        {
            var manifests = new List<string>();
            var members = new List<List<(string Name, string Crate)>>();
            foreach (var crate in crates)
            {
                var cargoToml = await File.ReadAllLinesAsync(Path.Combine(crate, "Cargo.toml"));
                if (cargoToml.Any(line => line.StartsWith("[workspace", StringComparison.Ordinal)))
                {
                    manifests.Add(Path.Combine(crate, "Cargo.toml"));
                    continue;
                }

                var name = Field(cargoToml, "name");
                var others = members.Find(workspace => !workspace.Exists(member => member.Name == name));
                if (others is null)
                {
                    members.Add(others = []);
                }

                others.Add((name, crate));
            }

            foreach (var workspace in members)
            {
                var root = Directory.CreateDirectory(Path.Combine(folder, $"{manifests.Count}")).FullName;
                manifests.Add(Path.Combine(root, "Cargo.toml"));
                await File.WriteAllTextAsync(manifests[^1], "[workspace]\nresolver = \"2\"\nmembers = [\"*\"]\n");
                workspace.ForEach(member => Directory.CreateSymbolicLink(Path.Combine(root, Path.GetFileName(member.Crate)), member.Crate));
            }

            var told = new Dictionary<string, JsonNode>(StringComparer.Ordinal);
            foreach (var manifest in manifests)
            {
                foreach (var package in JsonNode.Parse(await Metadata(manifest))!["packages"]!.AsArray())
                {
                    // A workspace of Debian's tells of its members too.
                    var crate = Path.Combine(Folder, Path.GetFileName(Path.GetDirectoryName((string)package!["manifest_path"]!)!));
                    if (crates.Contains(crate, StringComparer.Ordinal))
                    {
                        told.Add(crate, package);
                    }
                }
            }

            return told;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<string> Metadata(string manifest)
    {
        string[] arguments = ["metadata", "--no-deps", "--offline", "--format-version", "1", "--manifest-path", manifest];
        using var cargo = Process.Start(new ProcessStartInfo("cargo", arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        })!;
        var errors = cargo.StandardError.ReadToEndAsync();
        var output = await cargo.StandardOutput.ReadToEndAsync();
        await cargo.WaitForExitAsync();
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
