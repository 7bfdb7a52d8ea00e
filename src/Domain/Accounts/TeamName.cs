using System.Diagnostics.CodeAnalysis;

namespace Raktar.Domain.Accounts;

/// <summary>A team's name: lower case, 1 to 64 of ASCII letters, digits and <c>. _ -</c>, starting with a letter or digit.</summary>
public sealed record TeamName
{
    /// <summary>The longest name, in characters.</summary>
    public const int MaxLength = 64;

    private TeamName(string text) => Text = text;

    /// <summary>The name, lower case.</summary>
    public string Text { get; }

    /// <summary>Reads a name in any case.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out TeamName? name)
    {
        var good = text is { Length: > 0 and <= MaxLength }
            && char.IsAsciiLetterOrDigit(text[0])
            && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');
        name = good ? new(text!.ToLowerInvariant()) : null;
        return good;
    }

    /// <summary>Reads a name known to be good; anything else is a <see cref="FormatException"/>.</summary>
    public static TeamName Parse(string text) => TryParse(text, out var name) ? name : throw new FormatException($"`{text}` is not a team's name");

    /// <inheritdoc/>
    public override string ToString() => Text;
}
