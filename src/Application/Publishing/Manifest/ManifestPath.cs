using Raktar.Application.Publishing.Rules;

namespace Raktar.Application.Publishing.Manifest;

/// <summary>Paths in a manifest, which lead to files of the crate file.</summary>
internal static class ManifestPath
{
    /// <summary>The longest path of a README or a licence file that is kept. A page may show it many times.</summary>
    public const int MaxShownLength = 512;

    /// <summary>A path that a build follows: without <c>.</c> and <c>..</c>, or null where absent. One that leaves the package is refused.</summary>
    public static string? Read(ManifestFields fields, string key, Review review)
    {
        if (fields.Text(key) is not { } text)
        {
            return null;
        }

        var inside = Inside(text);
        if (inside is null)
        {
            review.Refuse(Outside(fields, key));
        }

        return inside;
    }

    /// <summary>
    /// A path that only pages follow. Cargo wrote paths that leave the package before it came to copy such files into it, so that one is no reason to refuse
    /// a crate: it counts as none, with a warning.
    /// </summary>
    public static string? ReadShown(ManifestFields fields, string key, Review review)
    {
        if (fields.Text(key) is not { } text)
        {
            return null;
        }

        if (text.Length > MaxShownLength)
        {
            review.Dislike(Policy.Warn, $"field `{fields.Path(key)}` is {text.Length} characters and is ignored (max {MaxShownLength})");
            return null;
        }

        var inside = Inside(text);
        if (inside is null)
        {
            review.Dislike(Policy.Warn, $"{Outside(fields, key)} and is ignored");
        }

        return inside;
    }

    /// <summary>A path without <c>.</c> and <c>..</c>, <c>/</c> between its components, or null when it does not stay inside the package.</summary>
    public static string? Inside(string path)
    {
        var text = path.Replace('\\', '/');
        var parts = new List<string>();
        foreach (var part in text.Split('/').Where(part => part is not ("" or ".")))
        {
            if (part != "..")
            {
                parts.Add(part);
            }
            else if (parts.Count > 0)
            {
                parts.RemoveAt(parts.Count - 1);
            }
            else
            {
                return null;
            }
        }

        return text is ['/', ..] || text.Contains(':', StringComparison.Ordinal) || parts.Count == 0 ? null : string.Join('/', parts);
    }

    private static string Outside(ManifestFields fields, string key) => $"field `{fields.Path(key)}` leads outside the package";
}
