using Raktar.Application.Log;
using Raktar.Domain.Crates;

namespace Raktar.Projections.Crates;

/// <summary>
/// The lines of an index file while facts are folded into it. All lie in one piece of memory, with room for another: those of a long history have tens of
/// megabytes, and most facts only add a line.
/// </summary>
internal sealed class IndexLines
{
    private const int LongBytes = 1024 * 1024;

    // More than the line of any version has.
    private const int RoomOfLong = 512 * 1024;

    private byte[] _bytes;
    private int _length;

    /// <summary>No lines.</summary>
    public IndexLines() => _bytes = [];

    /// <summary>The lines that were gzipped, of which there are <paramref name="length"/> bytes.</summary>
    public IndexLines(ReadOnlyMemory<byte> gzip, int length)
    {
        _bytes = new byte[length + (length < LongBytes ? length / 4 : RoomOfLong)];
        _length = length;
        if (length > 0)
        {
            Gzip.Expand(gzip, _bytes.AsSpan(0, length));
        }
    }

    /// <summary>The crate's name as registered.</summary>
    public required string Name { get; set; }

    /// <summary>Whether the crate is restricted.</summary>
    public bool IsRestricted { get; set; }

    /// <summary>All lines, each with its newline. To be used before the next change.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes.AsMemory(0, _length);

    /// <summary>Adds a line at the end.</summary>
    public void Add(ReadOnlySpan<byte> line) => Put(line, _length, 0);

    /// <summary>Whether there is a line of the version.</summary>
    public bool Has(SemVersion version) => Find(version) is not null;

    /// <summary>Puts another line, or nothing, where the version's is.</summary>
    public void Replace(SemVersion version, Func<ReadOnlySpan<byte>, byte[]> change)
    {
        var (start, length) = Find(version) ?? throw new InvalidOperationException($"a fact about {Name} {version}, which was never published");
        Put(change(_bytes.AsSpan(start, length)), start, length);
    }

    private void Put(ReadOnlySpan<byte> line, int start, int replaced)
    {
        var length = _length - replaced + line.Length;
        if (length > _bytes.Length)
        {
            Array.Resize(ref _bytes, length + (length < LongBytes ? length : length / 4));
        }

        _bytes.AsSpan((start + replaced).._length).CopyTo(_bytes.AsSpan(start + line.Length));
        line.CopyTo(_bytes.AsSpan(start));
        _length = length;
    }

    private (int Start, int Length)? Find(SemVersion version)
    {
        for (var start = 0; start < _length;)
        {
            var length = _bytes.AsSpan(start, _length - start).IndexOf((byte)'\n') + 1;
            if (IndexLine.VersionOf(_bytes.AsSpan(start, length)) == version)
            {
                return (start, length);
            }

            start += length;
        }

        return null;
    }
}
