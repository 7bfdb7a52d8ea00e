using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Raktar.Domain.Crates;

namespace Raktar.Application.Upstreams.Index;

/// <summary>
/// What an upstream's <c>config.json</c> says of crate files
/// (https://doc.rust-lang.org/cargo/reference/registry-index.html#index-configuration).
/// </summary>
public sealed record RegistryConfig(string Dl)
{
    private static readonly string[] Markers = ["{crate}", "{version}", "{prefix}", "{lowerprefix}", "{sha256-checksum}"];

    /// <summary>Reads it; anything that names no place for crate files is none.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> json, [NotNullWhen(true)] out RegistryConfig? config)
    {
        config = null;
        try
        {
            using var document = JsonDocument.Parse(json);
            config = document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("dl", out var dl)
                && dl.ValueKind == JsonValueKind.String
                && dl.GetString() is { Length: > 0 } text
                    ? new(text)
                    : null;
        }
        catch (JsonException)
        {
            // It is none.
        }

        return config is not null;
    }

    /// <summary>Where the crate file of a line is, spelled as the line spells it; null: no address comes of it.</summary>
    public Uri? AddressOf(IndexLine line)
    {
        var template = Markers.Any(marker => Dl.Contains(marker, StringComparison.Ordinal)) ? Dl : $"{Dl.TrimEnd('/')}/{{crate}}/{{version}}/download";
        var text = template
            .Replace("{crate}", line.Name, StringComparison.Ordinal)
            .Replace("{version}", line.Version, StringComparison.Ordinal)
            .Replace("{prefix}", PrefixOf(line.Name), StringComparison.Ordinal)
            .Replace("{lowerprefix}", PrefixOf(line.Name.ToLowerInvariant()), StringComparison.Ordinal)
            .Replace("{sha256-checksum}", line.Checksum.Hex, StringComparison.Ordinal);
        return CrateName.TryParse(line.Name, out _) && SemVersion.TryParse(line.Version, out _) && Uri.TryCreate(text, UriKind.Absolute, out var address) ? address : null;
    }

    private static string PrefixOf(string name) => name.Length switch
    {
        1 => "1",
        2 => "2",
        3 => $"3/{name[0]}",
        _ => $"{name[..2]}/{name[2..4]}",
    };
}
