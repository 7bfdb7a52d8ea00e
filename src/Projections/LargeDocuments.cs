namespace Raktar.Projections;

/// <summary>
/// Documents are folded whole. A large one takes many times its size while it is made, so large ones are made one after the other, and beyond a limit none is
/// made at all: the limit of a publish is half of it, so only a log that was written without that limit has such a crate.
/// </summary>
public sealed class LargeDocuments : IDisposable
{
    /// <summary>The most bytes of commits that a document may hold.</summary>
    public const long MaxBytes = 64 * 1024 * 1024;

    private const long LargeBytes = 512 * 1024;

    private readonly SemaphoreSlim _one = new(1);

    /// <summary>Waits until a document of this size may be made; what is answered is disposed of when it was.</summary>
    public async ValueTask<IDisposable?> Enter(long bytes, CancellationToken cancellationToken)
    {
        if (bytes < LargeBytes)
        {
            return null;
        }

        await _one.WaitAsync(cancellationToken);
        return new Alone(_one);
    }

    /// <inheritdoc/>
    public void Dispose() => _one.Dispose();

    private sealed class Alone(SemaphoreSlim one) : IDisposable
    {
        public void Dispose() => one.Release();
    }
}
