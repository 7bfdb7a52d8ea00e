using System.Buffers;
using System.Text;

namespace Raktar.Application.Crates.Search;

/// <summary>
/// How well a crate answers the words of a search. Within what matches, the registry knows what is meant: what many crates depend on. So the places where the words
/// stand and the logarithm of the number of dependents are simply added; a whole name comes first whatever else matches.
/// </summary>
internal sealed class Ranking
{
    /// <summary>More than all else together.</summary>
    private const double WholeName = 1000;

    // Places, in tenths.
    private const byte NameIsWord = 60;
    private const byte NamePart = 40;
    private const byte NameStart = 30;
    private const byte InName = 20;
    private const byte Keyword = 30;
    private const byte Category = 20;
    private const byte Description = 10;

    // The longest first: it narrows down most.
    private readonly List<Word> _words;
    private readonly byte[] _whole;

    /// <summary>Takes a search apart; what its words mean does not depend on case, nor on <c>-</c>, <c>_</c> and blanks between them.</summary>
    public Ranking(string search)
    {
        string[] words = [.. search.ToLowerInvariant().Split([' ', '\t', ',', '+'], StringSplitOptions.RemoveEmptyEntries)];
        _words = [.. words.Select(word => new Word(word)).OrderByDescending(word => word.Stem.Length)];
        _whole = Encoding.UTF8.GetBytes(string.Join('_', words).Replace('-', '_'));
    }

    /// <summary>Whether nothing is searched for.</summary>
    public bool IsEmpty => _words.Count == 0;

    /// <summary>The crate of which the words are the whole name; -1: there is none.</summary>
    public int WholeNameIn(CatalogueRows rows) => rows.Names.Find(_whole);

    /// <summary>Every crate that matches, and its score, which is never 0.</summary>
    public IEnumerable<(int Crate, double Score)> Find(CatalogueRows rows)
    {
        var (whole, alike) = (WholeNameIn(rows), rows.Names.Alike(_whole).ToHashSet());
        return FindWords(rows)
            .Where(found => !alike.Contains(found.Crate))
            .Select(found => (found.Crate, Places: found.Tenths / 10.0))
            .Concat(alike.Select(crate => (Crate: crate, Places: crate == whole ? 2 * WholeName : WholeName)))
            .Where(found => rows.IsListed(found.Crate))
            .Select(found => (found.Crate, Score(found.Places, rows.DependentsOf(found.Crate))));
    }

    /// <summary>What the places of all words are worth, with so many crates that depend on this one.</summary>
    internal static double Score(double places, int dependents) => 1 + places + Math.Log2(1 + dependents);

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

    /// <summary>The crates in which every word is somewhere, and what its places are worth together.</summary>
    private List<(int Crate, int Tenths)> FindWords(CatalogueRows rows)
    {
        var found = new List<(int Crate, int Tenths)>();
        var (itself, form) = (ArrayPool<byte>.Shared.Rent(rows.Count), ArrayPool<byte>.Shared.Rent(rows.Count));
        try
        {
            foreach (var (i, word) in _words.Index())
            {
                itself.AsSpan(0, rows.Count).Clear();
                form.AsSpan(0, rows.Count).Clear();
                var before = found;
                found = [];
                // All texts for the first word, for the others only those that are left.
                Look(word, rows, i == 0 ? null : before.ConvertAll(each => each.Crate), (crate, worth, ofForm) =>
                {
                    if (i == 0 && itself[crate] + form[crate] == 0)
                    {
                        before.Add((crate, 0));
                    }

                    itself[crate] = Math.Max(itself[crate], worth);
                    form[crate] = Math.Max(form[crate], ofForm);
                });
                foreach (var (crate, tenths) in before)
                {
                    if (Best(itself[crate], form[crate]) is > 0 and var best)
                    {
                        found.Add((crate, tenths + best));
                    }
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(itself);
            ArrayPool<byte>.Shared.Return(form);
        }

        return found;
    }

    /// <summary>Tells of each place where the word stands, or a form of it, in all crates or some: what the word is worth there itself, and what a form of it.</summary>
    private static void Look(Word word, CatalogueRows rows, List<int>? crates, Action<int, byte, byte> tell)
    {
        foreach (var crate in crates ?? rows.Names.Texts.Containing(word.StemInName))
        {
            var name = rows.Names.Texts[crate];
            TellIf(crate, InNameOf(name, word.InName), word.HasForms ? InNameOf(name, word.StemInName) : (byte)0);
        }

        foreach (var crate in crates ?? rows.Descriptions.Containing(word.StemInText))
        {
            var text = rows.Descriptions[crate];
            var at = text.IndexOf(word.StemInText);
            TellIf(crate, at >= 0 && text[at..].IndexOf(word.InText) >= 0 ? Description : (byte)0, at >= 0 && word.HasForms ? Description : (byte)0);
        }

        var (keywords, categories) = (rows.Topics(TopicKind.Keyword), rows.Topics(TopicKind.Category));
        foreach (var crate in keywords.Crates(word.Text))
        {
            tell(crate, Keyword, 0);
        }

        foreach (var crate in word.HasForms ? keywords.CratesOfStem(word.Stem) : [])
        {
            tell(crate, 0, Keyword);
        }

        foreach (var crate in categories.CratesContaining(word.Text))
        {
            tell(crate, Category, 0);
        }

        void TellIf(int crate, byte worth, byte ofForm)
        {
            if (worth + ofForm > 0)
            {
                tell(crate, worth, ofForm);
            }
        }
    }

    /// <summary>Where the word stands at best; a form of it counts a little less than itself.</summary>
    private static int Best(byte itself, byte form) => itself < Keyword ? Math.Max(itself, form * 8 / 10) : itself;

    private static byte InNameOf(ReadOnlySpan<byte> name, ReadOnlySpan<byte> word)
    {
        byte best = 0;
        for (var (start, at) = (0, name.IndexOf(word)); at >= 0; at = name[start..].IndexOf(word))
        {
            at += start;
            var (starts, ends) = (at == 0 || name[at - 1] == '_', at + word.Length == name.Length || name[at + word.Length] == '_');
            best = Math.Max(best, (starts, ends) switch
            {
                (true, true) => word.Length == name.Length ? NameIsWord : NamePart,
                (true, false) => NameStart,
                _ => InName,
            });
            start = at + 1;
        }

        return best;
    }

    private sealed class Word(string text)
    {
        public string Text { get; } = text;

        public string Stem { get; } = Ranking.Stem(text);

        public byte[] InText { get; } = Encoding.UTF8.GetBytes(text);

        public byte[] InName { get; } = Encoding.UTF8.GetBytes(text.Replace('-', '_'));

        public ReadOnlySpan<byte> StemInText => InText.AsSpan(0, StemLength);

        public ReadOnlySpan<byte> StemInName => InName.AsSpan(0, StemLength);

        public bool HasForms => Stem.Length < Text.Length;

        private int StemLength { get; } = Encoding.UTF8.GetByteCount(Ranking.Stem(text));
    }
}
