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

    /// <summary>
    /// What was gzipped; bytes that never were, or of which there would be more than <paramref name="most"/>, are an <see cref="InvalidDataException"/>.
    /// </summary>
    public static byte[] Expand(ReadOnlyMemory<byte> zipped, long most = long.MaxValue)
    {
        using var stream = new MemoryStream(zipped.ToArray(), writable: false);
        return Expand(stream, most);
    }

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
