using System.Buffers;
using System.IO.Compression;
using System.IO.Hashing;
using Raktar.Domain;

namespace Raktar.Application.Publishing.Archives;

/// <summary>
/// The decompressed side of a crate file: a window that moves forward over at most <paramref name="limit"/> bytes, checked against
/// the gzip trailer when it reaches their end.
/// </summary>
internal sealed class InflatedReader(Stream source, long length, long limit) : IDisposable
{
    private const int BufferBytes = 32 * 1024;

    private readonly GzipMember _member = new(source, length);
    private readonly Crc32 _crc = new();
    private readonly byte[] _buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
    private DeflateStream? _deflate;
    private int _start;
    private int _end;
    private long _inflated;
    private bool _ended;

    /// <summary>The bytes at hand, not taken yet.</summary>
    public ReadOnlySpan<byte> Available => _buffer.AsSpan(_start, _end - _start);

    /// <summary>Reads the gzip header; to be called once, first.</summary>
    public ValueTask<Refusal?> Open(CancellationToken cancellationToken)
    {
        _deflate = new(_member, CompressionMode.Decompress, leaveOpen: true);
        return _member.ReadHeader(cancellationToken);
    }

    /// <summary>Makes <paramref name="count"/> bytes (at most a few thousand) available; fewer only at the end of a sound file.</summary>
    public ValueTask<Refusal?> Fill(int count, CancellationToken cancellationToken) =>
        _end - _start >= count || _ended ? default : Inflate(count, cancellationToken);

    /// <summary>Passes over bytes that were looked at.</summary>
    public void Take(int count) => _start += count;

    /// <inheritdoc/>
    public void Dispose()
    {
        _deflate?.Dispose();
        _member.Dispose();
        ArrayPool<byte>.Shared.Return(_buffer);
    }

    private async ValueTask<Refusal?> Inflate(int count, CancellationToken cancellationToken)
    {
        Available.CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);

        while (_end < count)
        {
            // One byte above the limit tells that there is more; nothing beyond it is ever decompressed.
            var room = (int)Math.Min(_buffer.Length - _end, limit + 1 - _inflated);
            int read;
            try
            {
                read = await _deflate!.ReadAsync(_buffer.AsMemory(_end, room), cancellationToken);
            }
            catch (InvalidDataException) when (!_member.IsReading)
            {
                return GzipMember.Invalid("its compressed data is corrupt");
            }

            if (read == 0)
            {
                _ended = true;
                return await Finish(cancellationToken);
            }

            _crc.Append(_buffer.AsSpan(_end, read));
            _end += read;
            _inflated += read;
            if (_inflated > limit)
            {
                return new TooLarge($"crate file expands beyond {limit} bytes");
            }
        }

        return null;
    }

    private async ValueTask<Refusal?> Finish(CancellationToken cancellationToken)
    {
        if (_member.IsTruncated)
        {
            return _member.Truncated;
        }

        if (_member.RanDry)
        {
            return GzipMember.Invalid("its compressed data ends early");
        }

        if (!_member.IsSpent)
        {
            return GzipMember.Invalid("bytes follow behind its end");
        }

        return await _member.ReadTrailer(cancellationToken) switch
        {
            null => _member.Truncated,
            var (crc, _) when crc != _crc.GetCurrentHashAsUInt32() => GzipMember.Invalid("its checksum is wrong"),
            var (_, size) when size != (uint)_inflated => GzipMember.Invalid("its size is wrong"),
            _ => null,
        };
    }
}
