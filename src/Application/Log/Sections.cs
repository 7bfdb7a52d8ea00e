using System.Buffers.Binary;

namespace Raktar.Application.Log;

/// <summary>Bytes put together from others, and a head before them that can be told from the rest.</summary>
public static class Sections
{
    /// <summary>One after the other.</summary>
    public static byte[] Join(IReadOnlyCollection<ReadOnlyMemory<byte>> sections)
    {
        var bytes = new byte[sections.Sum(section => (long)section.Length)];
        var end = bytes.AsSpan();
        foreach (var section in sections)
        {
            section.Span.CopyTo(end);
            end = end[section.Length..];
        }

        return bytes;
    }

    /// <summary>A head after its length (32 bits, little endian), and the others behind it.</summary>
    public static byte[] Join(byte[] head, IEnumerable<ReadOnlyMemory<byte>> rest)
    {
        var length = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, head.Length);
        return Join([length, head, .. rest]);
    }

    /// <summary>The head, and what is behind it.</summary>
    public static (ReadOnlyMemory<byte> Head, ReadOnlyMemory<byte> Behind) Split(ReadOnlyMemory<byte> bytes)
    {
        var length = BinaryPrimitives.ReadInt32LittleEndian(bytes.Span);
        return (bytes.Slice(4, length), bytes[(4 + length)..]);
    }
}
