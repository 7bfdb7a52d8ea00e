using System.Buffers;
using System.Buffers.Binary;
using Raktar.Application.Ports;
using Raktar.Domain;

namespace Raktar.Application.Publishing.Archives;

/// <summary>
/// The compressed side of a crate file: one gzip member (RFC 1952) that is exactly as long as announced. As a stream it holds the
/// bytes between header and trailer, and it hands out the last of them in a read of its own. A decompressor asks for that byte only if its
/// data has not ended before, so <see cref="IsSpent"/> without <see cref="RanDry"/> means: the data ends where the file says it ends.
/// </summary>
internal sealed class GzipMember(Stream source, long length) : ForwardStream
{
    private const int TrailerBytes = 8;

    private readonly byte[] _head = ArrayPool<byte>.Shared.Rent(GzipHeader.MaxBytes);
    private int _start;
    private int _end;
    private long _received;
    private long _left;

    /// <summary>Whether a read of the caller's stream is under way, or has thrown.</summary>
    public bool IsReading { get; private set; }

    /// <summary>Whether the caller's stream ended early.</summary>
    public bool IsTruncated { get; private set; }

    /// <summary>Whether all bytes were asked for.</summary>
    public bool IsSpent => _left == 0;

    /// <summary>Whether more bytes were asked for than there are.</summary>
    public bool RanDry { get; private set; }

    /// <summary>The refusal of a stream that ended early.</summary>
    public Refusal Truncated => new InvalidInput($"crate file truncated: expected {length} bytes, got {_received}");

    public static Refusal Invalid(string problem) => new InvalidInput($"crate file is not a valid gzip archive: {problem}");

    /// <summary>Reads the header; to be called once, first.</summary>
    public async ValueTask<Refusal?> ReadHeader(CancellationToken cancellationToken)
    {
        var wanted = (int)Math.Min(length, GzipHeader.MaxBytes);
        while (_end < wanted)
        {
            var read = await Receive(_head.AsMemory(_end, wanted - _end), cancellationToken);
            if (read == 0)
            {
                return Truncated;
            }

            _end += read;
        }

        var problem = GzipHeader.Problem(_head.AsSpan(0, _end), out _start);
        _left = length - _start - TrailerBytes;
        return (problem, _left) switch
        {
            (not null, _) => Invalid(problem),
            (_, <= 0) => Invalid("it ends early"),
            _ => null,
        };
    }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_left == 0)
        {
            RanDry = true;
            return 0;
        }

        var most = (int)Math.Min(buffer.Length, Math.Max(1, _left - 1));
        var read = await Next(buffer[..most], cancellationToken);
        _left -= read;
        return read;
    }

    /// <summary>Reads the CRC-32 and the size modulo 2^32 behind the compressed data; null when the stream ended early.</summary>
    public async ValueTask<(uint Crc, uint Size)?> ReadTrailer(CancellationToken cancellationToken)
    {
        var trailer = new byte[TrailerBytes];
        for (var filled = 0; filled < TrailerBytes;)
        {
            var read = await Next(trailer.AsMemory(filled), cancellationToken);
            if (read == 0)
            {
                return null;
            }

            filled += read;
        }

        return (BinaryPrimitives.ReadUInt32LittleEndian(trailer), BinaryPrimitives.ReadUInt32LittleEndian(trailer.AsSpan(4)));
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && _end >= 0)
        {
            (_start, _end) = (0, -1);
            ArrayPool<byte>.Shared.Return(_head);
        }

        base.Dispose(disposing);
    }

    private ValueTask<int> Next(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (_start == _end)
        {
            return Receive(buffer, cancellationToken);
        }

        var count = Math.Min(buffer.Length, _end - _start);
        _head.AsMemory(_start, count).CopyTo(buffer);
        _start += count;
        return new(count);
    }

    private async ValueTask<int> Receive(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        IsReading = true;
        var read = await source.ReadAsync(buffer, cancellationToken);
        IsReading = false;
        IsTruncated = read == 0;
        _received += read;
        return read;
    }
}
