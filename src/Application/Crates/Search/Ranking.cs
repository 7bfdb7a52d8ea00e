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
    public List<(int Crate, double Score)> Find(CatalogueRows rows)
    {
        var (whole, alike) = (WholeNameIn(rows), rows.Names.Alike(_whole));
        var found = new List<(int Crate, double Score)>();
        foreach (var (crate, tenths) in FindWords(rows))
        {
            if (rows.IsListed(crate) && (alike.Count == 0 || !alike.Contains(crate)))
            {
                found.Add((crate, Score(tenths / 10.0, rows.DependentsOf(crate))));
            }
        }

        foreach (var crate in alike.Where(rows.IsListed))
        {
            found.Add((crate, Score(crate == whole ? 2 * WholeName : WholeName, rows.DependentsOf(crate))));
        }

        return found;
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
        using var notes = new Notes(rows.Count);
        foreach (var (i, word) in _words.Index())
        {
            notes.Clear();
            // All texts for the first word, for the others only those that are left.
            Look(word, rows, i == 0 ? null : found.ConvertAll(each => each.Crate), notes);
            found = i == 0
                ? notes.Crates.ConvertAll(crate => (crate, notes.Best(crate)))
                : found.FindAll(each => notes.Best(each.Crate) > 0).ConvertAll(each => (each.Crate, each.Tenths + notes.Best(each.Crate)));
        }

        return found;
    }

    /// <summary>Notes each place where the word stands, or a form of it, in all crates or some.</summary>
    private static void Look(Word word, CatalogueRows rows, List<int>? crates, Notes notes)
    {
        foreach (var crate in crates ?? rows.Names.Texts.Containing(word.StemInName))
        {
            var name = rows.Names.Texts[crate];
            notes.Add(crate, InNameOf(name, word.InName), word.HasForms ? InNameOf(name, word.StemInName) : (byte)0);
        }

        foreach (var crate in crates ?? rows.Descriptions.Containing(word.StemInText))
        {
            var text = rows.Descriptions[crate];
            // Of all crates only those are here that have the stem.
            var hasStem = crates is null || text.IndexOf(word.StemInText) >= 0;
            var hasWord = hasStem && (!word.HasForms || text.IndexOf(word.InText) >= 0);
            notes.Add(crate, hasWord ? Description : (byte)0, hasStem && word.HasForms ? Description : (byte)0);
        }

        var (keywords, categories) = (rows.Topics(TopicKind.Keyword), rows.Topics(TopicKind.Category));
        foreach (var crate in keywords.Crates(word.Text))
        {
            notes.Add(crate, Keyword, 0);
        }

        foreach (var crate in word.HasForms ? keywords.CratesOfStem(word.Stem) : [])
        {
            notes.Add(crate, 0, Keyword);
        }

        foreach (var crate in categories.CratesContaining(word.Text))
        {
            notes.Add(crate, Category, 0);
        }
    }

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

    /// <summary>What a word is worth in each crate, where it stands at best: itself, and a form of it.</summary>
    private sealed class Notes(int count) : IDisposable
    {
        private readonly byte[] _itself = ArrayPool<byte>.Shared.Rent(count);
        private readonly byte[] _forms = ArrayPool<byte>.Shared.Rent(count);

        /// <summary>The crates in which it is somewhere.</summary>
        public List<int> Crates { get; } = [];

        public void Clear()
        {
            _itself.AsSpan(0, count).Clear();
            _forms.AsSpan(0, count).Clear();
            Crates.Clear();
        }

        public void Add(int crate, byte itself, byte form)
        {
            if ((itself | form) != 0)
            {
                if ((_itself[crate] | _forms[crate]) == 0)
                {
                    Crates.Add(crate);
                }

                _itself[crate] = Math.Max(_itself[crate], itself);
                _forms[crate] = Math.Max(_forms[crate], form);
            }
        }

        public void Dispose()
        {
            ArrayPool<byte>.Shared.Return(_itself);
            ArrayPool<byte>.Shared.Return(_forms);
        }

        /// <summary>A form counts a little less than the word itself.</summary>
        public int Best(int crate) => _itself[crate] < Keyword ? Math.Max(_itself[crate], _forms[crate] * 8 / 10) : _itself[crate];
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
