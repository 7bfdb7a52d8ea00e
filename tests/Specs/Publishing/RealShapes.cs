using System.Collections.Concurrent;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Raktar.Application.Log;
using Raktar.Application.Publishing.CrateFiles;
using Raktar.Application.Publishing.Manifest;
using Raktar.Application.Publishing.Rules;
using Raktar.Domain;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;
using Raktar.Specs.Publishing.CrateFiles;

namespace Raktar.Specs.Publishing;

/// <summary>
/// 3,933 versions of 3,117 crates that people use, with all that they depend on: their names, sizes, dependencies, features, keywords, as crates.io had them
/// in November 2026 (tests/Shared/real-crates.jsonl.br). Crate files of that shape go through all that judges a publish, with default settings.
/// </summary>
public class RealShapes
{
    private const string CratesIo = "https://github.com/rust-lang/crates.io-index";
    private const int Versions = 3933;

    private static readonly PublishRules Rules = new();

    [Fact]
    public async Task Every_real_crate_is_taken_with_default_settings()
    {
        var refused = new ConcurrentBag<string>();
        var (read, largest) = (0, 0);
        await Parallel.ForEachAsync(Shapes(), new ParallelOptions { MaxDegreeOfParallelism = 2 }, async (shape, _) =>
        {
            Interlocked.Increment(ref read);
            var outcome = await Publish(shape);
            if (outcome.Refusal is { } refusal)
            {
                refused.Add($"{shape["name"]} {shape["vers"]}: {refusal.Sentence}");
            }
            else
            {
                InterlockedMax(ref largest, outcome.Value);
            }
        });

        Assert.True(refused.IsEmpty, string.Join('\n', refused.Order(StringComparer.Ordinal)));
        Assert.Equal(Versions, read);

        // What docs/publishing.md says: the limit is more than twice the largest.
        Assert.InRange(largest, 100_000, NewCommit.MaxBytes / 2);
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (var seen = most; value > seen && Interlocked.CompareExchange(ref most, value, seen) != seen; seen = most)
        {
        }
    }

    private static IEnumerable<JsonNode> Shapes()
    {
        using var packed = typeof(RealShapes).Assembly.GetManifestResourceStream("real-crates.jsonl.br")!;
        using var text = new StreamReader(new BrotliStream(packed, CompressionMode.Decompress));
        while (text.ReadLine() is { } line)
        {
            yield return JsonNode.Parse(line)!;
        }
    }

    /// <summary>The bytes of the commit, or why the crate was refused.</summary>
    private static async Task<Application.Outcome<int>> Publish(JsonNode shape)
    {
        var metadata = PublishMetadata.Read(Metadata(shape), Rules);
        if (metadata.Refusal is { } badMetadata)
        {
            return badMetadata;
        }

        if (CrateNameRules.Refuse(metadata.Value.Name, Rules.Policy) is { } reserved)
        {
            return reserved;
        }

        var file = TestGzip.Pack(Archive(shape));
        using var stream = new MemoryStream(file);
        var inspected = await CrateFileInspector.Inspect(
            stream, file.Length, metadata.Value.Name, metadata.Value.Version, "README.md", Rules, CancellationToken.None);
        if (inspected.Refusal is { } badFile)
        {
            return badFile;
        }

        var manifest = CargoManifest.Read(inspected.Value.Manifest, metadata.Value, Sample.IndexUrl, Rules);
        if (manifest.Refusal is { } badManifest)
        {
            return badManifest;
        }

        var published = new VersionPublished(metadata.Value.Version, Checksum.Of(file), file.Length, Login.Parse("ann"), manifest.Value.Package);
        var stamp = new Stamp(new Actor(Login.Parse("ann"), 1, "cargo/1.95.0"), "request", DateTimeOffset.UnixEpoch);
        var commit = NewCommit.After(StreamHead.Start(StreamName.Of(metadata.Value.Name)), [published], stamp);
        return (long)shape["bytes"]! > Rules.Limits.CrateBytes ? new TooLarge("the crate file")
            : commit.RefuseSize() is { } tooLarge ? tooLarge
            : commit.Body.Length;
    }

    private static byte[] Metadata(JsonNode shape) => JsonSerializer.SerializeToUtf8Bytes(new JsonObject
    {
        ["name"] = shape["name"]!.DeepClone(),
        ["vers"] = shape["vers"]!.DeepClone(),
        ["features"] = shape["features"]?.DeepClone() ?? new JsonObject(),
        ["links"] = shape["links"]?.DeepClone(),
        ["rust_version"] = shape["rust_version"]?.DeepClone(),
        ["deps"] = new JsonArray([.. Dependencies(shape).Select(dependency => new JsonObject
        {
            ["name"] = dependency["name"]!.DeepClone(),
            ["explicit_name_in_toml"] = dependency["as"]?.DeepClone(),
            ["version_req"] = dependency["req"]!.DeepClone(),
            ["kind"] = (string?)dependency["kind"] ?? "normal",
            ["target"] = dependency["target"]?.DeepClone(),
            ["optional"] = dependency["optional"]?.DeepClone() ?? false,
            ["default_features"] = dependency["default_features"]?.DeepClone() ?? true,
            ["features"] = dependency["features"]?.DeepClone() ?? new JsonArray(),
            ["registry"] = CratesIo,
        })]),
    });

    private static byte[] Archive(JsonNode shape)
    {
        var root = $"{shape["name"]}-{shape["vers"]}";
        var files = Enumerable.Range(1, Math.Max(0, (int)shape["files"]! - 1)).Select(i => new TestEntry($"{root}/src/{i}.rs"));
        return TestTar.Archive([new TestEntry($"{root}/Cargo.toml", Manifest(shape)), .. files]);
    }

    // As cargo writes a manifest when it packages: one table for each dependency. A JSON text is a TOML text.
    private static string Manifest(JsonNode shape)
    {
        var toml = new StringBuilder("[package]\n");
        Line(toml, "name", shape["name"]);
        Line(toml, "version", shape["vers"]);
        foreach (var key in new[] { "edition", "links", "license", "keywords", "categories" })
        {
            Line(toml, key, shape[key]);
        }

        Line(toml, "rust-version", shape["rust_version"]);
        Line(toml, "authors", new JsonArray("Somebody <somebody@example.org>"));
        Line(toml, "description", string.Join(' ', Enumerable.Repeat("A description of three hundred characters.", 7)));
        Line(toml, "repository", "https://example.org/somebody/something");
        foreach (var dependency in Dependencies(shape))
        {
            var kind = (string?)dependency["kind"] is { } special and not "normal" ? $"{special}-dependencies" : "dependencies";
            var table = (string?)dependency["target"] is { } target ? $"target.{Quoted(target)}.{kind}" : kind;
            toml.Append(CultureInfo.InvariantCulture, $"\n[{table}.{Quoted((string?)dependency["as"] ?? (string)dependency["name"]!)}]\n");
            Line(toml, "package", dependency["as"] is null ? null : dependency["name"]);
            Line(toml, "version", dependency["req"]);
            Line(toml, "features", dependency["features"]);
            Line(toml, "optional", dependency["optional"]);
            Line(toml, "default-features", dependency["default_features"]);
        }

        toml.Append("\n[features]\n");
        foreach (var (name, items) in shape["features"]?.AsObject() ?? [])
        {
            Line(toml, Quoted(name), items);
        }

        return toml.ToString();
    }

    private static void Line(StringBuilder toml, string key, JsonNode? value)
    {
        if (value is not null)
        {
            toml.Append(CultureInfo.InvariantCulture, $"{key} = {value.ToJsonString()}\n");
        }
    }

    private static string Quoted(string text) => JsonValue.Create(text).ToJsonString();

    private static IEnumerable<JsonNode> Dependencies(JsonNode shape) => shape["deps"]?.AsArray().OfType<JsonNode>() ?? [];
}
