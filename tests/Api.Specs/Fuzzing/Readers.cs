using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using AngleSharp.Dom;
using Raktar.Api.Settings;
using Raktar.Api.Specs.Web;
using Raktar.Api.Web.Readmes;
using Raktar.Application.Log;
using Raktar.Application.Publishing.CrateFiles;
using Raktar.Application.Publishing.Manifest;
using Raktar.Application.Publishing.Rules;
using Raktar.Domain;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;
using Raktar.Testing;
using Readme = Raktar.Api.Web.Readmes.Readme;

namespace Raktar.Api.Specs.Fuzzing;

/// <summary>What is read of a publish and of a README, each part alone and without HTTP: that is how many inputs fit into a minute.</summary>
internal static class Readers
{
    private const string IndexUrl = "sparse+http://127.0.0.1:7878/";
    private static readonly PublishRules Rules = new();
    private static readonly RawCrate Good = RawCrate.Of(
        "sample",
        "1.0.0",
        manifest: """
            [features]
            default = ["a", "dep:b", "c?/d"]
            a = []
            [dependencies.b]
            version = "1.2, <2"
            optional = true
            [target.'cfg(all(unix, not(target_os = "macos")))'.dependencies]
            c = { version = "^0.3.1-rc.1", package = "real-c", default-features = false, features = ["x"], optional = true }
            [[bin]]
            name = "tool"
            path = "src/main.rs"
            """,
        package: "readme = \"README.md\"\nkeywords = [\"a\", \"b\"]\nrust-version = \"1.70\"\nlinks = \"z\"\nauthors = [\"A <a@b.example>\"]",
        files: new Dictionary<string, byte[]> { ["README.md"] = "# Sample\n"u8.ToArray(), ["src/main.rs"] = "fn main() {}"u8.ToArray() });

    private static readonly PublishMetadata Metadata = new() { Name = CrateName.Parse("sample"), Version = SemVersion.Parse("1.0.0"), ReadmeFile = "README.md" };

    public static IEnumerable<Target> All => [MetadataJson, Manifest, Archive, CrateFile, Markdown];

    private static Target MetadataJson => new(
        "metadata",
        [
            Good.Metadata(), """{"name":"sample","vers":"1.0.0","deps":[{"name":"c","version_req":"^0.3","features":["x"],"optional":true,"default_features":false,"target":"cfg(unix)","kind":"normal","registry":"https://github.com/rust-lang/crates.io-index","explicit_name_in_toml":"d"}],"features":{"default":["a"],"a":[]}}"""u8.ToArray(),
        ],
        Target.Words("{", "}", "[", "]", ":", ",", "\"", "\\u0000", "\\ud800", "\"deps\"", "\"features\"", "\"readme\"", "{\"a\":", "[[", "1.0.0-", "+b", "cfg(", "^", "*", ">=", "dep:"),
        input =>
        {
            _ = PublishMetadata.Read(input, Rules);
            return Task.CompletedTask;
        });

    private static Target Manifest => new(
        "manifest",
        [ManifestOf(Good.File)],
        Target.Words(
            "[", "]", "[[", "]]", "=", "{", "}", ".", ",", "\"\"\"", "'''", "#", "[package]", "[features]", "[dependencies]", "[target.'cfg(", "name = ", "version = ", "workspace = true",
            "dep:", "?/", "a.b.c = ", "features = [", "1979-05-27T07:32:00Z", "inf", "0x", "1_0", "\\U0010ffff", "[lib]", "[[bin]]", "[badges]", "[lints]", "publish = false", "edition = \"2099\""),
        input =>
        {
            var read = CargoManifest.Read(input, Metadata, IndexUrl, Rules);
            if (read.Refusal is null)
            {
                Store(input, read.Value.Package);
            }

            return Task.CompletedTask;
        });

    private static Target Archive => new(
        "archive",
        [Unpacked(Good.File)],
        Target.Words("ustar\0", "ustar  \0", "././@LongLink", "PaxHeaders", "sample-1.0.0/", "sample-1.0.0/Cargo.toml", "20 path=sample-1.0.0/", "size=", "GNU.sparse", "0000644\0", "7777777", "L", "x", "g", "5", "2"),
        input => Inspect(Packed(Summed(input))));

    private static Target CrateFile => new("crate-file", [Good.File, Packed(new byte[100_000])], Target.Words("\u001f\u008b", "sample-1.0.0/"), Inspect);

    private static Target Markdown => new(
        "readme",
        ["# A\n\nSee [it](src/lib.rs#x \"t\") and ![p](https://a.example/p.png) `code` **b** ~~c~~ <b>x</b> &amp; https://a.example\n\n| a | b |\n|---|:-:|\n| 1 | 2 |\n\n> - 1. x\n\n```rust\nfn\n```\n\n[r]: <http://x> 'y'\n[r][] <!-- c -->"u8.ToArray()],
        Target.Words("[", "](", ")", "![", "`", "```", "*", "**", "_", "~~", "<", ">", "<a href=", "<script>", "<!--", "|", "|-|", "- ", "1. ", "# ", "\n\n", "\n", "&#0;", "&lt;", "javascript:", "data:", "http://", "www.", "[a]: ", "\\", "    "),
        input =>
        {
            var html = Readme.Read("docs/README.md", Encoding.UTF8.GetString(input)).ToHtml(ReadmeImages.Link, link => Readme.Resolve("docs/README.md", link) is { } path ? $"/files/{path}" : null);
            Assert.InRange(html.Html.Length, 0, 8 * Readme.MaxHtmlLength);
            var page = Html.Parse(html.Html);
            Assert.Empty(page.QuerySelectorAll("script, iframe, style, object, embed, form, img, svg, math, base, meta, link"));
            Assert.All(page.QuerySelectorAll("body *"), Harmless);
            return Task.CompletedTask;
        });

    private static void Harmless(IElement element)
    {
        Assert.DoesNotContain(element.Attributes, attribute => attribute.Name.StartsWith("on", StringComparison.OrdinalIgnoreCase) || attribute.Name is "style" or "src");
        if (element.GetAttribute("href") is { } href)
        {
            Assert.Matches("^(https?:|mailto:|#readme-|/files/)", href);
        }
    }

    /// <summary>What was taken can be stored, read again as it was, and is no larger than what was sent lets expect.</summary>
    private static void Store(byte[] input, Package package)
    {
        var published = new VersionPublished(Metadata.Version, Checksum.Of(input), input.Length, Login.Parse("ann"), package);
        var stamp = new Stamp(new Actor(Login.Parse("ann"), 1, "cargo"), "request", DateTimeOffset.UnixEpoch);
        var commit = NewCommit.After(StreamHead.Start(StreamName.Of(Metadata.Name)), [published], stamp);
        var stored = new StoredCommit(commit.Commit.Stream, 1, commit.Body, commit.Hash);
        Assert.Equal(published, Assert.Single(EventCodec.Decode(stored).Commit.Events));
        Assert.InRange(commit.Body.Length, 0, 5000 + (20 * input.Length));
    }

    /// <summary>An archive that is taken has the same files for another reader.</summary>
    private static async Task Inspect(byte[] file)
    {
        using var stream = new MemoryStream(file);
        var inspected = await CrateFileInspector.Inspect(stream, file.Length, Metadata.Name, Metadata.Version, "README.md", Rules, CancellationToken.None);
        if (inspected.Refusal is not null)
        {
            return;
        }

        stream.Position = 0;
        await using var gzip = new GZipStream(stream, CompressionMode.Decompress);
        await using var tar = new TarReader(gzip);
        var paths = new HashSet<string>(StringComparer.Ordinal);
        while (await tar.GetNextEntryAsync() is { } entry)
        {
            if (entry.EntryType is TarEntryType.RegularFile or TarEntryType.V7RegularFile)
            {
                paths.Add(entry.Name["sample-1.0.0/".Length..]);
            }
        }

        Assert.Equal(paths.Order(StringComparer.Ordinal), inspected.Value.Files.Order(StringComparer.Ordinal));
    }

    /// <summary>Most archives with their checksums made right, or nothing behind a header is ever looked at.</summary>
    private static byte[] Summed(byte[] tar)
    {
        if (tar.Length % 3 == 0)
        {
            return tar;
        }

        for (var at = 0; at + 512 <= tar.Length; at += 512)
        {
            var header = tar.AsSpan(at, 512);
            if (header.Slice(257, 5).SequenceEqual("ustar"u8))
            {
                header.Slice(148, 8).Fill((byte)' ');
                var sum = 0;
                foreach (var b in header)
                {
                    sum += b;
                }

                Encoding.ASCII.GetBytes($"{Convert.ToString(sum, 8).PadLeft(6, '0')}\0 ").CopyTo(header[148..]);
            }
        }

        return tar;
    }

    private static byte[] Packed(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(bytes);
        }

        return packed.ToArray();
    }

    private static byte[] Unpacked(byte[] file)
    {
        using var gzip = new GZipStream(new MemoryStream(file), CompressionMode.Decompress);
        using var unpacked = new MemoryStream();
        gzip.CopyTo(unpacked);
        return unpacked.ToArray();
    }

    private static byte[] ManifestOf(byte[] file)
    {
        using var tar = new TarReader(new MemoryStream(Unpacked(file)));
        using var manifest = new MemoryStream();
        tar.GetNextEntry()!.DataStream!.CopyTo(manifest);
        return manifest.ToArray();
    }
}
