using Raktar.Application.Ports;

namespace Raktar.Application.Crates;

/// <summary>All crates in memory, one row each, current at each question.</summary>
public sealed class Catalogue(IDocumentStore documents) : IDisposable
{
    private readonly Followed<CatalogueRow> _rows = new(documents, CatalogueRow.Kind, CatalogueRow.Parse);

    /// <summary>Every crate, in no order.</summary>
    public async ValueTask<IEnumerable<CatalogueRow>> Rows(CancellationToken cancellationToken) =>
        (await _rows.Current(cancellationToken)).Select(entry => entry.Value);

    /// <inheritdoc/>
    public void Dispose() => _rows.Dispose();
}
