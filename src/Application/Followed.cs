using System.Collections.Concurrent;
using Raktar.Application.Ports;

namespace Raktar.Application;

/// <summary>
/// All documents of one kind, kept parsed in memory and brought up to date before each use: for reads that no single document serves
/// (which account has this token, which crates match these words).
/// </summary>
public sealed class Followed<TRow>(IDocumentStore documents, string kind, Func<ReadOnlyMemory<byte>, TRow> parse, Action<TRow?, TRow>? changed = null)
    : IDisposable
{
    private readonly ConcurrentDictionary<string, TRow> _rows = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _updating = new(1);
    private long _seen;

    /// <summary>The rows by key, as of now.</summary>
    public ValueTask<ConcurrentDictionary<string, TRow>> Current(CancellationToken cancellationToken)
    {
        var changes = documents.Changes(kind, Volatile.Read(ref _seen), cancellationToken);
        return changes is { IsCompletedSuccessfully: true, Result.Count: 0 } ? new(_rows) : new(Update(cancellationToken));
    }

    /// <inheritdoc/>
    public void Dispose() => _updating.Dispose();

    private async Task<ConcurrentDictionary<string, TRow>> Update(CancellationToken cancellationToken)
    {
        await _updating.WaitAsync(cancellationToken);
        try
        {
            while (await documents.Changes(kind, _seen, cancellationToken) is { Count: > 0 } page)
            {
                foreach (var (key, document, change) in page)
                {
                    var row = parse(document.Body);
                    var earlier = _rows.GetValueOrDefault(key);
                    _rows[key] = row;
                    changed?.Invoke(earlier, row);
                    Volatile.Write(ref _seen, Math.Max(_seen, change));
                }
            }

            return _rows;
        }
        finally
        {
            _updating.Release();
        }
    }
}
