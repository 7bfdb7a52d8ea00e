using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;

namespace Raktar.Api.Hosting;

/// <summary>
/// The memory of connections, in blocks of 16 KB. The server's own are of 4 KB, and over TLS each block becomes a record and a write of its own: a crate file
/// of 2.3 MB took twice the time. 16 KB are what one record and one frame of HTTP/2 hold at most. Some blocks are kept for the next connections; more than
/// that, from a rush, go to the collector.
/// </summary>
internal sealed class ConnectionMemory : MemoryPool<byte>, IMemoryPoolFactory<byte>
{
    private const int BlockBytes = 16 * 1024;
    private const int KeptBlocks = 1024;

    private readonly ConcurrentQueue<byte[]> _kept = new();
    private int _count;

    public override int MaxBufferSize => BlockBytes;

    // One for all that the server would have one each for, so that what is kept does not grow with the number of processors.
    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => this;

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, BlockBytes);
        if (!_kept.TryDequeue(out var bytes))
        {
            return new Block(this, GC.AllocateUninitializedArray<byte>(BlockBytes, pinned: true));
        }

        Interlocked.Decrement(ref _count);
        return new Block(this, bytes);
    }

    // A listener that ends gives it up while others may still use it.
    protected override void Dispose(bool disposing)
    {
    }

    private void Return(byte[] bytes)
    {
        if (Interlocked.Increment(ref _count) <= KeptBlocks)
        {
            _kept.Enqueue(bytes);
        }
        else
        {
            Interlocked.Decrement(ref _count);
        }
    }

    private sealed class Block(ConnectionMemory pool, byte[] bytes) : IMemoryOwner<byte>
    {
        private byte[]? _bytes = bytes;

        public Memory<byte> Memory { get; } = MemoryMarshal.CreateFromPinnedArray(bytes, 0, bytes.Length);

        // A block that is given back twice would be in two hands afterwards.
        public void Dispose()
        {
            if (Interlocked.Exchange(ref _bytes, null) is { } returned)
            {
                pool.Return(returned);
            }
        }
    }
}
