using Microsoft.Extensions.Logging;
using Raktar.Application.Log;
using Raktar.Application.Ports;

namespace Raktar.Projections.Following;

/// <summary>
/// Runs all projections of a stream. What fails for another reason than its store, which may be back in a second, would fail again: it is set aside, said loudly
/// once, and takes nothing else down.
/// </summary>
internal sealed class StreamCatchUp(Projectors projectors, SetAsideStreams setAside, ILogger log)
{
    /// <summary>Answers of each kind of document whether it holds everything now.</summary>
    public Task<(string Kind, bool IsMade)[]> Run(StreamName stream, CancellationToken cancellationToken) => Task.WhenAll(
        projectors.Of(stream).Select(async projector => (projector.Kind, await Run(projector, stream, cancellationToken))));

    private async Task<bool> Run(IProjector projector, StreamName stream, CancellationToken cancellationToken)
    {
        if (setAside.IsWaiting(projector.Kind, stream))
        {
            return false;
        }

        try
        {
            await projector.CatchUp(stream, cancellationToken);
            if (await setAside.Remove(projector.Kind, stream, cancellationToken))
            {
                log.LogWarning("The document {Kind} of {Stream} can be made again", projector.Kind, stream);
            }

            return true;
        }
        catch (Exception e) when (e is not (OperationCanceledException or StoreUnavailableException))
        {
            if (await setAside.Put(projector.Kind, stream, e.Message, cancellationToken))
            {
                log.LogCritical(e, "{Stream} is set aside: its document {Kind} cannot be made. All else goes on; see docs/operating.md", stream, projector.Kind);
            }

            return false;
        }
    }
}
