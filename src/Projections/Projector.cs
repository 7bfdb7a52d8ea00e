using Raktar.Application.Crates.Views;
using Raktar.Application.Log;
using Raktar.Application.Ports;
using Raktar.Application.State;
using Raktar.Domain.Crates;

namespace Raktar.Projections;

/// <summary>
/// A projection: folds the commits of one stream into one document. Folding is pure, and a view that was written and read again folds on to the
/// same bytes: that is what makes a rebuild byte-identical.
/// </summary>
public interface IProjection<TView>
    where TView : class
{
    /// <summary>The kind of its documents.</summary>
    string Kind { get; }

    /// <summary>
    /// Whether its documents hold what a crate's versions say of themselves. They may become large, so there is a limit; and a deleted version keeps nothing there,
    /// so one that comes back is read from the log again.
    /// </summary>
    bool KeepsPackages => false;

    /// <summary>
    /// The view after one more commit; null is the view of an empty stream. A fold that would need an earlier commit again: <see cref="CannotFoldOnException"/>.
    /// </summary>
    TView? Fold(TView? view, RecordedCommit recorded);

    /// <summary>The view in a stored document.</summary>
    TView Parse(Document document);

    /// <summary>The bytes to store.</summary>
    byte[] ToBytes(TView view);

    /// <summary>What is stored beside them, and mostly stays as it is when something happens; see <see cref="Document.Parts"/>.</summary>
    IReadOnlyList<DocumentPart> ToParts(TView view) => [];

    /// <summary>How many bytes of what versions say of themselves the view holds, about.</summary>
    long SizeOf(TView view) => 0;

    /// <summary>Other names under which the document is looked for.</summary>
    IReadOnlyCollection<string> Aliases(TView view) => [];

    /// <summary>Whether followers of the kind hear of the document; once true it stays true.</summary>
    bool IsFollowed(TView view) => false;
}

/// <summary>One projection, ready to be told that a stream moved.</summary>
public interface IProjector
{
    /// <summary>The kind of the documents it writes, which is its name.</summary>
    string Kind { get; }

    /// <summary>
    /// Brings the stream's document up to date. Safe to call at any time, any number of times, by any number of processes: the document says which
    /// facts it holds, and is only replaced while that has not changed.
    /// </summary>
    Task CatchUp(StreamName stream, CancellationToken cancellationToken);

    /// <summary>
    /// Makes the stream's document anew from its first commit, whatever is stored, and puts it in place when it is not the same. Answers whether it was
    /// not. Also safe while the registry runs.
    /// </summary>
    Task<bool> Rebuild(StreamName stream, CancellationToken cancellationToken);

    /// <summary>Looks whether what it wrote of a stream that it follows is what the log says. Changes nothing; also while the registry runs.</summary>
    Task<Comparison> Compare(StreamName stream, CancellationToken cancellationToken);
}

/// <summary>
/// What comparing with the log found: what is wrong (null: nothing), and the first commit that is not held yet (null: all are), which is nothing wrong for a
/// moment after it was appended.
/// </summary>
public readonly record struct Comparison(string? Problem, RecordedCommit? Missing);

/// <summary>The only loop: read the document, fold what the stream has more, write it back on condition that nobody else did. The same live and on rebuild.</summary>
public sealed class Projector<TView>(IProjection<TView> projection, IStreamReader events, IDocumentStore documents, LargeDocuments? large = null) : IProjector
    where TView : class
{
    /// <inheritdoc/>
    public string Kind => projection.Kind;

    /// <inheritdoc/>
    public Task CatchUp(StreamName stream, CancellationToken cancellationToken) => Project(stream, afresh: false, cancellationToken);

    /// <inheritdoc/>
    public Task<bool> Rebuild(StreamName stream, CancellationToken cancellationToken) => Project(stream, afresh: true, cancellationToken);

    /// <inheritdoc/>
    public async Task<Comparison> Compare(StreamName stream, CancellationToken cancellationToken)
    {
        var stored = await documents.Get(new(projection.Kind, stream.Key), cancellationToken);
        try
        {
            return await Compare(
                stored,
                after => projection.KeepsPackages ? events.Read(stream, after, cancellationToken) : events.ReadOutline(stream, after, cancellationToken));
        }
        catch (CannotFoldOnException)
        {
            // Knowing what is deleted in the end, as far as the document goes.
            var deletions = (await Deletions.In(events, stream, cancellationToken)).Of(recorded => recorded.Commit.LastVersion <= (stored?.Version ?? 0));
            return await Compare(stored, after => deletions.Read(events, stream, after, cancellationToken));
        }
    }

    private async Task<Comparison> Compare(Document? stored, Func<long, IAsyncEnumerable<RecordedCommit>> read)
    {
        var (held, version) = (stored?.Version ?? 0, 0L);
        var view = (TView?)null;
        RecordedCommit? missing = null;
        do
        {
            // Once more when the document is ahead of what was read, as while the registry runs.
            var before = version;
            await foreach (var recorded in read(version))
            {
                if (recorded.Commit.LastVersion > held)
                {
                    missing = recorded;
                    break;
                }

                view = projection.Fold(view, recorded);
                version = recorded.Commit.LastVersion;
            }

            if (version == before)
            {
                break;
            }
        }
        while (version < held && missing is null);

        return stored is null ? new(null, missing)
            : version != held || view is null ? new($"it is at version {held}, at which the log ends no commit", missing)
            : !IsSame(stored, projection.ToBytes(view), projection.ToParts(view)) ? new("it is not what the log says", missing)
            : stored.IsFollowed != projection.IsFollowed(view) ? new("whoever follows such documents does not hear of it as they should", missing)
            : new(null, missing);
    }

    private async Task<bool> Project(StreamName stream, bool afresh, CancellationToken cancellationToken)
    {
        var key = new DocumentKey(projection.Kind, stream.Key);
        while (true)
        {
            // What is made from the first commit on may be large. It waits for its turn without a document in its hands.
            var whole = projection.KeepsPackages && (afresh || await documents.Get(key, cancellationToken) is null) ? await events.Bytes(stream, 0, cancellationToken) : 0;
            using var alone = large is null ? null : await large.Enter(whole, cancellationToken);
            var stored = await documents.Get(key, cancellationToken);
            var start = afresh ? null : stored;
            var (view, version) = await Fold(stream, start, whole, cancellationToken);
            if (view is null || version == start?.Version)
            {
                return false;
            }

            var (body, parts) = (projection.ToBytes(view), projection.ToParts(view));
            if (version == stored?.Version && IsSame(stored, body, parts) && stored.IsFollowed == projection.IsFollowed(view))
            {
                return false;
            }

            try
            {
                var document = new Document(version, body)
                {
                    Parts = parts,
                    Aliases = projection.Aliases(view),
                    IsFollowed = projection.IsFollowed(view),
                    MadeOf = view,
                };
                await documents.Put(key, document, stored?.Version ?? 0, cancellationToken);
                return true;
            }
            catch (DocumentMovedException)
            {
                // Another projector was faster: fold on from what it wrote.
            }
        }
    }

    private static bool IsSame(Document stored, byte[] body, IReadOnlyList<DocumentPart> parts) =>
        stored.Body.Span.SequenceEqual(body)
        && stored.Parts.Count == parts.Count
        && stored.Parts.Zip(parts).All(pair => pair.First.Bytes.Span.SequenceEqual(pair.Second.Bytes.Span));

    /// <summary><paramref name="whole"/>: how many bytes the stream has, where there is no <paramref name="start"/>.</summary>
    private async Task<(TView? View, long Version)> Fold(StreamName stream, Document? start, long whole, CancellationToken cancellationToken)
    {
        if (!projection.KeepsPackages)
        {
            return await FoldOn(start, long.MaxValue, events.ReadOutline(stream, start?.Version ?? 0, cancellationToken), cancellationToken);
        }

        if (start is not null || whole <= LargeDocuments.MaxBytes)
        {
            try
            {
                return await FoldOn(start, LargeDocuments.MaxBytes, events.Read(stream, start?.Version ?? 0, cancellationToken), cancellationToken);
            }
            catch (CannotFoldOnException)
            {
                // From the first commit, knowing what is deleted in the end.
            }
        }

        var deletions = await (events is ReadStream shared ? shared.FindDeletions(stream, cancellationToken) : Deletions.In(events, stream, cancellationToken));
        return await deletions.BytesLeft(events, stream, cancellationToken) is var left && left <= LargeDocuments.MaxBytes
            ? await FoldOn(start: null, long.MaxValue, deletions.Read(events, stream, 0, cancellationToken), cancellationToken)
            : throw new DocumentTooLargeException(left);
    }

    /// <summary>Folds commits, and gives up before what they hold together is more than <paramref name="most"/> bytes.</summary>
    private async Task<(TView? View, long Version)> FoldOn(
        Document? start, long most, IAsyncEnumerable<RecordedCommit> commits, CancellationToken cancellationToken)
    {
        var view = start?.View(projection.Parse);
        var version = start?.Version ?? 0;
        var size = view is null || most == long.MaxValue ? 0 : projection.SizeOf(view);
        await foreach (var recorded in commits.WithCancellation(cancellationToken))
        {
            size += recorded.Commit.Events.Any(fact => fact is VersionPublished) ? recorded.Bytes : 0;
            if (size > most)
            {
                throw new CannotFoldOnException();
            }

            view = projection.Fold(view, recorded);
            version = recorded.Commit.LastVersion;
        }

        return (view, version);
    }
}
