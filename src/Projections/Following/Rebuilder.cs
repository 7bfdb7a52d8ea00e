using Raktar.Application.Log;
using Raktar.Application.Ports;

namespace Raktar.Projections.Following;

/// <summary>
/// Makes all documents anew from the log. <paramref name="progress"/> hears (streams done, streams in all), <paramref name="impossible"/> what cannot be made.
/// </summary>
public sealed class Rebuilder(Projectors projectors, Action<int, int> progress, Action<string> impossible)
{
    /// <summary>
    /// Each document in its place, when it is not what it should be; the registry may be running. What cannot be made is left as it is. Answers how many documents were
    /// not what they should be.
    /// </summary>
    public async Task<int> InPlace(IReadOnlyCollection<StreamName> streams, CancellationToken cancellationToken)
    {
        var changed = 0;
        await Each(streams, async (stream, stop) =>
        {
            var failed = await All(stream, async projector =>
            {
                if (await projector.Rebuild(stream, stop))
                {
                    Interlocked.Increment(ref changed);
                }
            });
            failed.ForEach(each => impossible($"{stream}: its document {each.Kind} cannot be made: {each.Problem}"));
        }, cancellationToken);
        return changed;
    }

    /// <summary>Into a store that is empty yet. What cannot be made is set aside, as a running registry would. Answers how many streams there were.</summary>
    public async Task<int> Anew(IEventFeed feed, IDocumentStore documents, SetAsideStreams setAside, CancellationToken cancellationToken)
    {
        await setAside.Load(cancellationToken);
        var streams = new HashSet<StreamName>();
        var position = 0L;
        await foreach (var moved in feed.After(0, cancellationToken))
        {
            streams.Add(moved.Stream);
            position = moved.Position;
        }

        // In the order of the names, so that what is written next lies beside what was written last.
        var ordered = streams.OrderBy(stream => stream.ToString(), StringComparer.Ordinal).ToList();
        await Each(ordered, async (stream, stop) =>
        {
            var failed = await All(stream, async projector =>
            {
                await projector.CatchUp(stream, stop);
                await setAside.Remove(projector.Kind, stream, stop);
            });
            foreach (var (kind, problem) in failed)
            {
                await setAside.Put(kind, stream, problem, stop);
                impossible($"{stream} is set aside: its document {kind} cannot be made: {problem}");
            }
        }, cancellationToken);
        if (position > 0)
        {
            await documents.Put(LogFollower.Checkpoint, new Document(position, ReadOnlyMemory<byte>.Empty), 0, cancellationToken);
        }

        return streams.Count;
    }

    private async Task Each(IReadOnlyCollection<StreamName> streams, Func<StreamName, CancellationToken, Task> run, CancellationToken cancellationToken)
    {
        // More than there are cores: writes wait for each other's transaction, and share it, or for the network.
        var options = new ParallelOptions { MaxDegreeOfParallelism = 16 * Environment.ProcessorCount, CancellationToken = cancellationToken };
        var done = 0;
        await Parallel.ForEachAsync(streams, options, async (stream, stop) =>
        {
            await run(stream, stop);
            progress(Interlocked.Increment(ref done), streams.Count);
        });
    }

    /// <summary>Runs all projections of a stream, and answers what could not be done.</summary>
    private async Task<List<(string Kind, string Problem)>> All(StreamName stream, Func<IProjector, Task> run)
    {
        var failed = new List<(string, string)>();
        await Task.WhenAll(projectors.Of(stream).Select(async projector =>
        {
            try
            {
                await run(projector);
            }
            catch (Exception e) when (Projectors.IsImpossible(e))
            {
                lock (failed)
                {
                    failed.Add((projector.Kind, e.Message));
                }
            }
        }));
        return failed;
    }
}
