using System.Collections.Concurrent;
using System.Formats.Tar;
using System.IO.Compression;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Raktar.Api.CommandLine;
using Raktar.Application.Publishing.Toml;
using Raktar.Domain.Crates;
using Raktar.Testing;

namespace Raktar.Api.Specs;

/// <summary>Crates that people use go in through the public door with default settings.</summary>
public sealed class RealCrates
{
    private const string Sources = "/usr/share/cargo/registry";
    private const int Enough = 561;

    /// <summary>As Debian packs them (tests/install-debian-crates.sh).</summary>
    [Fact]
    [Trait("Needs", "debian-crates")]
    public async Task Every_one_of_Debians_crates_is_taken_and_is_in_the_index()
    {
        var folders = Directory.Exists(Sources) ? Directory.GetDirectories(Sources) : [];
        Assert.True(folders.Length >= Enough, $"only {folders.Length} crates in {Sources}, {Enough} expected: run tests/install-debian-crates.sh");
        await AreTaken(folders.Select(Pack), folders.Length);
    }

    /// <summary>
    /// As large and with as many files as those of crates.io, the names, dependencies and features theirs; what is in the files is noise, which no compression
    /// makes smaller.
    /// </summary>
    [Fact]
    [Trait("Needs", "minutes")]
    public async Task Every_crate_file_of_the_shape_of_a_real_one_is_taken_and_is_in_the_index() =>
        await AreTaken(RealShape.All().Select(shape => (Pack(shape), shape.Metadata())), RealShape.Count);

    private static async Task AreTaken(IEnumerable<(RawCrate Crate, byte[] Metadata)> crates, int count)
    {
        await using var server = await Server.Start();
        var (refused, published) = (new ConcurrentBag<string>(), new ConcurrentBag<(string Name, string Version, string Checksum)>());
        await Parallel.ForEachAsync(crates, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (made, cancellation) =>
        {
            var (crate, metadata) = made;
            using var content = new ByteArrayContent(RawCrate.Frame(metadata, crate.File));
            using var answer = await server.Admin.PutAsync("api/v1/crates/new", content, cancellation);
            if (answer.StatusCode == HttpStatusCode.OK)
            {
                published.Add((crate.Name, crate.Version, RawCrate.Checksum(crate.File)));
            }
            else
            {
                refused.Add($"{crate.Name} {crate.Version}: {await answer.Content.ReadAsStringAsync(cancellation)}");
            }
        });

        Assert.True(refused.IsEmpty, string.Join('\n', refused.Order(StringComparer.Ordinal)));
        Assert.Equal(count, published.Count);
        foreach (var versions in published.GroupBy(crate => crate.Name, StringComparer.Ordinal))
        {
            var lines = (await server.Admin.GetStringAsync(CrateName.Parse(versions.Key).IndexPath)).Trim().Split('\n')
                .Select(line => JsonSerializer.Deserialize<JsonElement>(line));
            Assert.Equal(
                versions.Select(crate => (crate.Version, crate.Checksum)).Order(),
                lines.Select(line => (line.GetProperty("vers").GetString()!, line.GetProperty("cksum").GetString()!)).Order());
        }

        Assert.Equal(0, await RaktarCommand.Run(["verify", "--data", server.Data]));
    }

    private static RawCrate Pack(RealShape shape)
    {
        const int Header = 100;
        using var file = new MemoryStream();
        using (var gzip = new GZipStream(file, CompressionLevel.Fastest, leaveOpen: true))
        using (var tar = new TarWriter(gzip, TarEntryFormat.Ustar))
        {
            Add(tar, $"{shape.Name}-{shape.Version}/Cargo.toml", Encoding.UTF8.GetBytes(shape.Manifest()));
            var noise = new byte[Math.Max(0, (shape.Bytes / shape.Files) - Header)];
            for (var i = 1; i < shape.Files; i++)
            {
                RandomNumberGenerator.Fill(noise);
                Add(tar, $"{shape.Name}-{shape.Version}/src/{i}.rs", noise);
            }
        }

        return new(shape.Name, shape.Version, file.ToArray());
    }

    private static void Add(TarWriter tar, string path, byte[] bytes) => tar.WriteEntry(
        new UstarTarEntry(TarEntryType.RegularFile, path) { ModificationTime = DateTimeOffset.UnixEpoch, DataStream = new MemoryStream(bytes) });

    /// <summary>The crate file and the metadata that cargo would send with it.</summary>
    private static (RawCrate Crate, byte[] Metadata) Pack(string folder)
    {
        var bytes = File.ReadAllBytes(Path.Combine(folder, "Cargo.toml"));
        var manifest = TomlDocument.Read(bytes).Value;
        if (manifest["patch"] is not null)
        {
            // Debian has some manifests from repositories; cargo leaves this last table of theirs out of what it packages, and crates.io refuses it as well.
            var text = File.ReadAllText(Path.Combine(folder, "Cargo.toml"));
            bytes = Encoding.UTF8.GetBytes(text[..text.IndexOf("[patch", StringComparison.Ordinal)]);
        }

        var package = (TomlTable)manifest["package"]!;
        var (name, version) = ((string)package["name"]!, (string)package["version"]!);
        using var file = new MemoryStream();
        using (var gzip = new GZipStream(file, CompressionLevel.Fastest, leaveOpen: true))
        using (var tar = new TarWriter(gzip, TarEntryFormat.Gnu))
        {
            foreach (var path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(path => new FileInfo(path).LinkTarget is null))
            {
                var relative = Path.GetRelativePath(folder, path);
                tar.WriteEntry(new GnuTarEntry(TarEntryType.RegularFile, $"{name}-{version}/{relative}")
                {
                    ModificationTime = DateTimeOffset.UnixEpoch,
                    DataStream = new MemoryStream(relative == "Cargo.toml" ? bytes : File.ReadAllBytes(path)),
                });
            }
        }

        var crate = new RawCrate(name, version, file.ToArray());
        return (crate, crate.Metadata(metadata =>
        {
            metadata["deps"] = Dependencies(manifest, target: null)
                .Concat((manifest["target"] as TomlTable)?.Entries.SelectMany(target => Dependencies((TomlTable)target.Value, target.Key)) ?? []).ToList();
            metadata["features"] = (manifest["features"] as TomlTable)?.Entries
                .ToDictionary(feature => feature.Key, feature => Texts(feature.Value), StringComparer.Ordinal) ?? [];
            metadata["description"] = package["description"] as string;
            metadata["links"] = package["links"] as string;
            metadata["rust_version"] = package["rust-version"] as string;
            metadata["readme_file"] = package["readme"] as string;
        }));
    }

    private static IEnumerable<object> Dependencies(TomlTable parent, string? target)
    {
        foreach (var kind in (string[])["normal", "dev", "build"])
        {
            var tables = parent[kind == "normal" ? "dependencies" : $"{kind}-dependencies"] as TomlTable;
            foreach (var (key, value) in tables?.Entries ?? new Dictionary<string, object>(StringComparer.Ordinal))
            {
                var fields = value as TomlTable;
                var renamed = fields?["package"] as string;
                yield return new
                {
                    name = renamed ?? key,
                    version_req = fields is null ? (string)value : (string)fields["version"]!,
                    features = Texts(fields?["features"]),
                    optional = fields?["optional"] ?? false,
                    default_features = fields?["default-features"] ?? fields?["default_features"] ?? true,
                    target,
                    kind,
                    registry = "https://github.com/rust-lang/crates.io-index",
                    explicit_name_in_toml = renamed is null ? null : key,
                };
            }
        }
    }

    private static string[] Texts(object? array) => [.. ((TomlArray?)array)?.Cast<string>() ?? []];
}
