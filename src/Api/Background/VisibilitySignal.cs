using Raktar.Application.Crates.Views;
using Raktar.Application.Log;
using Raktar.Application.Ports;
using Raktar.Application.State;

namespace Raktar.Api.Background;

/// <summary>
/// Where other processes run the projections: looks at the documents that clients ask for next until they hold the commit. First at the one from which every
/// instance knows what it must keep from whom; accounts are asked of the log everywhere.
/// </summary>
internal sealed class VisibilitySignal(IDocumentStore documents, Unprojected unprojected, TimeProvider time, ILogger<VisibilitySignal> log) : IProjectionSignal
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    // A function that has to start first, and is tried again, needs that.
    private static readonly TimeSpan LongPatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(200);

    public async Task<bool> Appended(StreamHead head, bool takesAway)
    {
        var unseen = new Queue<string>(head.Stream.Kind switch
        {
            StreamName.CrateKind => [CrateStreams.Kind, IndexFile.Kind, CrateDetails.Kind],
            StreamName.AccountKind => [AccountStreams.Kind],
            // The log itself is asked for these.
            _ => [],
        });
        if (unseen.Count == 0)
        {
            return true;
        }

        var start = time.GetTimestamp();
        try
        {
            for (var pause = TimeSpan.FromMilliseconds(25); IsPatient(); pause = Shorter(pause * 2, LongestPause))
            {
                while ((await documents.Get(new(unseen.Peek(), head.Stream.Key), CancellationToken.None))?.Version >= head.Version)
                {
                    unseen.Dequeue();
                    if (unseen.Count == 0)
                    {
                        return true;
                    }
                }

                await Task.Delay(pause, time);
            }

            log.LogWarning("{Stream} is not visible after {Waited}; it is durable and will be", head.Stream, time.GetElapsedTime(start));
        }
        catch (StoreUnavailableException e)
        {
            log.LogWarning(e, "{Stream} was appended; whether it is visible cannot be seen", head.Stream);
        }

        if (!unseen.Contains(CrateStreams.Kind))
        {
            return true;
        }

        // This instance asks the log from now on; of the others nobody knows.
        unprojected.Add(head.Stream, head.Version);
        return false;

        bool IsPatient() => time.GetElapsedTime(start) < (takesAway && unseen.Contains(CrateStreams.Kind) ? LongPatience : Patience);
    }

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
