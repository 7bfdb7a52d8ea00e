using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Raktar.Testing;

/// <summary>
/// The shape of one of 3,933 versions of 3,117 crates that people use, with all that they depend on: its name, size, dependencies, features, keywords, as
/// crates.io had it in November 2026 (real-crates.jsonl.br).
/// </summary>
internal sealed class RealShape(JsonNode shape)
{
    /// <summary>How many there are.</summary>
    public const int Count = 3933;

    private const string CratesIo = "https://github.com/rust-lang/crates.io-index";

    /// <summary>The crate's name.</summary>
    public string Name { get; } = (string)shape["name"]!;

    /// <summary>The version.</summary>
    public string Version { get; } = (string)shape["vers"]!;

    /// <summary>The crate file's size.</summary>
    public long Bytes { get; } = (long)shape["bytes"]!;

    /// <summary>How many files are in it, Cargo.toml among them.</summary>
    public int Files { get; } = Math.Max(1, (int)shape["files"]!);

    /// <summary>All of them.</summary>
    public static IEnumerable<RealShape> All()
    {
        using var text = Text();
        while (text.ReadLine() is { } line)
        {
            yield return new(JsonNode.Parse(line)!);
        }
    }

    /// <summary>The lines that <see cref="All"/> reads.</summary>
    public static StreamReader Text() =>
        new(new BrotliStream(typeof(RealShape).Assembly.GetManifestResourceStream("real-crates.jsonl.br")!, CompressionMode.Decompress));

    /// <summary>What cargo would send in front of the crate file.</summary>
    public byte[] Metadata() => JsonSerializer.SerializeToUtf8Bytes(new JsonObject
    {
        ["name"] = shape["name"]!.DeepClone(),
        ["vers"] = shape["vers"]!.DeepClone(),
        ["features"] = shape["features"]?.DeepClone() ?? new JsonObject(),
        ["links"] = shape["links"]?.DeepClone(),
        ["rust_version"] = shape["rust_version"]?.DeepClone(),
        ["deps"] = new JsonArray([.. Dependencies().Select(dependency => new JsonObject
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

    /// <summary>Cargo.toml as cargo writes it when it packages: one table for each dependency. A JSON text is a TOML text.</summary>
    public string Manifest()
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
        foreach (var dependency in Dependencies())
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

    private IEnumerable<JsonNode> Dependencies() => shape["deps"]?.AsArray().OfType<JsonNode>() ?? [];
}
