namespace Raktar.Application.Publishing;

/// <summary>
/// What all publishes share, each with a part that one account can never have more than. Waits until there is room, in the order of coming, first among the
/// account's own; dispose what it answers when done.
/// </summary>
public interface IPublishSlots
{
    /// <summary>Room for a crate file of <paramref name="bytes"/> bytes while it comes.</summary>
    ValueTask<IDisposable> Stage(string account, long bytes, CancellationToken cancellationToken);

    /// <summary>A processor to inspect a crate file and its manifest. One manifest can need a hundred megabytes for a moment.</summary>
    ValueTask<IDisposable> Inspect(string account, CancellationToken cancellationToken);

    /// <summary>A place among those who append. Like a processor never to be held while waiting for a client.</summary>
    ValueTask<IDisposable> Work(string account, CancellationToken cancellationToken);
}
