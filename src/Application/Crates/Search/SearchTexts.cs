using System.Text;
using Raktar.Application.Crates.Views;

namespace Raktar.Application.Crates.Search;

/// <summary>
/// The names, keywords, categories and descriptions of all crates, one after another in one array: a search reads memory in a straight line instead of
/// following a few pointers per crate. It narrows down, it does not decide: case, <c>-</c> and <c>_</c> are folded, and texts that a crate had
/// before still find it until the array is made anew.
/// </summary>
internal sealed class SearchTexts
{
    // In no UTF-8 text, so that nothing is found across the end of one.
    private const byte End = 0xff;

    private readonly Dictionary<string, Place> _places = new(StringComparer.Ordinal);
    private Snapshot _now = new([], [], [], 0);
    private int _outdated;

    /// <summary>Adds a crate, or replaces what is known of it. One call at a time; searches may run meanwhile.</summary>
    public void Put(CatalogueRow row)
    {
        byte[] text =
        [
            .. Fold(row.Name.Canonical),
            .. row.Name.Canonical.Contains('_', StringComparison.Ordinal) ? Fold(row.Name.Canonical.Replace("_", string.Empty, StringComparison.Ordinal)) : [],
            .. row.Entry.Keywords.SelectMany(Fold),
            .. row.Entry.Categories.SelectMany(Fold),
            .. Fold(row.Entry.Description ?? string.Empty),
        ];
        if (_places.TryGetValue(row.Name.Canonical, out var place))
        {
            place.Row = row;
            if (place.Text(_now).SequenceEqual(text))
            {
                return;
            }

            _outdated++;
        }
        else
        {
            _places[row.Name.Canonical] = place = new Place { Row = row };
        }

        if (_outdated > 1000 + (_places.Count / 2))
        {
            place.Index = -1;
            Compact();
        }

        Volatile.Write(ref _now, Append(_now, place, text));
    }

    /// <summary>Every crate with <paramref name="word"/> anywhere in its texts, and possibly some more.</summary>
    public IEnumerable<CatalogueRow> With(string word)
    {
        var now = Volatile.Read(ref _now);
        var found = new HashSet<Place>();
        var needle = Fold(word).AsSpan()[..^1];
        var ends = now.Ends.AsSpan(0, now.Count);
        var text = now.Text.AsSpan(0, now.Length);
        for (var start = 0; text[start..].IndexOf(needle) is >= 0 and var at;)
        {
            var place = ends.BinarySearch(start + at + 1);
            place = place < 0 ? ~place : place;
            found.Add(now.Places[place]);
            start = ends[place];
        }

        return found.Select(place => place.Row);
    }

    private static byte[] Fold(string text) =>
        // Upper case last, so that what is equal when case is ignored is equal here.
        [.. Encoding.UTF8.GetBytes(text.ToLowerInvariant().ToUpperInvariant().Replace('-', '_')), End];

    /// <summary>What follows a snapshot's last text is not part of it, so the next one may use the same arrays.</summary>
    private static Snapshot Append(Snapshot now, Place place, byte[] text)
    {
        var (bytes, ends, places) = (now.Text, now.Ends, now.Places);
        if (now.Length + text.Length > bytes.Length)
        {
            Array.Resize(ref bytes, (now.Length + text.Length) * 3 / 2);
        }

        if (now.Count == ends.Length)
        {
            Array.Resize(ref ends, (now.Count + 16) * 3 / 2);
            Array.Resize(ref places, ends.Length);
        }

        text.CopyTo(bytes, now.Length);
        ends[now.Count] = now.Length + text.Length;
        places[now.Count] = place;
        place.Index = now.Count;
        return new(bytes, ends, places, now.Count + 1);
    }

    private void Compact()
    {
        var (old, compact) = (_now, new Snapshot([], [], [], 0));
        foreach (var place in _places.Values.Where(place => place.Index >= 0))
        {
            compact = Append(compact, place, place.Text(old).ToArray());
        }

        (_now, _outdated) = (compact, 0);
    }

    /// <summary>Where each crate's text ends, and whose it is.</summary>
    private sealed record Snapshot(byte[] Text, int[] Ends, Place[] Places, int Count)
    {
        public int Length => Count == 0 ? 0 : Ends[Count - 1];
    }

    private sealed class Place
    {
        public required CatalogueRow Row { get; set; }

        /// <summary>Which text is the crate's newest.</summary>
        public int Index { get; set; }

        public ReadOnlySpan<byte> Text(Snapshot now) => now.Text.AsSpan((Index == 0 ? 0 : now.Ends[Index - 1])..now.Ends[Index]);
    }
}
