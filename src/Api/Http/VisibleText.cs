using System.Globalization;
using System.Text;

namespace Raktar.Api.Http;

/// <summary>Text that others wrote, for readers who must see what it really is: source for reviewers, reasons beside the registry's own words.</summary>
internal static class VisibleText
{
    /// <summary>
    /// The text with the characters that make others appear elsewhere than they are, and other controls, written out: <c>‹U+202E›</c>
    /// (https://trojansource.codes).
    /// </summary>
    public static string Of(string text) => Of(text, IsHidden);

    /// <summary>The same where the text must not begin another line or column.</summary>
    public static string OnOneLine(string text) => Of(text, c => IsHidden(c) || c is '\t' or '\n' or '\u2028' or '\u2029');

    /// <summary>Whether it is one of the bidirectional controls, or a control that is no blank.</summary>
    public static bool IsHidden(char c) => c is (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069') or '\u200e' or '\u200f' or '\u061c' || (char.IsControl(c) && c is not ('\t' or '\n'));

    private static string Of(string text, Func<char, bool> isHidden)
    {
        if (!text.Any(isHidden))
        {
            return text;
        }

        var visible = new StringBuilder();
        foreach (var c in text)
        {
            _ = isHidden(c) ? visible.Append(CultureInfo.InvariantCulture, $"‹U+{(int)c:X4}›") : visible.Append(c);
        }

        return visible.ToString();
    }
}
