using Raktar.Application.Crates.Views;

namespace Raktar.Application.Crates.Search;

/// <summary>
/// How well a crate answers the words of a search. Within what matches, the registry knows what is meant: what many crates depend on. So the places where the words
/// stand and the logarithm of the number of dependents are simply added; a whole name comes first whatever else matches.
/// </summary>
internal sealed class Ranking
{
    /// <summary>More than all else together.</summary>
    private const double WholeName = 1000;

    private const double NameIsWord = 6;
    private const double NamePart = 4;
    private const double NameStart = 3;
    private const double InName = 2;
    private const double Keyword = 3;
    private const double Category = 2;
    private const double Description = 1;

    private readonly (string Text, string InName, string Stem)[] _words;
    private readonly string _whole;
    private readonly string _joined;

    /// <summary>Takes a search apart; what its words mean does not depend on case, nor on <c>-</c>, <c>_</c> and blanks between them.</summary>
    public Ranking(string search)
    {
        _words = [.. search.ToLowerInvariant().Split([' ', '\t', ',', '+'], StringSplitOptions.RemoveEmptyEntries)
            .Select(word => (word, word.Replace('-', '_'), Stem(word)))];
        _whole = string.Join('_', _words.Select(word => word.InName));
        _joined = _whole.Replace("_", string.Empty, StringComparison.Ordinal);
    }

    /// <summary>Whether nothing is searched for.</summary>
    public bool IsEmpty => _words.Length == 0;

    /// <summary>What stands somewhere in the texts of every crate that matches; null where nothing is searched for.</summary>
    public string? Narrowing => _words.Select(word => word.Stem).MaxBy(stem => stem.Length);

    /// <summary>The score of a crate on which so many others depend; 0: it does not match.</summary>
    public double Score(SearchText text, int dependents)
    {
        var places = IsName(text.Name) ? 2 * WholeName : IsNameJoined(text.Name) ? WholeName : 0.0;
        if (places == 0)
        {
            foreach (var (word, inName, stem) in _words)
            {
                var place = Place(text, word, inName, stem);
                if (place == 0)
                {
                    return 0;
                }

                places += place;
            }
        }

        return 1 + places + Math.Log2(1 + dependents);
    }

    /// <summary>Whether the words are a crate's whole name.</summary>
    public bool IsName(string name) => _words.Length > 0 && string.Equals(name, _whole, StringComparison.Ordinal);

    /// <summary>The same where they are written together, or apart, and the name is not.</summary>
    private bool IsNameJoined(string name)
    {
        var at = 0;
        foreach (var c in name)
        {
            if (c != '_' && (at == _joined.Length || _joined[at++] != c))
            {
                return false;
            }
        }

        return at == _joined.Length && at > 0;
    }

    /// <summary>
    /// The word without the ending that its other forms do not have: parser, parsers and parsing are one. Never so short that it would stand in everything.
    /// </summary>
    internal static string Stem(string word)
    {
        const int Shortest = 4;
        foreach (var ending in (string[])["izations", "ization", "ations", "ation", "ings", "ing", "ers", "er", "ors", "or", "ies", "es", "ed", "s", "y", "e"])
        {
            if (word.Length >= Shortest + ending.Length && word.EndsWith(ending, StringComparison.Ordinal))
            {
                return word[..^ending.Length];
            }
        }

        return word;
    }

    /// <summary>Where the word stands at best; a form of it counts a little less than itself.</summary>
    private static double Place(SearchText text, string word, string inName, string stem)
    {
        var best = Math.Max(
            InNameOf(text.Name, inName),
            text.Keywords.Contains(word, StringComparer.OrdinalIgnoreCase) ? Keyword
                : text.Description.Contains(word, StringComparison.Ordinal) ? Description
                : 0);
        if (text.Categories.Any(category => category.Contains(word, StringComparison.OrdinalIgnoreCase)))
        {
            best = Math.Max(best, Category);
        }

        if (best < Keyword && stem.Length < word.Length)
        {
            const double Form = 0.8;
            var form = Math.Max(
                InNameOf(text.Name, stem.Replace('-', '_')),
                text.Keywords.Any(keyword => string.Equals(Stem(keyword), stem, StringComparison.OrdinalIgnoreCase)) ? Keyword
                    : text.Description.Contains(stem, StringComparison.Ordinal) ? Description
                    : 0);
            best = Math.Max(best, form * Form);
        }

        return best;
    }

    private static double InNameOf(string name, string word)
    {
        var best = 0.0;
        for (var at = name.IndexOf(word, StringComparison.Ordinal); at >= 0; at = name.IndexOf(word, at + 1, StringComparison.Ordinal))
        {
            var (starts, ends) = (at == 0 || name[at - 1] == '_', at + word.Length == name.Length || name[at + word.Length] == '_');
            best = Math.Max(best, (starts, ends) switch
            {
                (true, true) => word.Length == name.Length ? NameIsWord : NamePart,
                (true, false) => NameStart,
                _ => InName,
            });
        }

        return best;
    }
}
