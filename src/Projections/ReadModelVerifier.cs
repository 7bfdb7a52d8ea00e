using System.Collections.Concurrent;
using System.Text.Json;
using Raktar.Application.Audit;
using Raktar.Application.Log;
using Raktar.Application.Ports;
using Raktar.Application.Proofs;
using Raktar.Application.State;

namespace Raktar.Projections;

/// <summary>
/// Compares every document and every row of the audit with what the log says, byte for byte, by the folds that make them; nothing is written. A document
/// that somebody edited makes an administrator, or opens a restricted crate, as long as nobody compares. <paramref name="mayLack"/> says whether read models
/// may still be without a commit, as for a moment they are.
/// </summary>
public sealed class ReadModelVerifier(
    IEventStore events, IDocumentStore documents, IAuditStore audit, Func<RecordedCommit, CancellationToken, Task<bool>> mayLack) : IDisposable
{
    private readonly Projectors _projectors = new(events, documents, audit);

    /// <summary>Takes away what was written of streams that there are not, as a rebuild must; answers how much that was.</summary>
    public async Task<int> RemoveStrange(CancellationToken cancellationToken)
    {
        var (_, strange) = await List(cancellationToken);
        foreach (var (kind, stream) in strange)
        {
            var name = StreamName.Parse(stream);
            if (kind != AuditProjector.Name)
            {
                await documents.Remove(new(kind, name.Key), cancellationToken);
                continue;
            }

            var places = await audit.Filed(name, cancellationToken).Select(filed => filed.Place).ToListAsync(cancellationToken);
            await audit.Delete(name, places, cancellationToken);
        }

        return strange.Count;
    }

    /// <summary>
    /// What is wrong, and of how many documents and streams of audit rows. Of <paramref name="except"/>, streams whose log itself is not as it was written,
    /// nothing can be said. <paramref name="progress"/> hears (streams done, streams in all).
    /// </summary>
    public async Task<(int Looked, IReadOnlyCollection<Finding> Problems)> Verify(
        int parallel, IReadOnlySet<string> except, Action<int, int> progress, CancellationToken cancellationToken)
    {
        var found = new ConcurrentBag<Finding>();
        var (streams, strange) = await List(cancellationToken);
        var (done, looked) = (0, 0);
        var options = new ParallelOptions { MaxDegreeOfParallelism = parallel, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(streams.Where(stream => !except.Contains(stream.ToString())), options, async (stream, stop) =>
        {
            foreach (var projector in _projectors.Of(stream))
            {
                Interlocked.Increment(ref looked);
                if (await Problem(projector, stream, stop) is { } problem)
                {
                    found.Add(new($"{projector.Kind} of {stream}", problem));
                }
            }

            progress(Interlocked.Increment(ref done), streams.Count);
        });

        foreach (var (kind, stream) in strange.Where(each => !except.Contains(each.Stream)))
        {
            found.Add(new($"{kind} of {stream}", "the log has no such stream"));
        }

        return (looked, found);
    }

    /// <summary>The streams, and what was written of streams that there are not.</summary>
    private async Task<(IReadOnlyCollection<StreamName> Streams, List<(string Kind, string Stream)> Strange)> List(CancellationToken cancellationToken)
    {
        // What is written before the streams: then every document has its own.
        var keys = await documents.Keys(cancellationToken).ToListAsync(cancellationToken);
        var rows = await audit.Streams(cancellationToken).ToListAsync(cancellationToken);
        var streams = await events.Streams(cancellationToken).ToListAsync(cancellationToken);
        var known = streams.Select(stream => stream.ToString()).ToHashSet(StringComparer.Ordinal);
        return (streams, [
            .. keys.Where(key => Projectors.Kinds.ContainsKey(key.Kind))
                .Select(key => (key.Kind, Stream: $"{Projectors.Kinds[key.Kind]}/{key.Key}"))
                .Concat(rows.Select(stream => (Kind: AuditProjector.Name, Stream: stream)))
                .Where(each => !known.Contains(each.Stream)),
        ]);
    }

    private async Task<string?> Problem(IProjector projector, StreamName stream, CancellationToken cancellationToken)
    {
        var compared = await Compare(projector, stream, cancellationToken);
        if (compared is { Problem: null, Missing: { } missing } && !await mayLack(missing, cancellationToken))
        {
            // By now it may hold it.
            compared = await Compare(projector, stream, cancellationToken);
            if (compared is { Problem: null, Missing: { } still } && still.Hash == missing.Hash)
            {
                return $"it lacks what the log has from version {still.Commit.FirstVersion} on";
            }
        }

        return compared.Problem;
    }

    /// <inheritdoc/>
    public void Dispose() => _projectors.Dispose();

    private static async Task<Comparison> Compare(IProjector projector, StreamName stream, CancellationToken cancellationToken)
    {
        try
        {
            return await projector.Compare(stream, cancellationToken);
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidDataException or InvalidCastException or KeyNotFoundException
            or StoreUnavailableException { InnerException: InvalidDataException })
        {
            return new($"it cannot be read: {e.Message}", null);
        }
    }
}
