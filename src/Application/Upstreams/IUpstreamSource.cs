namespace Raktar.Application.Upstreams;

/// <summary>
/// Asks upstreams, over HTTP. What goes wrong is an <see cref="UpstreamFailedException"/>; an end of patience, which callers have, a cancellation.
/// </summary>
public interface IUpstreamSource
{
    /// <summary>Reads a document of at most <paramref name="most"/> bytes; where <paramref name="known"/> is given, only if it is another than that.</summary>
    Task<UpstreamAnswer> Read(Upstream upstream, Uri address, Validators? known, long most, CancellationToken cancellationToken);

    /// <summary>Opens a crate file.</summary>
    Task<UpstreamFile> Open(Upstream upstream, Uri address, CancellationToken cancellationToken);
}

/// <summary>What an upstream says of a document.</summary>
public enum UpstreamSays
{
    /// <summary>Here it is.</summary>
    Here,

    /// <summary>It is the one that is known.</summary>
    Unchanged,

    /// <summary>There is none.</summary>
    Missing,
}

/// <summary>By what an upstream tells one state of a document from another; some tell nothing.</summary>
public sealed record Validators(string? ETag, string? LastModified);

/// <summary>An answer: the bytes, if they are another's than the known ones, and how long the upstream wants it to be good for (null: it does not say).</summary>
public sealed record UpstreamAnswer(UpstreamSays Says, ReadOnlyMemory<byte> Body, Validators Validators, TimeSpan? MaxAge);

/// <summary>A crate file on its way. <paramref name="Length"/> is null where the upstream does not announce it.</summary>
public sealed record UpstreamFile(Stream Content, long? Length, IDisposable Response) : IAsyncDisposable
{
    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Content.DisposeAsync();
        Response.Dispose();
    }
}

/// <summary>An upstream could not be asked, or what it said is of no use; the message is for whoever waits.</summary>
public sealed class UpstreamFailedException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Whether nothing else is to be had from it just now either: it is down, slow, or too busy.</summary>
    public bool IsDown { get; init; }

    /// <summary>Whether it sent what must not be used, or leads where it must not: waiting will hardly help.</summary>
    public bool IsWrong { get; init; }

    /// <summary>How long to wait before it is asked again; null: it did not say.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
