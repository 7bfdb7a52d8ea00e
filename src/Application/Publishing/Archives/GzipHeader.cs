using System.Buffers.Binary;
using System.IO.Hashing;

namespace Raktar.Application.Publishing.Archives;

/// <summary>The header of a gzip member: https://www.rfc-editor.org/rfc/rfc1952#section-2.3</summary>
internal static class GzipHeader
{
    /// <summary>The longest header that is read, optional fields included. Cargo's holds just a file name.</summary>
    public const int MaxBytes = 4096;

    [Flags]
    private enum Fields
    {
        None = 0,
        Text = 1,
        HeaderCrc = 2,
        Extra = 4,
        Name = 8,
        Comment = 16,
        Known = Text | HeaderCrc | Extra | Name | Comment,
    }

    /// <summary>What is wrong with the header at the start of <paramref name="bytes"/>, or null and its length.</summary>
    public static string? Problem(ReadOnlySpan<byte> bytes, out int length)
    {
        const int FixedBytes = 10;
        length = 0;
        if (bytes.Length < FixedBytes || !bytes.StartsWith<byte>([0x1f, 0x8b]))
        {
            return "it does not start with a gzip header";
        }

        var fields = (Fields)bytes[3];
        if (bytes[2] != 8 || (fields & ~Fields.Known) != Fields.None)
        {
            return "its compression method or flags are unknown";
        }

        var at = FixedBytes;
        if (fields.HasFlag(Fields.Extra))
        {
            at += bytes.Length < at + 2 ? bytes.Length : 2 + BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);
        }

        if (fields.HasFlag(Fields.Name))
        {
            at = AfterText(bytes, at);
        }

        if (fields.HasFlag(Fields.Comment))
        {
            at = AfterText(bytes, at);
        }

        if (fields.HasFlag(Fields.HeaderCrc))
        {
            if (at + 2 <= bytes.Length && (ushort)Crc32.HashToUInt32(bytes[..at]) != BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]))
            {
                return "its header checksum is wrong";
            }

            at += 2;
        }

        length = at;
        return at > bytes.Length ? $"its header does not end (max {MaxBytes} bytes)" : null;
    }

    // A text that does not end puts the position behind all bytes, where it stays.
    private static int AfterText(ReadOnlySpan<byte> bytes, int at)
    {
        var end = at < bytes.Length ? bytes[at..].IndexOf((byte)0) : -1;
        return end < 0 ? bytes.Length + 1 : at + end + 1;
    }
}
