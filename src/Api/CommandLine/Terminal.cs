using System.Globalization;
using System.Text;
using Raktar.Api.Http;
using Spectre.Console;

namespace Raktar.Api.CommandLine;

/// <summary>
/// Text from elsewhere for a terminal, to which some characters are commands: they could clear the screen and print another result.
/// </summary>
internal static class Terminal
{
    /// <summary>Tells the operator something beside the output; null: nothing.</summary>
    public static void Tell(string? sentence)
    {
        if (sentence is not null)
        {
            Console.Error.WriteLine($"raktar: {Line(sentence)}");
        }
    }

    /// <summary>A text in a line of ours, with what is no visible character written out.</summary>
    public static string Line(string? text) => VisibleText.OnOneLine(text ?? string.Empty);

    /// <summary>The same in a cell of a table.</summary>
    public static string Cell(string? text) => Markup.Escape(Line(text));

    /// <summary>A line of JSON, which stays the same JSON.</summary>
    public static string Json(string line)
    {
        if (!line.Any(VisibleText.IsHidden))
        {
            return line;
        }

        var escaped = new StringBuilder();
        foreach (var c in line)
        {
            _ = VisibleText.IsHidden(c) ? escaped.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}") : escaped.Append(c);
        }

        return escaped.ToString();
    }
}
