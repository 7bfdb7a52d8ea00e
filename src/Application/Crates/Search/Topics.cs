using Raktar.Application.Crates.Views;

namespace Raktar.Application.Crates.Search;

/// <summary>What crates can be listed by.</summary>
public enum TopicKind
{
    /// <summary>Keywords, which anybody may make up.</summary>
    Keyword,

    /// <summary>Categories. A crate in <c>a::b</c> is also one of <c>a</c>.</summary>
    Category,
}

/// <summary>A keyword or category, lower case, how many crates have it, and when the first of these was created.</summary>
public sealed record Topic(string Name, int Crates, DateTimeOffset CreatedAt);

/// <summary>The crates of each keyword and category, as the catalogue had them at one time.</summary>
internal sealed class Topics
{
    private readonly Dictionary<string, List<CatalogueRow>>[] _crates =
        [new(StringComparer.OrdinalIgnoreCase), new(StringComparer.OrdinalIgnoreCase)];

    public Topics(IEnumerable<CatalogueRow> rows)
    {
        Rows = rows;
        foreach (var row in rows.Where(row => row.VersionCount > 0))
        {
            Add(TopicKind.Keyword, row, row.Entry.Keywords);
            Add(TopicKind.Category, row, row.Entry.Categories.SelectMany(WithParents));
        }
    }

    /// <summary>The rows that they are of.</summary>
    public IEnumerable<CatalogueRow> Rows { get; }

    /// <summary>The names of all.</summary>
    public IEnumerable<string> Names(TopicKind kind) => _crates[(int)kind].Keys;

    /// <summary>The crates that have it.</summary>
    public IReadOnlyList<CatalogueRow> Crates(TopicKind kind, string name) => _crates[(int)kind].GetValueOrDefault(name) ?? [];

    private void Add(TopicKind kind, CatalogueRow row, IEnumerable<string> names)
    {
        foreach (var name in names.Distinct(StringComparer.OrdinalIgnoreCase))
        {
            if (!_crates[(int)kind].TryGetValue(name, out var crates))
            {
                _crates[(int)kind][name.ToLowerInvariant()] = crates = [];
            }

            crates.Add(row);
        }
    }

    private static IEnumerable<string> WithParents(string category)
    {
        yield return category;
        for (var at = category.LastIndexOf("::", StringComparison.Ordinal); at > 0; at = category.LastIndexOf("::", at - 1, StringComparison.Ordinal))
        {
            yield return category[..at];
        }
    }
}
