namespace Raktar.Application.Ports;

/// <summary>
/// What is kept beside the log: neither the truth about crates and accounts nor rebuildable from it, such as sessions and refused attempts. Each item has
/// an end or none, and is answered never after it. Kinds and keys are 1 to 500 characters of ASCII, so that every store orders them alike; a value has at
/// most <see cref="MaxValueBytes"/>. Whoever puts items bounds how many there are. A store that fails: <see cref="StoreUnavailableException"/>.
/// </summary>
public interface IAsideStore
{
    /// <summary>The largest value, in bytes; a larger one is an <see cref="ArgumentException"/>.</summary>
    const int MaxValueBytes = 64 * 1024;

    /// <summary>The value, or null: never put, removed, or past its end.</summary>
    Task<byte[]?> Get(string kind, string key, CancellationToken cancellationToken);

    /// <summary>Keeps a value, durably, in the place of any other; until a time, rounded up to a second, or for ever.</summary>
    Task Put(string kind, string key, ReadOnlyMemory<byte> value, DateTimeOffset? until, CancellationToken cancellationToken);

    /// <summary>The same, but only when there is none: answers whether it was put. Of any number of callers at once, one is answered true.</summary>
    Task<bool> PutIfAbsent(string kind, string key, ReadOnlyMemory<byte> value, DateTimeOffset? until, CancellationToken cancellationToken);

    /// <summary>Forgets a value; it may be gone already.</summary>
    Task Remove(string kind, string key, CancellationToken cancellationToken);

    /// <summary>
    /// The items of a kind in descending ordinal order of their keys, those before <paramref name="before"/> or all of them, read as far as they are asked
    /// for: the newest first where keys begin with a time.
    /// </summary>
    IAsyncEnumerable<AsideItem> Newest(string kind, string? before, CancellationToken cancellationToken);
}

/// <summary>An item with its key.</summary>
public sealed record AsideItem(string Key, byte[] Value);
