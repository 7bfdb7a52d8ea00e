using Raktar.Application.Ports;

namespace Raktar.Application.Crates;

/// <summary>All crates in memory, one row each, current at each question.</summary>
public sealed class Catalogue : IDisposable
{
    private readonly Followed<CatalogueRow> _rows;
    private readonly SearchTexts _texts = new();
    private Topics? _topics;

    /// <summary>A catalogue over the documents of its kind.</summary>
    public Catalogue(IDocumentStore documents) => _rows = new(documents, CatalogueRow.Kind, CatalogueRow.Parse, (_, row) => _texts.Put(row));

    /// <summary>Every crate that has a version, in no order.</summary>
    public async ValueTask<IEnumerable<CatalogueRow>> Rows(CancellationToken cancellationToken) => (await _rows.Current(cancellationToken)).Where(HasVersions);

    /// <summary>Every crate with <paramref name="word"/> in its name, keywords or description, and possibly some more; in no order.</summary>
    public async ValueTask<IEnumerable<CatalogueRow>> RowsWith(string word, CancellationToken cancellationToken)
    {
        await _rows.Current(cancellationToken);
        return _texts.With(word).Where(HasVersions);
    }

    /// <summary>The crates of each keyword and category; made anew when somebody asks and a crate has changed.</summary>
    internal async ValueTask<Topics> Topics(CancellationToken cancellationToken)
    {
        var rows = await _rows.Current(cancellationToken);
        var topics = Volatile.Read(ref _topics);
        if (!ReferenceEquals(topics?.Rows, rows))
        {
            topics = new(rows);
            Volatile.Write(ref _topics, topics);
        }

        return topics!;
    }

    /// <inheritdoc/>
    public void Dispose() => _rows.Dispose();

    private static bool HasVersions(CatalogueRow row) => row.VersionCount > 0;
}
