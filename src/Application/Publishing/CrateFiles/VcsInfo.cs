using System.Text.Json;

namespace Raktar.Application.Publishing.CrateFiles;

/// <summary>
/// The content of <c>.cargo_vcs_info.json</c>, which cargo adds to packages made from a git work tree.
/// https://doc.rust-lang.org/cargo/commands/cargo-package.html#cargo_vcs_infojson-format
/// </summary>
/// <param name="Sha">The commit, 40 or 64 hexadecimal digits.</param>
/// <param name="PathInVcs">
/// The crate's folder in the repository, empty for its root; null when not told or not a plain relative path. Never quote it unescaped.
/// </param>
/// <param name="Dirty">Whether the work tree had uncommitted changes.</param>
public sealed record VcsInfo(string Sha, string? PathInVcs, bool Dirty)
{
    /// <summary>The largest file that is looked at, in bytes.</summary>
    public const int MaxBytes = 64 * 1024;

    /// <summary>Reads the file leniently: it is information about the crate, not part of it, so a bad one counts as none.</summary>
    internal static VcsInfo? Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            var git = root.GetProperty("git");
            var sha = git.GetProperty("sha1").GetString();
            return IsCommit(sha) ? new(sha!, Path(root), git.TryGetProperty("dirty", out var dirty) && dirty.ValueKind == JsonValueKind.True) : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            // No JSON, a value of another type or a lone surrogate, a property missing.
            return null;
        }
    }

    private static bool IsCommit(string? sha) => sha?.Length is 40 or 64 && sha.All(char.IsAsciiHexDigit);

    private static string? Path(JsonElement root)
    {
        if (!root.TryGetProperty("path_in_vcs", out var property) || property.ValueKind != JsonValueKind.String)
        {
            return null;
        }

        var path = property.GetString()!;
        var plain = path.Length <= 1024 && !path.StartsWith('/') && !path.Any(c => c is '\\' or ':' || char.IsControl(c)) && !path.Split('/').Contains("..", StringComparer.Ordinal);
        return plain ? path : null;
    }
}
