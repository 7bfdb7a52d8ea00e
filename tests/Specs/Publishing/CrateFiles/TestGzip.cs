using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;

namespace Raktar.Specs.Publishing.CrateFiles;

/// <summary>Gzip members for tests, in parts that can be changed one by one.</summary>
internal static class TestGzip
{
    public static readonly byte[] Header = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

    public static byte[] Pack(byte[] plain, CompressionLevel level = CompressionLevel.Optimal) => Member(Deflate(plain, level), plain);

    public static byte[] Member(byte[] deflated, byte[] plain) => [.. Header, .. deflated, .. Trailer(plain)];

    public static byte[] Trailer(byte[] plain)
    {
        var trailer = new byte[8];
        BinaryPrimitives.WriteUInt32LittleEndian(trailer, Crc32.HashToUInt32(plain));
        BinaryPrimitives.WriteUInt32LittleEndian(trailer.AsSpan(4), (uint)plain.Length);
        return trailer;
    }

    public static byte[] Deflate(byte[] plain, CompressionLevel level = CompressionLevel.Optimal)
    {
        var deflated = new MemoryStream();
        using (var stream = new DeflateStream(deflated, level))
        {
            stream.Write(plain);
        }

        // DeflateStream writes nothing for nothing, which is no deflate data.
        return plain.Length == 0 ? [3, 0] : deflated.ToArray();
    }

    /// <summary>Stored blocks of at most <paramref name="size"/> bytes; the last one is marked final unless told otherwise.</summary>
    public static byte[] Store(byte[] plain, int size = 65535, bool final = true)
    {
        var blocks = new List<byte>();
        for (var at = 0; at < plain.Length; at += size)
        {
            var length = Math.Min(size, plain.Length - at);
            blocks.Add((byte)(final && at + length == plain.Length ? 1 : 0));
            blocks.AddRange([(byte)length, (byte)(length >> 8), (byte)~length, (byte)(~length >> 8)]);
            blocks.AddRange(plain.AsSpan(at, length));
        }

        return [.. blocks];
    }
}
