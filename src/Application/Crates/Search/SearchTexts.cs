namespace Raktar.Application.Crates.Search;

/// <summary>
/// Texts by number, in UTF-8, one after another in one array: a search reads memory in a straight line. A text that is replaced stays where it is, found by nobody,
/// until the array is made anew.
/// </summary>
internal sealed class SearchTexts
{
    // In no UTF-8 text, so that nothing is found across the end of one.
    private const byte End = 0xff;

    private byte[] _bytes = [];
    private int[] _ends = [];
    private int[] _numbers = [];
    private int[] _newest = [];
    private int _length;
    private int _count;

    /// <summary>How many numbers there are.</summary>
    public int Count { get; private set; }

    /// <summary>The text of a number.</summary>
    public ReadOnlySpan<byte> this[int number] => _bytes.AsSpan(Start(_newest[number]).._ends[_newest[number]]);

    /// <summary>Makes it the text of a number, which has one already or is the next.</summary>
    public void Put(int number, ReadOnlySpan<byte> text)
    {
        if (number < Count && this[number].SequenceEqual(text))
        {
            return;
        }

        if (_count - Count > 1000 + (Count / 2))
        {
            Compact();
        }

        Count = Math.Max(Count, number + 1);
        Append(number, text);
    }

    /// <summary>The numbers in whose texts this is somewhere; once each.</summary>
    public List<int> Containing(ReadOnlySpan<byte> part)
    {
        var found = new List<int>();
        var text = _bytes.AsSpan(0, _length);
        for (var (start, index) = (0, 0); text[start..].IndexOf(part) is >= 0 and var at; start = _ends[index])
        {
            // One step after the other: what follows is near.
            while (_ends[index] < start + at)
            {
                index++;
            }

            if (_newest[_numbers[index]] == index)
            {
                found.Add(_numbers[index]);
            }
        }

        return found;
    }

    private int Start(int index) => index == 0 ? 0 : _ends[index - 1] + 1;

    private void Append(int number, ReadOnlySpan<byte> text)
    {
        Reserve(ref _bytes, _length + text.Length + 1);
        Reserve(ref _ends, _count + 1);
        Reserve(ref _numbers, _count + 1);
        Reserve(ref _newest, number + 1);
        text.CopyTo(_bytes.AsSpan(_length));
        _length += text.Length;
        _bytes[_length] = End;
        (_ends[_count], _numbers[_count], _newest[number]) = (_length++, number, _count);
        _count++;
    }

    private void Compact()
    {
        var old = (SearchTexts)MemberwiseClone();
        (_bytes, _ends, _numbers, _newest, _length, _count) = ([], [], [], [], 0, 0);
        for (var number = 0; number < old.Count; number++)
        {
            Append(number, old[number]);
        }
    }

    private static void Reserve<T>(ref T[] array, int length)
    {
        if (array.Length < length)
        {
            Array.Resize(ref array, Math.Max(256, length + (length / 4)));
        }
    }
}
