using System.Diagnostics.CodeAnalysis;
using Raktar.Domain.Crates;

namespace Raktar.Domain.Accounts;

/// <summary>
/// Which crates a token may change: a name, the beginning of names (<c>foo-*</c>), or all (<c>*</c>). Case and <c>-</c> or <c>_</c> do not matter, as
/// for names, so that no spelling gets around a pattern.
/// </summary>
public sealed record CratePattern
{
    private readonly string _canonical;

    private CratePattern(string text) => (Text, _canonical) = (text, text.TrimEnd('*').ToLowerInvariant().Replace('-', '_'));

    /// <summary>Every crate.</summary>
    public static CratePattern All { get; } = new("*");

    /// <summary>As people wrote it.</summary>
    public string Text { get; }

    /// <summary>Reads a pattern: one <c>*</c> at the end at most, and what stands before it must be able to begin a crate's name.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out CratePattern? pattern)
    {
        var good = text is "*" || CrateName.TryParse(text is [.. var start, '*'] ? start : text, out _);
        pattern = good ? new(text!) : null;
        return good;
    }

    /// <summary>Reads a pattern known to be good; anything else is a <see cref="FormatException"/>.</summary>
    public static CratePattern Parse(string text) => TryParse(text, out var pattern) ? pattern : throw new FormatException($"`{text}` is not a crate pattern");

    /// <summary>Whether the crate is among them.</summary>
    public bool Covers(CrateName crate) => Text.EndsWith('*')
        ? crate.Canonical.StartsWith(_canonical, StringComparison.Ordinal)
        : string.Equals(crate.Canonical, _canonical, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => Text;
}
