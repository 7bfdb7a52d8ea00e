using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;

namespace Raktar.Application.Log;

/// <summary>Bytes, smaller.</summary>
public static class Gzip
{
    // What deflate can do at best, 1032 to 1, rounded up.
    private const long MostExpanded = 1100;

    /// <summary>Gzipped. Equal bytes give equal bytes.</summary>
    public static byte[] Compress(ReadOnlySpan<byte> bytes)
    {
        using var zipped = new MemoryStream();
        using (var gzip = new GZipStream(zipped, CompressionLevel.Optimal, leaveOpen: true))
        {
            gzip.Write(bytes);
        }

        return zipped.ToArray();
    }

    /// <summary>How many bytes <see cref="Compress"/> was given, as the gzipped ones say at their end.</summary>
    public static uint ExpandedLength(ReadOnlySpan<byte> zipped) => zipped.Length < 18 ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(zipped[^4..]);

    /// <summary>
    /// What was gzipped; bytes that never were, or of which there would be more than <paramref name="most"/>, are an <see cref="InvalidDataException"/>.
    /// </summary>
    public static byte[] Expand(ReadOnlyMemory<byte> zipped, long most = long.MaxValue)
    {
        // A document may be large, and its length is known: no buffer that grows, and no copy.
        var length = ExpandedLength(zipped.Span);
        if (length > most)
        {
            throw new InvalidDataException($"it unpacks to more than {most} bytes");
        }

        var expanded = new byte[Math.Min(length, MostExpanded * zipped.Length)];
        Expand(zipped, expanded);
        return expanded;
    }

    /// <summary>What was gzipped, into memory of just its <see cref="ExpandedLength"/>.</summary>
    public static void Expand(ReadOnlyMemory<byte> zipped, Span<byte> expanded)
    {
        using var gzip = new GZipStream(Reading(zipped), CompressionMode.Decompress);
        if (gzip.ReadAtLeast(expanded, expanded.Length, throwOnEndOfStream: false) != expanded.Length || gzip.ReadByte() >= 0)
        {
            throw new InvalidDataException("the gzipped bytes have another length than they say");
        }
    }

    private static MemoryStream Reading(ReadOnlyMemory<byte> bytes) => MemoryMarshal.TryGetArray(bytes, out var array)
        ? new(array.Array!, array.Offset, array.Count, writable: false)
        : new(bytes.ToArray(), writable: false);

    /// <inheritdoc cref="Expand(ReadOnlyMemory{byte}, long)"/>
    public static byte[] Expand(Stream zipped, long most = long.MaxValue)
    {
        using var gzip = new GZipStream(zipped, CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        var buffer = new byte[32 * 1024];
        for (int read; (read = gzip.Read(buffer)) > 0;)
        {
            if (bytes.Length + read > most)
            {
                throw new InvalidDataException($"it unpacks to more than {most} bytes");
            }

            bytes.Write(buffer, 0, read);
        }

        return bytes.ToArray();
    }
}
