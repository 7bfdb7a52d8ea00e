using System.Buffers.Binary;
using System.Formats.Tar;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;

namespace Raktar.Bench;

/// <summary>Makes what <c>cargo publish</c> sends. Most of a crate is bytes that do not compress, so that its size can be chosen.</summary>
internal static class CrateBuilder
{
    private const string CratesIo = "https://github.com/rust-lang/crates.io-index";
    private static readonly Shape Usual = new(
        [
            new("anyhow", "^1.0", []), new("serde", "^1.0.200", ["derive"]), new("serde_json", "^1.0", []),
            new("tokio", "^1.37", ["macros", "rt-multi-thread", "sync"]), new("tracing", "^0.1.40", []),
        ],
        [("default", ["std"]), ("std", []), ("full", ["std", "extra"]), ("extra", [])]);

    /// <summary>
    /// The body of the publish of a crate whose .crate file has about <paramref name="size"/> bytes, with a README of its own or a short one, and the usual
    /// dependencies and features or those of <paramref name="shape"/>.
    /// </summary>
    public static byte[] Body(string name, string version, int size, string? readme = null, Shape? shape = null)
    {
        shape ??= Usual;
        var metadata = JsonSerializer.SerializeToUtf8Bytes(new
        {
            name,
            vers = version,
            deps = shape.Dependencies.Select(d => new
            {
                name = d.Name,
                version_req = d.Req,
                features = d.Features,
                optional = d.IsOptional,
                default_features = true,
                target = (string?)null,
                kind = "normal",
                registry = CratesIo,
            }),
            features = shape.Features.ToDictionary(feature => feature.Name, feature => feature.Enables, StringComparer.Ordinal),
            authors = (string[])["The Authors <authors@example.org>"],
            description = $"The {name} crate, for measuring a registry",
            license = "MIT OR Apache-2.0",
            readme_file = "README.md",
            keywords = (string[])["benchmark", "registry"],
            rust_version = "1.74",
        });
        var crate = Crate(name, version, size, readme ?? $"# {name}\n\nA crate that measures a registry.\n", shape);
        var body = new byte[8 + metadata.Length + crate.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(body, (uint)metadata.Length);
        metadata.CopyTo(body, 4);
        BinaryPrimitives.WriteUInt32LittleEndian(body.AsSpan(4 + metadata.Length), (uint)crate.Length);
        crate.CopyTo(body, 8 + metadata.Length);
        return body;
    }

    private static byte[] Crate(string name, string version, int size, string readme, Shape shape)
    {
        // What the rest of the archive takes, zipped.
        const int Rest = 1500;
        var data = new byte[Math.Max(0, size - Rest)];
        new Random(name.Length + (version.Length * 1000) + size).NextBytes(data);
        using var zipped = new MemoryStream();
        using (var gzip = new GZipStream(zipped, CompressionLevel.Fastest, leaveOpen: true))
        using (var tar = new TarWriter(gzip, TarEntryFormat.Gnu))
        {
            Add(tar, "Cargo.toml", Encoding.UTF8.GetBytes(Manifest(name, version, shape)));
            Add(tar, "Cargo.toml.orig", Encoding.UTF8.GetBytes(Manifest(name, version, shape)));
            Add(tar, "README.md", Encoding.UTF8.GetBytes(readme));
            Add(tar, "src/lib.rs", "//! Nothing.\n\npub fn answer() -> u32 {\n    42\n}\n"u8.ToArray());
            Add(tar, "src/data.bin", data);
        }

        return zipped.ToArray();

        void Add(TarWriter tar, string path, byte[] content) => tar.WriteEntry(new GnuTarEntry(TarEntryType.RegularFile, $"{name}-{version}/{path}")
        {
            Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead,
            ModificationTime = DateTimeOffset.UnixEpoch,
            DataStream = new MemoryStream(content),
        });
    }

    private static string Manifest(string name, string version, Shape shape)
    {
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"""
            [package]
            edition = "2021"
            rust-version = "1.74"
            name = "{name}"
            version = "{version}"
            authors = ["The Authors <authors@example.org>"]
            description = "The {name} crate, for measuring a registry"
            readme = "README.md"
            keywords = ["benchmark", "registry"]
            license = "MIT OR Apache-2.0"

            [lib]
            name = "{name.Replace('-', '_')}"
            path = "src/lib.rs"

            [features]

            """);
        foreach (var (feature, enables) in shape.Features)
        {
            text.Append(CultureInfo.InvariantCulture, $"{feature} = [{string.Join(", ", enables.Select(item => $"\"{item}\""))}]\n");
        }

        foreach (var (dependency, req, features, isOptional) in shape.Dependencies)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n[dependencies.{dependency}]\nversion = \"{req}\"\n{(isOptional ? "optional = true\n" : "")}");
            if (features.Length > 0)
            {
                text.Append(CultureInfo.InvariantCulture, $"features = [{string.Join(", ", features.Select(f => $"\"{f}\""))}]\n");
            }
        }

        return text.ToString();
    }
}

/// <summary>What a crate depends on (crates of crates.io), and its features.</summary>
internal sealed record Shape(IReadOnlyList<ShapeDependency> Dependencies, IReadOnlyList<(string Name, string[] Enables)> Features);

/// <summary>A dependency, by name and requirement, and which of its features it takes.</summary>
internal sealed record ShapeDependency(string Name, string Req, string[] Features, bool IsOptional = false);
