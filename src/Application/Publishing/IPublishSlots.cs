namespace Raktar.Application.Publishing;

/// <summary>
/// What all publishes share, each with a part that one account can never have more than. Waits until there is room, in the order of coming, first among the
/// account's own; dispose what it answers when done.
/// </summary>
public interface IPublishSlots
{
    /// <summary>Room for a crate file of <paramref name="bytes"/> bytes while it comes.</summary>
    ValueTask<IDisposable> Stage(string account, long bytes, CancellationToken cancellationToken);

    /// <summary>Processor time to inspect and append: never to be held while waiting for a client.</summary>
    ValueTask<IDisposable> Work(string account, CancellationToken cancellationToken);
}
