using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Raktar.Api.Http;
using Raktar.Application;
using Raktar.Application.Ports;
using Raktar.Application.Publishing;
using Raktar.Application.Publishing.Rules;
using Raktar.Domain;

namespace Raktar.Api.Endpoints.Publishing;

/// <summary>
/// The body of a publish: a length, cargo's JSON, a length, the crate file; lengths are unsigned 32-bit little endian
/// (https://doc.rust-lang.org/cargo/reference/registry-web-api.html#publish). Nothing is allocated by what a length claims. A client that stops
/// sending is given up, and one that sends too slowly; one that is slow but goes on is not.
/// </summary>
internal sealed class PublishBody : ForwardStream, ICrateUpload
{
    private readonly PipeReader _reader;
    private readonly PublishLimits _limits;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _giveUp;
    private readonly CancellationTokenRegistration _aborted;
    private readonly long _start;
    private long _left;
    private long _portion;
    private Term? _term;

    public PublishBody(HttpRequest request, PublishLimits limits, TimeProvider time, CancellationToken cancellationToken)
    {
        (_reader, _limits, _time) = (request.BodyReader, limits, time);
        _giveUp = new(Timeout.InfiniteTimeSpan, time);
        _aborted = cancellationToken.UnsafeRegister(giveUp => ((CancellationTokenSource)giveUp!).Cancel(), _giveUp);
        _start = time.GetTimestamp();
    }

    public Stream Content => this;

    private TimeSpan Elapsed => _time.GetElapsedTime(_start);

    /// <summary>Reads cargo's JSON.</summary>
    public async Task<Outcome<ReadOnlyMemory<byte>>> Metadata()
    {
        var late = $"the metadata did not arrive in time (Raktar:Limits:{nameof(PublishLimits.MetadataSeconds)} is {_limits.MetadataSeconds})";
        _term = new(Elapsed + TimeSpan.FromSeconds(_limits.MetadataSeconds), late);
        if (await ReadLength() is not { } length)
        {
            return new InvalidInput("metadata length is missing or truncated");
        }

        if (length == 0)
        {
            return new InvalidInput("metadata is empty");
        }

        if (length > _limits.MetadataBytes)
        {
            return new TooLarge($"metadata is {length} bytes (max {_limits.MetadataBytes})");
        }

        _term = _term with { End = _term.End + TimeSpan.FromSeconds((double)length / _limits.LeastBytesPerSecond) };
        var result = await ReadAtLeast((int)length);
        if (result.Buffer.Length < length)
        {
            // Whatever was read must be given back, or the server cannot clear the connection for the next request.
            _reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            return new InvalidInput($"metadata truncated: expected {length} bytes, got {result.Buffer.Length}");
        }

        var json = result.Buffer.Slice(0, length).ToArray();
        _reader.AdvanceTo(result.Buffer.GetPosition(length));
        return new ReadOnlyMemory<byte>(json);
    }

    async Task<Outcome<long>> ICrateUpload.Length(CancellationToken cancellationToken)
    {
        _term = NextTerm();
        if (await ReadLength() is not { } length)
        {
            return new InvalidInput("crate length truncated");
        }

        if (length == 0)
        {
            return new InvalidInput("crate file is empty");
        }

        if (length > _limits.CrateBytes)
        {
            return new TooLarge($"crate file is {length} bytes (max {_limits.CrateBytes})");
        }

        // The wait for a place to stage the file in is not the client's.
        _term = null;
        _left = length;
        return (long)length;
    }

    public async Task<Refusal?> End(CancellationToken cancellationToken)
    {
        var result = await Read();
        var rest = result.Buffer.Length;
        _reader.AdvanceTo(result.Buffer.End);
        return rest > 0 ? new InvalidInput($"{rest} unexpected bytes after crate file") : null;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_left == 0 || buffer.IsEmpty)
        {
            return 0;
        }

        _term ??= NextTerm();
        var result = await Read();
        var count = (int)Math.Min(Math.Min(result.Buffer.Length, _left), buffer.Length);
        result.Buffer.Slice(0, count).CopyTo(buffer.Span);
        _reader.AdvanceTo(result.Buffer.GetPosition(count));
        _left -= count;
        _portion += count;
        if (_portion >= (long)_limits.LeastBytesPerSecond * _limits.UploadSeconds)
        {
            (_portion, _term) = (0, NextTerm());
        }

        return count;
    }

    protected override void Dispose(bool disposing)
    {
        _aborted.Dispose();
        _giveUp.Dispose();
        base.Dispose(disposing);
    }

    private async Task<uint?> ReadLength()
    {
        var result = await ReadAtLeast(sizeof(uint));
        if (result.Buffer.Length < sizeof(uint))
        {
            _reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            return null;
        }

        var bytes = result.Buffer.Slice(0, sizeof(uint)).ToArray();
        _reader.AdvanceTo(result.Buffer.GetPosition(sizeof(uint)));
        return BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    }

    private async Task<ReadResult> ReadAtLeast(int count)
    {
        while (true)
        {
            var result = await Read();
            if (result.Buffer.Length >= count || result.IsCompleted)
            {
                return result;
            }

            _reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }

    private async ValueTask<ReadResult> Read()
    {
        var ready = _reader.ReadAsync(_giveUp.Token);
        if (ready.IsCompletedSuccessfully)
        {
            return ready.Result;
        }

        var idle = TimeSpan.FromSeconds(_limits.IdleSeconds);
        var left = _term is null ? idle : _term.End - Elapsed;
        _giveUp.CancelAfter(left < TimeSpan.Zero ? TimeSpan.Zero : left < idle ? left : idle);
        try
        {
            var result = await ready;
            _giveUp.CancelAfter(Timeout.InfiniteTimeSpan);
            return result;
        }
        catch (OperationCanceledException e)
        {
            throw new LateBodyException(
                left < idle ? _term!.Late : $"no byte came for {_limits.IdleSeconds} s (Raktar:Limits:{nameof(PublishLimits.IdleSeconds)})", e);
        }
    }

    /// <summary>
    /// Until when so many bytes must have come as the least rate brings in <see cref="PublishLimits.UploadSeconds"/>. Then the next term begins: who is slower
    /// for a while than the rate, or done before, is none the worse for it.
    /// </summary>
    private Term NextTerm() => new(
        Elapsed + TimeSpan.FromSeconds(_limits.UploadSeconds),
        $"the crate file came too slowly: fewer than {_limits.LeastBytesPerSecond} bytes a second for {_limits.UploadSeconds} s "
        + $"(Raktar:Limits:{nameof(PublishLimits.LeastBytesPerSecond)}, Raktar:Limits:{nameof(PublishLimits.UploadSeconds)})");

    /// <summary>Until when, counted from the beginning, and what is said to whoever is late.</summary>
    private sealed record Term(TimeSpan End, string Late);
}
