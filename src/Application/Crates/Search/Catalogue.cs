using System.Security.Cryptography;
using Raktar.Application.Crates.Views;
using Raktar.Application.Ports;

namespace Raktar.Application.Crates.Search;

/// <summary>
/// All crates in memory, current at each question. What is kept can be put into the store as it is, so that the next start need not read every document again.
/// </summary>
public sealed class Catalogue(IDocumentStore documents) : IDisposable
{
    /// <summary>Where the rows are as they once were: not made from the log but from other documents, and made anew when it is not there.</summary>
    public static readonly DocumentKey Kept = new("catalogue-rows", "all");

    private const int AtATime = 500;

    // Read at the start in a few hundredths of a second.
    private const int Many = 1000;

    private readonly SemaphoreSlim _updating = new(1);
    private readonly ReaderWriterLockSlim _using = new();
    private CatalogueRows? _rows;
    private long _seen;
    private long _kept;
    private int _changed;

    /// <summary>Asks the rows as of now.</summary>
    internal async ValueTask<T> Ask<T>(Func<CatalogueRows, T> question, CancellationToken cancellationToken)
    {
        await Update(cancellationToken);
        _using.EnterReadLock();
        try
        {
            return question(_rows!);
        }
        finally
        {
            _using.ExitReadLock();
        }
    }

    /// <summary>Brings the rows up to date, and puts them into the store when that would spare the next start many documents.</summary>
    public async Task Keep(CancellationToken cancellationToken)
    {
        await Update(cancellationToken);
        if (documents.LastChange(CatalogueRow.Kind) is null)
        {
            // Others write too; each start would write for the others.
            return;
        }

        await _updating.WaitAsync(cancellationToken);
        IReadOnlyList<ReadOnlyMemory<byte>> chunks;
        long seen;
        try
        {
            if (_changed < Many)
            {
                return;
            }

            (chunks, seen, _changed) = (_rows!.Chunks, _seen, 0);
        }
        finally
        {
            _updating.Release();
        }

        await documents.Put(Kept, new(seen, MarkOf(chunks)) { Parts = [.. chunks.Select(chunk => new DocumentPart(chunk))] }, _kept, cancellationToken);
        _kept = seen;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _updating.Dispose();
        _using.Dispose();
    }

    private async ValueTask Update(CancellationToken cancellationToken)
    {
        await _updating.WaitAsync(cancellationToken);
        try
        {
            _rows ??= await Begin(cancellationToken);
            var (seen, batch) = (_seen, new List<ChangedDocument>());
            await foreach (var changed in documents.Changes(CatalogueRow.Kind, _seen, cancellationToken))
            {
                seen = Math.Max(seen, changed.Change);
                batch.Add(changed);
                if (batch.Count == AtATime)
                {
                    Put(batch);
                }
            }

            Put(batch);
            _seen = seen;
        }
        finally
        {
            _updating.Release();
        }
    }

    private async ValueTask<CatalogueRows> Begin(CancellationToken cancellationToken)
    {
        if (documents.LastChange(CatalogueRow.Kind) is { } last && await documents.Get(Kept, cancellationToken) is { } kept)
        {
            _kept = kept.Version;
            ReadOnlyMemory<byte>[] chunks = [.. kept.Parts.Select(part => part.Bytes)];
            if (kept.Version <= last && kept.Body.Span.SequenceEqual(MarkOf(chunks)))
            {
                _seen = kept.Version;
                return new CatalogueRows(chunks);
            }
        }

        return new();
    }

    /// <summary>By which kept rows are known for those that were written, in the form of today.</summary>
    private static byte[] MarkOf(IEnumerable<ReadOnlyMemory<byte>> chunks)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var chunk in chunks)
        {
            hash.AppendData(chunk.Span);
        }

        return [PackedRow.Format, .. hash.GetCurrentHash()];
    }

    private void Put(List<ChangedDocument> batch)
    {
        if (batch.Count == 0)
        {
            return;
        }

        var rows = batch.ConvertAll(changed => CatalogueRow.Parse(changed.Document.Body));
        _using.EnterWriteLock();
        try
        {
            foreach (var (changed, row) in batch.Zip(rows))
            {
                // Told again, or an older one late. A rebuild replaces a document without a new version.
                if ((changed.Document.Version, changed.Change).CompareTo(_rows!.Known(row.Name.Canonical)) > 0)
                {
                    _rows.Put(row, changed.Document.Version, changed.Change);
                    _changed++;
                }
            }

            if (_rows!.IsLittered)
            {
                _rows = _rows.Packed();
            }
        }
        finally
        {
            _using.ExitWriteLock();
        }

        batch.Clear();
    }
}
