using System.Buffers.Binary;
using System.Formats.Tar;
using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Raktar.Testing;

/// <summary>A crate made without cargo, where a spec needs hundreds.</summary>
internal sealed record RawCrate(string Name, string Version, byte[] File)
{
    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>The SHA-256 of bytes, as the index says it.</summary>
    public static string Checksum(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>
    /// A library whose text is <paramref name="text"/>, so that two texts are two different files. <paramref name="manifest"/> follows in its Cargo.toml,
    /// <paramref name="package"/> is more of its [package]; <paramref name="files"/> are more files, by path.
    /// </summary>
    public static RawCrate Of(
        string name,
        string version,
        string text = "",
        string description = "A crate of the specs",
        string manifest = "",
        string package = "",
        string license = "\"MIT\"",
        IReadOnlyDictionary<string, byte[]>? files = null)
    {
        using var file = new MemoryStream();
        using (var gzip = new GZipStream(file, CompressionLevel.Fastest, leaveOpen: true))
        using (var tar = new TarWriter(gzip, TarEntryFormat.Ustar))
        {
            Add(tar, $"{name}-{version}/Cargo.toml", string.Create(
                CultureInfo.InvariantCulture,
                $"""
                [package]
                edition = "2021"
                name = "{name}"
                version = "{version}"
                description = "{description.Replace("\n", "\\n", StringComparison.Ordinal)}"
                license = {license}
                {package}

                [lib]
                name = "{name.Replace('-', '_')}"
                path = "src/lib.rs"

                {manifest}
                """));
            Add(tar, $"{name}-{version}/src/lib.rs", $"// {text}\n");
            foreach (var (path, bytes) in files ?? new Dictionary<string, byte[]>(StringComparer.Ordinal))
            {
                Add(tar, $"{name}-{version}/{path}", bytes);
            }
        }

        return new(name, version, file.ToArray()) { Description = description, Readme = files?.ContainsKey("README.md") == true ? "README.md" : null };
    }

    public string Description { get; init; } = string.Empty;

    /// <summary>The README's path; null: there is none.</summary>
    public string? Readme { get; init; }

    /// <summary>Cargo's JSON; <paramref name="change"/> may spoil it.</summary>
    public byte[] Metadata(Action<Dictionary<string, object?>>? change = null)
    {
        var metadata = new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["name"] = Name,
            ["vers"] = Version,
            ["deps"] = Array.Empty<object>(),
            ["features"] = new Dictionary<string, string[]>(StringComparer.Ordinal),
            ["authors"] = Array.Empty<string>(),
            ["description"] = Description,
            ["documentation"] = null,
            ["homepage"] = null,
            ["readme"] = null,
            ["readme_file"] = Readme,
            ["keywords"] = Array.Empty<string>(),
            ["categories"] = Array.Empty<string>(),
            ["license"] = "MIT",
            ["license_file"] = null,
            ["repository"] = null,
            ["badges"] = new Dictionary<string, string>(StringComparer.Ordinal),
            ["links"] = null,
            ["rust_version"] = null,
        };
        change?.Invoke(metadata);
        return JsonSerializer.SerializeToUtf8Bytes(metadata);
    }

    /// <summary>The body as cargo sends it.</summary>
    public byte[] Body(Action<Dictionary<string, object?>>? change = null) => Frame(Metadata(change), File);

    /// <summary>Two parts, each after its length.</summary>
    public static byte[] Frame(byte[] metadata, byte[] file)
    {
        var body = new byte[4 + metadata.Length + 4 + file.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(body, (uint)metadata.Length);
        metadata.CopyTo(body, 4);
        BinaryPrimitives.WriteUInt32LittleEndian(body.AsSpan(4 + metadata.Length), (uint)file.Length);
        file.CopyTo(body, 4 + metadata.Length + 4);
        return body;
    }

    /// <summary>Sends it as cargo does.</summary>
    public async Task<HttpResponseMessage> Publish(HttpClient client, Action<Dictionary<string, object?>>? change = null)
    {
        using var content = new ByteArrayContent(Body(change));
        return await client.PutAsync("api/v1/crates/new", content);
    }

    private static void Add(TarWriter tar, string path, string text) => Add(tar, path, Encoding.UTF8.GetBytes(text));

    private static void Add(TarWriter tar, string path, byte[] bytes) => tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, path)
    {
        Mode = Mode,
        ModificationTime = DateTimeOffset.UnixEpoch,
        DataStream = new MemoryStream(bytes),
    });
}
