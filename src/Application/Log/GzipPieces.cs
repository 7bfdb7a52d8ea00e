using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace Raktar.Application.Log;

/// <summary>
/// Bytes deflated by themselves, so that pieces put one behind the other, between <see cref="Header"/> and <see cref="Trailer"/>, are one gzip stream: each ends
/// at a whole byte, in a block that is not the last, and looks back at nothing before it (RFC 1951, RFC 1952).
/// </summary>
public static class GzipPieces
{
    private const uint Polynomial = 0xEDB88320;

    // A polynomial's lowest power is the highest bit.
    private const uint One = 1u << 31;

    /// <summary>What a gzip stream begins with: no name, no time, an unknown system.</summary>
    public static ReadOnlyMemory<byte> Header { get; } = new byte[] { 0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255 };

    /// <summary>The piece of these bytes. Equal bytes give equal pieces.</summary>
    public static byte[] Deflate(ReadOnlySpan<byte> bytes)
    {
        using var deflated = new MemoryStream();
        using var deflate = new DeflateStream(deflated, CompressionLevel.Optimal, leaveOpen: true);
        deflate.Write(bytes);
        // What closing would add says that nothing follows.
        deflate.Flush();
        return deflated.ToArray();
    }

    /// <summary>The <paramref name="length"/> bytes of a piece; a piece that has others is an <see cref="InvalidDataException"/>.</summary>
    public static byte[] Inflate(ReadOnlyMemory<byte> piece, int length)
    {
        var bytes = new byte[length];
        using var source = MemoryMarshal.TryGetArray(piece, out var array)
            ? new MemoryStream(array.Array!, array.Offset, array.Count, writable: false)
            : new MemoryStream(piece.ToArray(), writable: false);
        using var inflate = new DeflateStream(source, CompressionMode.Decompress);
        return inflate.ReadAtLeast(bytes, length, throwOnEndOfStream: false) == length
            ? bytes
            : throw new InvalidDataException("a deflated piece has fewer bytes than it should");
    }

    /// <summary>The checksum of bytes as gzip has it.</summary>
    public static uint Crc(ReadOnlySpan<byte> bytes) => Crc32.HashToUInt32(bytes);

    /// <summary>The checksum of bytes and of what follows them, from both checksums and the length of what follows.</summary>
    public static uint Join(uint crc, uint next, long nextLength)
    {
        // A checksum is the remainder of the bytes as a polynomial: so many bytes behind them are a multiplication by x to the power of so many bits.
        var (shift, square) = (One, One >> 8);
        for (var bytes = nextLength; bytes > 0; bytes >>= 1)
        {
            shift = (bytes & 1) != 0 ? Multiply(shift, square) : shift;
            square = Multiply(square, square);
        }

        return Multiply(crc, shift) ^ next;
    }

    /// <summary>What a gzip stream ends with: a last block with nothing in it, the checksum of all bytes and their number.</summary>
    public static byte[] Trailer(uint crc, long length)
    {
        var trailer = new byte[10];
        trailer[0] = 3;
        BinaryPrimitives.WriteUInt32LittleEndian(trailer.AsSpan(2), crc);
        BinaryPrimitives.WriteUInt32LittleEndian(trailer.AsSpan(6), (uint)length);
        return trailer;
    }

    /// <summary>The product of two polynomials, less multiples of gzip's.</summary>
    private static uint Multiply(uint a, uint b)
    {
        var product = 0u;
        for (var power = One; power != 0; power >>= 1)
        {
            product ^= (a & power) != 0 ? b : 0;
            b = (b & 1) != 0 ? (b >> 1) ^ Polynomial : b >> 1;
        }

        return product;
    }
}
