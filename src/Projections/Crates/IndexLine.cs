using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Raktar.Domain;
using Raktar.Domain.Crates;

namespace Raktar.Projections.Crates;

/// <summary>
/// One line of an index file: a version as cargo's resolver reads it.
/// Fields: https://doc.rust-lang.org/cargo/reference/registry-index.html#json-schema
/// </summary>
internal static class IndexLine
{
    // Plain characters stay plain; a line is never embedded in HTML.
    private static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The line of a newly published version, with its newline.</summary>
    public static byte[] Write(string name, VersionPublished published, DateTimeOffset at)
    {
        var package = published.Package;
        var (features, features2) = SplitFeatures(package.Features);
        var buffer = new ArrayBufferWriter<byte>(512);
        using var json = new Utf8JsonWriter(buffer, Writing);
        json.WriteStartObject();
        json.WriteString("name", name);
        json.WriteString("vers", published.Version.ToString());
        json.WriteStartArray("deps");
        foreach (var dependency in package.Dependencies)
        {
            Write(json, dependency);
        }

        json.WriteEndArray();
        json.WriteString("cksum", published.Checksum.Hex);
        Write(json, "features", features);
        if (features2.Count > 0)
        {
            Write(json, "features2", features2);
        }

        json.WriteBoolean("yanked", false);
        if (package.Links is { } links)
        {
            json.WriteString("links", links);
        }

        if (package.RustVersion is { } rust)
        {
            json.WriteString("rust_version", rust);
        }

        // Exactly 20 characters: a fraction or an offset would make cargo drop the line.
        json.WriteString("pubtime", at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        json.WriteNumber("v", features2.Count > 0 ? 2 : 1);
        json.WriteEndObject();
        json.Flush();
        return [.. buffer.WrittenSpan, (byte)'\n'];
    }

    /// <summary>The version that a line is about.</summary>
    public static SemVersion VersionOf(ReadOnlySpan<byte> line)
    {
        var reader = Find(line, "vers"u8);
        return SemVersion.Parse(reader.GetString()!);
    }

    /// <summary>The line with its <c>yanked</c> set; no other byte changes.</summary>
    public static byte[] Mark(ReadOnlySpan<byte> line, bool yanked)
    {
        var reader = Find(line, "yanked"u8);
        var (start, end) = ((int)reader.TokenStartIndex, (int)reader.BytesConsumed);
        return [.. line[..start], .. yanked ? "true"u8 : "false"u8, .. line[end..]];
    }

    private static Utf8JsonReader Find(ReadOnlySpan<byte> line, ReadOnlySpan<byte> property)
    {
        var reader = new Utf8JsonReader(line);
        while (reader.Read())
        {
            if (reader.CurrentDepth == 1 && reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals(property))
            {
                reader.Read();
                return reader;
            }
        }

        throw new JsonException("an index line without a field that every line has");
    }

    private static void Write(Utf8JsonWriter json, Dependency dependency)
    {
        // Every key, also where cargo has a default: before 1.84 it wanted them all.
        json.WriteStartObject();
        json.WriteString("name", dependency.Name);
        json.WriteString("req", dependency.Req);
        json.WriteStartArray("features");
        foreach (var feature in dependency.Features)
        {
            json.WriteStringValue(feature);
        }

        json.WriteEndArray();
        json.WriteBoolean("optional", dependency.Optional);
        json.WriteBoolean("default_features", dependency.DefaultFeatures);
        json.WriteString("target", dependency.Target);
        json.WriteString("kind", dependency.Kind switch
        {
            DependencyKind.Normal => "normal",
            DependencyKind.Build => "build",
            _ => "dev",
        });
        json.WriteString("registry", dependency.Registry);
        json.WriteString("package", dependency.Package);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string property, List<Feature> features)
    {
        json.WriteStartObject(property);
        foreach (var feature in features)
        {
            json.WriteStartArray(feature.Name);
            foreach (var item in feature.Enables)
            {
                json.WriteStringValue(item);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    /// <summary>
    /// Features that use <c>dep:</c> or <c>?/</c>, and those that enable one of them, go to <c>features2</c>, where cargo before 1.60 does not look.
    /// </summary>
    private static (List<Feature> Features, List<Feature> Features2) SplitFeatures(ValueList<Feature> features)
    {
        var modern = features
            .Where(f => f.Enables.Any(item => item.StartsWith("dep:", StringComparison.Ordinal) || item.Contains("?/", StringComparison.Ordinal)))
            .Select(f => f.Name)
            .ToHashSet(StringComparer.Ordinal);
        // From each to those that enable it, once: a chain of thousands of features is one walk.
        var users = features.SelectMany(f => f.Enables, (f, item) => (f.Name, Item: item)).ToLookup(use => use.Item, use => use.Name, StringComparer.Ordinal);
        var next = new Queue<string>(modern);
        while (next.TryDequeue(out var name))
        {
            foreach (var user in users[name].Where(modern.Add))
            {
                next.Enqueue(user);
            }
        }

        return (features.Where(f => !modern.Contains(f.Name)).ToList(), features.Where(f => modern.Contains(f.Name)).ToList());
    }
}
