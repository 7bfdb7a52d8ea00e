using System.Diagnostics.CodeAnalysis;

namespace Raktar.Domain.Crates;

/// <summary>
/// A crate's name as its first publisher spelled it. Two names are the same crate when they differ only in case or in
/// <c>-</c> and <c>_</c>: equality is by <see cref="Canonical"/>.
/// Rules: https://doc.rust-lang.org/cargo/reference/registry-index.html#name-restrictions
/// </summary>
public sealed class CrateName : IEquatable<CrateName>
{
    /// <summary>The longest name, in characters.</summary>
    public const int MaxLength = 64;

    private CrateName(string text)
    {
        Text = text;
        Lower = text.ToLowerInvariant();
        Canonical = Lower.Replace('-', '_');
    }

    /// <summary>The original spelling.</summary>
    public string Text { get; }

    /// <summary>Lower case, dashes kept: the file name in the index.</summary>
    public string Lower { get; }

    /// <summary>Lower case with <c>-</c> folded to <c>_</c>: the key of the crate's stream.</summary>
    public string Canonical { get; }

    /// <summary>The index file's path under the registry root, e.g. <c>3/a/abc</c> or <c>ca/rg/cargo</c>.</summary>
    public string IndexPath => Lower.Length switch
    {
        1 => $"1/{Lower}",
        2 => $"2/{Lower}",
        3 => $"3/{Lower[0]}/{Lower}",
        _ => $"{Lower[..2]}/{Lower[2..4]}/{Lower}",
    };

    /// <summary>Reads a name; on failure <paramref name="problem"/> is the sentence for the user.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out CrateName? name, [NotNullWhen(false)] out string? problem)
    {
        problem = Problem(text);
        name = problem is null ? new(text!) : null;
        return name is not null;
    }

    /// <summary>Reads a name, or answers false; for route values, where an impossible name is just an unknown crate.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out CrateName? name) => TryParse(text, out name, out _);

    /// <summary>Reads a name known to be good; anything else is a <see cref="FormatException"/>.</summary>
    public static CrateName Parse(string text) => TryParse(text, out var name, out var problem) ? name : throw new FormatException(problem);

    /// <summary>Whether both name the same crate.</summary>
    public static bool operator ==(CrateName? left, CrateName? right) => Equals(left, right);

    /// <summary>Whether they name different crates.</summary>
    public static bool operator !=(CrateName? left, CrateName? right) => !Equals(left, right);

    /// <inheritdoc/>
    public bool Equals(CrateName? other) => other is not null && string.Equals(Canonical, other.Canonical, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as CrateName);

    /// <inheritdoc/>
    public override int GetHashCode() => Canonical.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => Text;

    private static string? Problem(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return "crate name is empty";
        }

        if (text.Length > MaxLength)
        {
            return $"crate name is {text.Length} characters (max {MaxLength})";
        }

        if (!char.IsAsciiLetter(text[0]))
        {
            return char.IsAsciiDigit(text[0])
                ? $"crate name `{text}` starts with a digit; it must start with an ASCII letter"
                : $"crate name `{text}` must start with an ASCII letter";
        }

        foreach (var rune in text.EnumerateRunes())
        {
            if (!(rune.IsAscii && (char.IsAsciiLetterOrDigit((char)rune.Value) || rune.Value is '-' or '_')))
            {
                return $"crate name `{text}` contains `{rune}`; use ASCII letters, digits, `-` and `_`";
            }
        }

        return null;
    }
}
