using Raktar.Application.Accounts;
using Raktar.Application.Crates;
using Raktar.Application.Events;
using Raktar.Application.Ports;

namespace Raktar.Api.Hosting;

/// <summary>Where other processes run the projections: looks at the documents that clients ask for next until they hold the commit.</summary>
internal sealed class VisibilitySignal(IDocumentStore documents, TimeProvider time, ILogger<VisibilitySignal> log) : IProjectionSignal
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(200);

    public async Task Appended(StreamHead head)
    {
        var unseen = new Queue<string>(head.Stream.Kind switch
        {
            StreamName.CrateKind => [IndexFile.Kind, CrateDetails.Kind],
            StreamName.AccountKind => [AccountStreams.Kind],
            // The log itself is asked for these.
            _ => [],
        });
        if (unseen.Count == 0)
        {
            return;
        }

        var start = time.GetTimestamp();
        try
        {
            for (var pause = TimeSpan.FromMilliseconds(25); time.GetElapsedTime(start) < Patience; pause = Shorter(pause * 2, LongestPause))
            {
                while ((await documents.Get(new(unseen.Peek(), head.Stream.Key), CancellationToken.None))?.Version >= head.Version)
                {
                    unseen.Dequeue();
                    if (unseen.Count == 0)
                    {
                        return;
                    }
                }

                await Task.Delay(pause, time);
            }

            log.LogWarning("{Stream} is not visible after {Patience}; it is durable and will be", head.Stream, Patience);
        }
        catch (StoreUnavailableException e)
        {
            log.LogWarning(e, "{Stream} was appended; whether it is visible cannot be seen", head.Stream);
        }
    }

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
