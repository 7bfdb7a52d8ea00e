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
    private static readonly (string Name, string Req, string[] Features)[] Dependencies =
    [
        ("anyhow", "^1.0", []), ("serde", "^1.0.200", ["derive"]), ("serde_json", "^1.0", []), ("tokio", "^1.37", ["macros", "rt-multi-thread", "sync"]),
        ("tracing", "^0.1.40", []),
    ];

    /// <summary>The body of the publish of a crate whose .crate file has about <paramref name="size"/> bytes, with a README of its own or a short one.</summary>
    public static byte[] Body(string name, string version, int size, string? readme = null)
    {
        var metadata = JsonSerializer.SerializeToUtf8Bytes(new
        {
            name,
            vers = version,
            deps = Dependencies.Select(d => new
            {
                name = d.Name,
                version_req = d.Req,
                features = d.Features,
                optional = false,
                default_features = true,
                target = (string?)null,
                kind = "normal",
                registry = CratesIo,
            }),
            features = new Dictionary<string, string[]>(StringComparer.Ordinal) { ["default"] = ["std"], ["std"] = [], ["full"] = ["std", "extra"], ["extra"] = [] },
            authors = (string[])["The Authors <authors@example.org>"],
            description = $"The {name} crate, for measuring a registry",
            license = "MIT OR Apache-2.0",
            readme_file = "README.md",
            keywords = (string[])["benchmark", "registry"],
            rust_version = "1.74",
        });
        var crate = Crate(name, version, size, readme ?? $"# {name}\n\nA crate that measures a registry.\n");
        var body = new byte[8 + metadata.Length + crate.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(body, (uint)metadata.Length);
        metadata.CopyTo(body, 4);
        BinaryPrimitives.WriteUInt32LittleEndian(body.AsSpan(4 + metadata.Length), (uint)crate.Length);
        crate.CopyTo(body, 8 + metadata.Length);
        return body;
    }

    private static byte[] Crate(string name, string version, int size, string readme)
    {
        // What the rest of the archive takes, zipped.
        const int Rest = 1500;
        var data = new byte[Math.Max(0, size - Rest)];
        new Random(name.Length + (version.Length * 1000) + size).NextBytes(data);
        using var zipped = new MemoryStream();
        using (var gzip = new GZipStream(zipped, CompressionLevel.Fastest, leaveOpen: true))
        using (var tar = new TarWriter(gzip, TarEntryFormat.Gnu))
        {
            Add(tar, "Cargo.toml", Encoding.UTF8.GetBytes(Manifest(name, version)));
            Add(tar, "Cargo.toml.orig", Encoding.UTF8.GetBytes(Manifest(name, version)));
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

    private static string Manifest(string name, string version)
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
            default = ["std"]
            extra = []
            full = ["std", "extra"]
            std = []

            """);
        foreach (var (dependency, req, features) in Dependencies)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n[dependencies.{dependency}]\nversion = \"{req}\"\n");
            if (features.Length > 0)
            {
                text.Append(CultureInfo.InvariantCulture, $"features = [{string.Join(", ", features.Select(f => $"\"{f}\""))}]\n");
            }
        }

        return text.ToString();
    }
}
