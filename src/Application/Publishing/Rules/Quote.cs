using System.Globalization;
using System.Text;

namespace Raktar.Application.Publishing.Rules;

/// <summary>Puts untrusted text into a sentence for a terminal: in backticks, short, and unable to steer the terminal.</summary>
internal static class Quote
{
    // Two values and the words around them stay below the 200 characters of a sentence.
    private const int MaxLength = 80;

    public static string Of(ReadOnlySpan<byte> utf8) => Of(Encoding.UTF8.GetString(utf8[..Math.Min(utf8.Length, MaxLength * 4)]));

    public static string Of(string value)
    {
        var text = new StringBuilder("`");
        foreach (var rune in value.EnumerateRunes())
        {
            if (text.Length > MaxLength)
            {
                text.Append('…');
                break;
            }

            // Format characters too: they reorder or hide what stands beside them.
            _ = Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
                ? text.Append(CultureInfo.InvariantCulture, $"\\u{{{rune.Value:x}}}")
                : text.Append(rune.ToString());
        }

        return text.Append('`').ToString();
    }
}
