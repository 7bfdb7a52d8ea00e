using System.Collections.Concurrent;

namespace Raktar.Application.Ports;

/// <summary>
/// All documents of one kind, kept parsed in memory and brought up to date before each use: for reads that no single document serves
/// (which crates match these words).
/// </summary>
public sealed class Followed<TRow>(IDocumentStore documents, string kind, Func<ReadOnlyMemory<byte>, TRow> parse, Action<TRow?, TRow>? changed = null)
    : IDisposable
{
    private readonly ConcurrentDictionary<string, (long Version, long Change, TRow Row)> _rows = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _updating = new(1);
    private long _seen;
    private TRow[]? _all;

    /// <summary>The rows as they were when they were last brought up to date.</summary>
    public IEnumerable<TRow> Rows => _rows.Select(entry => entry.Value.Row);

    /// <summary>Whether nothing was written since. False where only asking the store can tell.</summary>
    public bool IsCurrent() => documents.LastChange(kind) is { } last && last <= Volatile.Read(ref _seen);

    /// <summary>The row of one document as it was when the rows were last brought up to date.</summary>
    public TRow? Find(string key) => _rows.TryGetValue(key, out var known) ? known.Row : default;

    /// <summary>The version of a document whose row is kept; 0: it is not.</summary>
    public long VersionOf(string key) => _rows.TryGetValue(key, out var known) ? known.Version : 0;

    /// <summary>The rows, as of now.</summary>
    public async ValueTask<IEnumerable<TRow>> Current(CancellationToken cancellationToken)
    {
        await _updating.WaitAsync(cancellationToken);
        try
        {
            var seen = _seen;
            await foreach (var (key, document, change) in documents.Changes(kind, _seen, cancellationToken))
            {
                seen = Math.Max(seen, change);
                var known = _rows.GetValueOrDefault(key);
                // Told again, or an older one late. A rebuild replaces a document without a new version.
                if ((document.Version, change).CompareTo((known.Version, known.Change)) <= 0)
                {
                    continue;
                }

                var row = parse(document.Body);
                _rows[key] = (document.Version, change, row);
                _all = null;
                changed?.Invoke(known.Row, row);
            }

            Volatile.Write(ref _seen, seen);
            // One after the other in memory: walking through the dictionary takes longer than most searches.
            return _all ??= [.. Rows];
        }
        finally
        {
            _updating.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _updating.Dispose();
}
