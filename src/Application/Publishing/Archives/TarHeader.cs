using System.Buffers.Binary;

namespace Raktar.Application.Publishing.Archives;

/// <summary>
/// One 512-byte header of a tar archive, in the POSIX (<c>ustar</c>) or the GNU form, which is cargo's.
/// https://www.gnu.org/software/tar/manual/html_node/Standard.html
/// </summary>
/// <param name="Type">The type letter; NUL is the old form of <c>0</c>, a regular file.</param>
/// <param name="Path">The raw bytes of the path, prefix included.</param>
/// <param name="Size">The size of what follows, in bytes, not negative.</param>
/// <param name="Mode">The permission bits.</param>
internal readonly record struct TarHeader(char Type, byte[] Path, long Size, int Mode)
{
    /// <summary>Headers and contents are padded to blocks of this size.</summary>
    public const int BlockBytes = 512;

    private const int ChecksumAt = 148;
    private const int ChecksumBytes = 8;

    /// <summary>Whether it is a directory.</summary>
    public bool IsDirectory => Type == '5';

    /// <summary>The last second of the year 9999, from 1970 on: later ones are no times for many readers.</summary>
    private const long LastSecond = 253_402_300_799;

    /// <summary>Whether it is a file.</summary>
    public bool IsFile => Type is '0' or '\0';

    /// <summary>Reads a header; what is wrong with it, or null.</summary>
    public static string? Read(ReadOnlySpan<byte> block, out TarHeader header)
    {
        header = default;
        if (Number(block.Slice(ChecksumAt, ChecksumBytes)) != Checksum(block))
        {
            return "a header checksum is wrong";
        }

        var isPosix = block[257..].StartsWith("ustar\000"u8);
        if (!isPosix && !block[257..].StartsWith("ustar  \0"u8))
        {
            return "a header is neither POSIX nor GNU";
        }

        // In the GNU form the prefix's place holds times, which cargo leaves zero; some readers see a prefix all the same.
        var prefix = Text(block[345..500]);
        var name = Text(block[..100]);
        if (name is null || prefix is null || (!isPosix && block[345..].ContainsAnyExcept((byte)0)))
        {
            return "a header has bytes behind the end of a field";
        }

        if (Number(block.Slice(124, 12)) is not { } size)
        {
            return "a header has a malformed size";
        }

        if (Number(block.Slice(100, 8)) is not { } mode || mode > int.MaxValue)
        {
            return "a header has a malformed mode";
        }

        // Not used here, but other readers stop at what is none of these numbers, or too large for 32 bits.
        if (OrNothing(block.Slice(108, 8)) is not <= int.MaxValue || OrNothing(block.Slice(116, 8)) is not <= int.MaxValue || OrNothing(block.Slice(136, 12)) is not <= LastSecond)
        {
            return "a header has a malformed owner or time";
        }

        // Above the permission bits some writers repeat the file type.
        header = new((char)block[156], prefix.Length == 0 ? name : [.. prefix, (byte)'/', .. name], size, (int)(mode & 0xFFF));
        return null;
    }

    private static long? OrNothing(ReadOnlySpan<byte> field) => field.ContainsAnyExcept((byte)0, (byte)' ') ? Number(field) : 0;

    private static long Checksum(ReadOnlySpan<byte> block)
    {
        // The checksum's own field counts as spaces.
        long sum = ChecksumBytes * ' ';
        for (var i = 0; i < BlockBytes; i++)
        {
            sum += i is >= ChecksumAt and < ChecksumAt + ChecksumBytes ? 0 : block[i];
        }

        return sum;
    }

    private static byte[]? Text(ReadOnlySpan<byte> field)
    {
        var end = field.IndexOf((byte)0);
        return end < 0 ? field.ToArray() : field[end..].ContainsAnyExcept((byte)0) ? null : field[..end].ToArray();
    }

    /// <summary>Octal digits between optional spaces, or GNU's base 256, marked by the first byte's highest bit; null when malformed or negative.</summary>
    private static long? Number(ReadOnlySpan<byte> field)
    {
        if (field[0] == 0x80)
        {
            var number = field[^8..];
            var value = field.Length == 8 ? BinaryPrimitives.ReadInt64BigEndian(number) & long.MaxValue : BinaryPrimitives.ReadInt64BigEndian(number);
            return value < 0 || (field.Length > 8 && field[1..^8].ContainsAnyExcept((byte)0)) ? null : value;
        }

        var digits = field.TrimStart((byte)' ').TrimEnd(" \0"u8);
        if (digits.IsEmpty || digits.ContainsAnyExceptInRange((byte)'0', (byte)'7'))
        {
            return null;
        }

        long octal = 0;
        foreach (var digit in digits)
        {
            // At most twelve digits, 36 bits.
            octal = (octal << 3) | (long)(digit - '0');
        }

        return octal;
    }
}
