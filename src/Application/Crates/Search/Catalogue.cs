using System.Collections.Concurrent;
using Raktar.Application.Crates.Views;
using Raktar.Application.Ports;
using Raktar.Domain.Crates;

namespace Raktar.Application.Crates.Search;

/// <summary>All crates in memory, one row each, current at each question.</summary>
public sealed class Catalogue : IDisposable
{
    private readonly Followed<CatalogueRow> _rows;
    private readonly SearchTexts _texts = new();
    private readonly ConcurrentDictionary<string, int> _dependents = new(StringComparer.Ordinal);
    private Topics? _topics;

    /// <summary>A catalogue over the documents of its kind.</summary>
    public Catalogue(IDocumentStore documents) => _rows = new(documents, CatalogueRow.Kind, CatalogueRow.Parse, Changed);

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

    /// <summary>How many crates' default versions depend on a crate of this registry, as of the rows that were asked for last.</summary>
    internal int DependentsOf(CrateName crate) => _dependents.GetValueOrDefault(crate.Text);

    /// <inheritdoc/>
    public void Dispose() => _rows.Dispose();

    private void Changed(CatalogueRow? before, CatalogueRow row)
    {
        _texts.Put(row);
        Count(before, -1);
        Count(row, 1);
    }

    private void Count(CatalogueRow? row, int change)
    {
        foreach (var dependency in row is { VersionCount: > 0 } ? row.Entry.Dependencies.Distinct(StringComparer.Ordinal) : [])
        {
            _dependents[dependency] = _dependents.GetValueOrDefault(dependency) + change;
        }
    }

    private static bool HasVersions(CatalogueRow row) => row.VersionCount > 0;
}
