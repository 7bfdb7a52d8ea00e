using System.Text;

namespace Raktar.Application.Crates.Search;

/// <summary>Texts, each once, numbered as they come: a few bytes more than their UTF-8 each.</summary>
internal sealed class TextTable
{
    // A number, and one; 0: nothing. Never more than half full.
    private int[] _slots = new int[16];

    // Nobody can choose texts that all come to the same place.
    private readonly uint _seed = (uint)Random.Shared.Next();

    /// <summary>The texts by number.</summary>
    public SearchTexts Texts { get; } = new();

    /// <summary>The number of a text; -1: it has none.</summary>
    public int Find(ReadOnlySpan<byte> text)
    {
        for (var slot = SlotOf(text); _slots[slot] > 0; slot = (slot + 1) % _slots.Length)
        {
            if (Texts[_slots[slot] - 1].SequenceEqual(text))
            {
                return _slots[slot] - 1;
            }
        }

        return -1;
    }

    /// <summary>The number of a text; -1: it has none.</summary>
    public int Find(string text) => Find(Encoding.UTF8.GetBytes(text));

    /// <summary>The number of a text, which is the next where it has none yet.</summary>
    public int Add(ReadOnlySpan<byte> text)
    {
        if (Find(text) is >= 0 and var known)
        {
            return known;
        }

        var number = Texts.Count;
        Texts.Put(number, text);
        if (2 * Texts.Count > _slots.Length)
        {
            _slots = new int[2 * _slots.Length];
            for (var i = 0; i < number; i++)
            {
                Place(i);
            }
        }

        Place(number);
        return number;
    }

    /// <summary>The numbers of all texts that are this one where <c>_</c> does not count.</summary>
    public List<int> Alike(ReadOnlySpan<byte> text)
    {
        var alike = new List<int>();
        for (var slot = SlotOf(text); _slots[slot] > 0; slot = (slot + 1) % _slots.Length)
        {
            if (IsAlike(Texts[_slots[slot] - 1], text))
            {
                alike.Add(_slots[slot] - 1);
            }
        }

        return alike;
    }

    /// <summary>The text of a number.</summary>
    public string Text(int number) => Encoding.UTF8.GetString(Texts[number]);

    private static bool IsAlike(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other)
    {
        var at = 0;
        foreach (var b in other)
        {
            if (b == '_')
            {
                continue;
            }

            while (at < one.Length && one[at] == '_')
            {
                at++;
            }

            if (at == one.Length || one[at++] != b)
            {
                return false;
            }
        }

        return one[at..].TrimStart((byte)'_').IsEmpty;
    }

    private void Place(int number)
    {
        var slot = SlotOf(Texts[number]);
        while (_slots[slot] > 0)
        {
            slot = (slot + 1) % _slots.Length;
        }

        _slots[slot] = number + 1;
    }

    /// <summary>Where to begin to look: the same place for texts that are alike.</summary>
    private int SlotOf(ReadOnlySpan<byte> text)
    {
        var hash = _seed;
        foreach (var b in text)
        {
            hash = b == '_' ? hash : (hash ^ b) * 16777619;
        }

        return (int)((hash ^ (hash >> 15)) % (uint)_slots.Length);
    }
}
