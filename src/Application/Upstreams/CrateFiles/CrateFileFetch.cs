using System.Security.Cryptography;
using Raktar.Application.Ports;
using Raktar.Domain;

namespace Raktar.Application.Upstreams.CrateFiles;

/// <summary>
/// A crate file on its way from an upstream. Whoever asks for it meanwhile reads along, but its end is given to nobody before all of it has the checksum that the
/// index promises. It goes on when a reader leaves.
/// </summary>
public sealed class CrateFileFetch
{
    /// <summary>What is held back until all is verified. Most crate files are smaller, and are answered whole or not at all.</summary>
    private const int HeldBack = 64 * 1024;

    private const int PieceBytes = 64 * 1024;

    // Cargo gives up after 30 seconds without a byte; what it may have waited for before this are ten. The fetch goes on, and is joined when cargo asks again.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan PatiencePerPiece = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan PatienceForAll = TimeSpan.FromMinutes(10);

    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _kept = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _moved = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IStagedBlob? _staged;
    private int _users = 1;
    private long _written;
    private bool _isVerified;
    private Exception? _failure;

    /// <summary>What the file must hash to.</summary>
    public required Checksum Checksum { get; init; }

    /// <summary>How long it is: announced by the upstream, or known at its end.</summary>
    public long Length { get; private set; } = -1;

    /// <summary>Waits until an answer can begin: the length is known, and there is something to give. Fails as the fetch does.</summary>
    public Task Ready(CancellationToken cancellationToken) => Waited(_ready.Task, cancellationToken);

    /// <summary>Waits until the file is in the cache. Fails as the fetch does.</summary>
    public Task Kept(CancellationToken cancellationToken) => Waited(_kept.Task, cancellationToken);

    /// <summary>Ends when it is over, however it went.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Whether the caller may read along; then <see cref="CopyTo"/> must be called. False: it is over, look again.</summary>
    public bool Join()
    {
        lock (_lock)
        {
            if (_users == 0)
            {
                return false;
            }

            _users++;
            return true;
        }
    }

    /// <summary>Ends a use without reading.</summary>
    public async ValueTask Leave()
    {
        IStagedBlob? last = null;
        lock (_lock)
        {
            if (--_users == 0)
            {
                last = _staged;
            }
        }

        if (last is not null)
        {
            await last.DisposeAsync();
        }
    }

    /// <summary>Gives all of the file to <paramref name="write"/> as it arrives; fails before its end when it is not what it should be.</summary>
    public async Task CopyTo(Func<ReadOnlyMemory<byte>, ValueTask> write, CancellationToken cancellationToken)
    {
        var buffer = new byte[PieceBytes];
        for (var at = 0L; at < Length;)
        {
            var there = await MoreThan(at, cancellationToken);
            while (at < there)
            {
                var count = await _staged!.ReadAt(at, buffer.AsMemory(0, (int)Math.Min(buffer.Length, there - at)), cancellationToken);
                await write(buffer.AsMemory(0, count));
                at += count;
            }
        }
    }

    /// <summary>Says that it is over.</summary>
    internal void End() => _ended.TrySetResult();

    /// <summary>
    /// Fetches it, once. <paramref name="wrong"/> hears the checksum of bytes that are not the file, and says where they are kept as evidence (null: nowhere)
    /// and how the fetch fails.
    /// </summary>
    internal async Task Run(
        IBlobStore blobs, BlobKey key, Func<Task<UpstreamFile>> open, Func<Checksum, (BlobKey? Evidence, Exception Failure)> wrong, long mostBytes)
    {
        try
        {
            await using (var file = await open())
            {
                _staged = await blobs.Stage(CancellationToken.None);
                await Verify(await Receive(file, mostBytes), wrong);
            }

            await _staged.Keep(key, CancellationToken.None);
            _kept.TrySetResult();
        }
        catch (Exception e)
        {
            // Verified bytes are given to the end, also if they could not be kept.
            Move(() => _failure = _isVerified ? null : e);
            _ready.TrySetException(e);
            _kept.TrySetException(e);
            // Perhaps nobody waits for either.
            _ = _ready.Task.Exception;
            _ = _kept.Task.Exception;
            throw;
        }
        finally
        {
            await Leave();
        }
    }

    private static async Task Waited(Task task, CancellationToken cancellationToken)
    {
        try
        {
            await task.WaitAsync(Patience, cancellationToken);
        }
        catch (TimeoutException e)
        {
            throw new UpstreamFailedException("the crate file is still on its way from upstream", e);
        }
    }

    private async Task Verify(Checksum actual, Func<Checksum, (BlobKey? Evidence, Exception Failure)> wrong)
    {
        if (actual == Checksum)
        {
            Move(() => (_isVerified, Length) = (true, _written));
            _ready.TrySetResult();
            return;
        }

        var (evidence, failure) = wrong(actual);
        if (evidence is { } place)
        {
            await _staged!.Keep(place, CancellationToken.None);
        }

        throw failure;
    }

    private async Task<Checksum> Receive(UpstreamFile file, long mostBytes)
    {
        if (file.Length is { } announced)
        {
            Refuse(announced, mostBytes);
            Length = announced;
            if (announced > HeldBack)
            {
                _ready.TrySetResult();
            }
        }

        using var deadline = new CancellationTokenSource(PatienceForAll);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[PieceBytes];
        while (true)
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token);
            patience.CancelAfter(PatiencePerPiece);
            var count = await Read(file.Content, buffer, patience.Token);
            if (count == 0)
            {
                return Checksum.FromHash(hash.GetHashAndReset());
            }

            Refuse(_written + count, file.Length ?? mostBytes);
            hash.AppendData(buffer, 0, count);
            await _staged!.Write(buffer.AsMemory(0, count), CancellationToken.None);
            Move(() => _written += count);
        }
    }

    private static async Task<int> Read(Stream content, byte[] buffer, CancellationToken patience)
    {
        try
        {
            return await content.ReadAsync(buffer, patience);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            throw new UpstreamFailedException("the crate file was cut off on its way from upstream", e) { IsDown = true };
        }
        catch (OperationCanceledException e) when (patience.IsCancellationRequested)
        {
            throw new UpstreamFailedException("the crate file came too slowly from upstream", e) { IsDown = true };
        }
    }

    private static void Refuse(long bytes, long most)
    {
        if (bytes > most)
        {
            throw new UpstreamFailedException($"the crate file is too large (max {most} bytes)") { IsWrong = true };
        }
    }

    private void Move(Action change)
    {
        TaskCompletionSource moved;
        lock (_lock)
        {
            change();
            (moved, _moved) = (_moved, new(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        moved.SetResult();
    }

    /// <summary>How many bytes may be given, once they are more than that.</summary>
    private async Task<long> MoreThan(long at, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task moved;
            lock (_lock)
            {
                if (_failure is { } failure)
                {
                    throw failure;
                }

                var there = _isVerified ? _written : Math.Min(_written, Length - HeldBack);
                if (there > at)
                {
                    return there;
                }

                moved = _moved.Task;
            }

            await moved.WaitAsync(cancellationToken);
        }
    }
}
