using System.IO.Compression;

namespace Raktar.Application;

/// <summary>Bytes, smaller.</summary>
public static class Gzip
{
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

    /// <summary>What was gzipped; bytes that never were are an <see cref="InvalidDataException"/>.</summary>
    public static byte[] Expand(ReadOnlyMemory<byte> zipped)
    {
        using var stream = new MemoryStream(zipped.ToArray(), writable: false);
        return Expand(stream);
    }

    /// <summary>What was gzipped; bytes that never were are an <see cref="InvalidDataException"/>.</summary>
    public static byte[] Expand(Stream zipped)
    {
        using var gzip = new GZipStream(zipped, CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        gzip.CopyTo(bytes);
        return bytes.ToArray();
    }
}
