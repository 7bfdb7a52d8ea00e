using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Raktar.Application;
using Raktar.Application.Ports;
using Raktar.Application.Publishing;
using Raktar.Domain;

namespace Raktar.Api.Cargo;

/// <summary>
/// The body of a publish: a length, cargo's JSON, a length, the crate file; lengths are unsigned 32-bit little endian
/// (https://doc.rust-lang.org/cargo/reference/registry-web-api.html#publish). Nothing is allocated by what a length claims, and a client that
/// stops sending is given up.
/// </summary>
internal sealed class PublishBody : Stream, ICrateUpload
{
    private readonly PipeReader _reader;
    private readonly PublishLimits _limits;
    private readonly CancellationTokenSource _deadline;
    private long _left;

    public PublishBody(HttpRequest request, PublishLimits limits, CancellationToken cancellationToken)
    {
        (_reader, _limits) = (request.BodyReader, limits);
        _deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _deadline.CancelAfter(TimeSpan.FromSeconds(limits.UploadSeconds));
    }

    public Stream Content => this;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override long Length => throw new NotSupportedException();

    /// <summary>Reads cargo's JSON.</summary>
    public async Task<Outcome<ReadOnlyMemory<byte>>> Metadata()
    {
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

        var result = await Read();
        var count = (int)Math.Min(Math.Min(result.Buffer.Length, _left), buffer.Length);
        result.Buffer.Slice(0, count).CopyTo(buffer.Span);
        _reader.AdvanceTo(result.Buffer.GetPosition(count));
        _left -= count;
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        _deadline.Dispose();
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
        var ready = _reader.ReadAsync(_deadline.Token);
        if (ready.IsCompletedSuccessfully)
        {
            return ready.Result;
        }

        using var idle = new CancellationTokenSource(TimeSpan.FromSeconds(_limits.IdleSeconds));
        await using var giveUp = idle.Token.Register(_deadline.Cancel);
        try
        {
            return await ready;
        }
        catch (OperationCanceledException e)
        {
            throw new BadHttpRequestException("the body did not arrive in time", StatusCodes.Status408RequestTimeout, e);
        }
    }
}
