using System.Globalization;
using System.Text;

namespace Raktar.Application.Publishing.CrateFiles;

/// <summary>
/// Unicode's canonical decomposition. .NET brings none in invariant globalization mode: there <c>string.Normalize</c> answers its input.
/// https://www.unicode.org/reports/tr15/
/// </summary>
internal static class Decomposition
{
    private static readonly Lazy<Dictionary<int, int[]>> Table = new(Load);

    /// <summary>A form that is equal for canonically equivalent texts, such as a letter with an accent in one character or in two.</summary>
    public static string Of(string text)
    {
        if (Ascii.IsValid(text))
        {
            return text;
        }

        var scalars = new List<int>(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            Decompose(rune.Value, scalars);
        }

        // Equivalent texts may order their marks differently. By code point is not Unicode's order, but it serves for comparing.
        for (var start = 0; start < scalars.Count; start++)
        {
            var end = start;
            while (end < scalars.Count && IsMark(scalars[end]))
            {
                end++;
            }

            scalars.Sort(start, end - start, null);
            start = Math.Max(start, end - 1);
        }

        var result = new StringBuilder(scalars.Count);
        Span<char> utf16 = stackalloc char[2];
        foreach (var scalar in scalars)
        {
            result.Append(utf16[..new Rune(scalar).EncodeToUtf16(utf16)]);
        }

        return result.ToString();
    }

    private static bool IsMark(int scalar) => Rune.GetUnicodeCategory(new Rune(scalar))
        is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark;

    private static void Decompose(int scalar, List<int> into)
    {
        // https://www.unicode.org/versions/Unicode16.0.0/core-spec/chapter-3/#G56669
        const int FirstSyllable = 0xAC00, Syllables = 11172, FirstL = 0x1100, FirstV = 0x1161, BeforeFirstT = 0x11A7, Vs = 21, Ts = 28;
        var syllable = scalar - FirstSyllable;
        if (syllable is >= 0 and < Syllables)
        {
            into.Add(FirstL + (syllable / (Vs * Ts)));
            into.Add(FirstV + (syllable / Ts % Vs));
            if (syllable % Ts > 0)
            {
                into.Add(BeforeFirstT + (syllable % Ts));
            }
        }
        else if (Table.Value.TryGetValue(scalar, out var parts))
        {
            into.AddRange(parts);
        }
        else
        {
            into.Add(scalar);
        }
    }

    private static Dictionary<int, int[]> Load()
    {
        using var reader = new StreamReader(typeof(Decomposition).Assembly.GetManifestResourceStream("decompositions.txt")!);
        var table = new Dictionary<int, int[]>();
        while (reader.ReadLine() is { } line)
        {
            if (!line.StartsWith('#'))
            {
                var scalars = Array.ConvertAll(line.Split(' '), hex => int.Parse(hex, NumberStyles.HexNumber, CultureInfo.InvariantCulture));
                table.Add(scalars[0], scalars[1..]);
            }
        }

        return table;
    }
}
