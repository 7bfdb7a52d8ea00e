using MediatR;
using Raktar.Application.Crates.TimeMachine;
using Raktar.Application.Crates.Views;
using Raktar.Domain.Accounts;

namespace Raktar.Application.Crates.Search;

/// <summary>How found crates are ordered.</summary>
public enum SearchOrder
{
    /// <summary>Best match first; by name where nothing is searched for.</summary>
    Relevance,

    /// <summary>By name.</summary>
    Alphabetical,

    /// <summary>Most recently changed first.</summary>
    RecentUpdates,

    /// <summary>Most recently created first.</summary>
    New,
}

/// <summary>
/// Searches names, keywords, categories and descriptions for every word of <see cref="Text"/>, case aside, <c>-</c> and <c>_</c> alike. Filters left null are
/// not applied. Pages count from 1.
/// </summary>
public sealed record SearchCrates : IRequest<Outcome<FoundCrates>>
{
    /// <summary>Who searches; null: somebody unknown. What they may not see is not found, and not counted.</summary>
    public Requester? By { get; init; }

    /// <summary>What the searcher typed; empty: every crate.</summary>
    public string Text { get; init; } = string.Empty;

    /// <summary>The order.</summary>
    public SearchOrder Order { get; init; }

    /// <summary>Only crates with this keyword.</summary>
    public string? Keyword { get; init; }

    /// <summary>Only crates with all of these keywords.</summary>
    public IReadOnlyList<string> AllKeywords { get; init; } = [];

    /// <summary>Only crates in this category or below it (<c>::</c>).</summary>
    public string? Category { get; init; }

    /// <summary>Only crates whose name starts with this, <c>-</c> and <c>_</c> alike.</summary>
    public string? Letter { get; init; }

    /// <summary>Only the crates with these names.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>Only crates of this owner's, alone or through a team.</summary>
    public Requester? OwnedBy { get; init; }

    /// <summary>Only crates that have exactly this owner.</summary>
    public Owner? Owner { get; init; }

    /// <summary>Whether crates with nothing but yanked versions are found too.</summary>
    public bool IncludeYanked { get; init; }

    /// <summary>
    /// The crates that were there at that time, yanked or not, and each of them as it was then; null: as they are. What they are found by, and their order, is of
    /// today: only what is on the page is looked at in the past.
    /// </summary>
    public DateTimeOffset? At { get; init; }

    /// <summary>Which page, from 1.</summary>
    public int Page { get; init; } = 1;

    /// <summary>Crates per page.</summary>
    public int PerPage { get; init; } = 10;
}

/// <summary>One page of crates, and how many match in all.</summary>
public sealed record FoundCrates(IReadOnlyList<CatalogueRow> Page, int Total, string? ExactMatch);

internal sealed class SearchCratesHandler(Catalogue catalogue, GuardedCrates guarded, Past<CrateDetails> past) : IRequestHandler<SearchCrates, Outcome<FoundCrates>>
{
    public async Task<Outcome<FoundCrates>> Handle(SearchCrates query, CancellationToken cancellationToken)
    {
        var ranking = new Ranking(query.Text);
        var wanted = query.Names.Count == 0 ? null : query.Names.Select(n => n.ToLowerInvariant().Replace('-', '_')).ToHashSet(StringComparer.Ordinal);
        // Only what is shown is kept in order, last first; sorting all to show ten would take most of a search's time.
        var order = Comparison(query.Order);
        var first = new PriorityQueue<CatalogueRow, (double Score, CatalogueRow Row)>(Comparer<(double, CatalogueRow)>.Create((a, b) => order(b, a)));
        var (total, last) = (0, query.Page * query.PerPage);
        CatalogueRow? exact = null;
        var isShown = await guarded.ShownTo(query.By, cancellationToken);
        var narrowing = ranking.Narrowing ?? query.Keyword;
        foreach (var row in narrowing is null ? await catalogue.Rows(cancellationToken) : await catalogue.RowsWith(narrowing, cancellationToken))
        {
            if ((query.At is { } then ? row.CreatedAt <= then : query.IncludeYanked || !row.Yanked)
                && isShown(row)
                && Passes(query, wanted, row)
                && Score(ranking, row) is > 0 and var score)
            {
                total++;
                exact = ranking.IsName(row.Name.Canonical) ? row : exact;
                if (first.Count < last)
                {
                    first.Enqueue(row, (score, row));
                }
                else
                {
                    first.EnqueueDequeue(row, (score, row));
                }
            }
        }

        var page = new List<CatalogueRow>();
        while (first.Count > (query.Page - 1) * query.PerPage)
        {
            page.Add(first.Dequeue());
        }

        page.Reverse();
        if (query.At is { } at)
        {
            page = [.. (await Task.WhenAll(page.Select(row => AsItWas(row, at, cancellationToken)))).OfType<CatalogueRow>()];
        }

        return new FoundCrates(page, total, exact?.Name.Text);
    }

    /// <summary>What the crate was; null when all its versions of then are deleted today.</summary>
    private async Task<CatalogueRow?> AsItWas(CatalogueRow row, DateTimeOffset at, CancellationToken cancellationToken) =>
        await past.Find(row.Name, at, cancellationToken) is { Versions.Count: > 0 } crate ? row.With(crate) : null;

    private static bool Passes(SearchCrates query, HashSet<string>? names, CatalogueRow row) =>
        (query.OwnedBy is null || row.Owners.Any(owner => owner.Is(query.OwnedBy)))
        && (query.Owner is null || row.Owners.Contains(query.Owner))
        && (names is null || names.Contains(row.Name.Canonical))
        && (query.Keyword is null || row.Entry.Keywords.Contains(query.Keyword, StringComparer.OrdinalIgnoreCase))
        && query.AllKeywords.All(keyword => row.Entry.Keywords.Contains(keyword, StringComparer.OrdinalIgnoreCase))
        && (query.Letter is null || row.Name.Canonical.StartsWith(query.Letter, StringComparison.OrdinalIgnoreCase))
        && (query.Category is null || row.Entry.Categories.Any(slug =>
            slug.Equals(query.Category, StringComparison.OrdinalIgnoreCase)
            || slug.StartsWith(query.Category + "::", StringComparison.OrdinalIgnoreCase)));

    private double Score(Ranking ranking, CatalogueRow row) => ranking.IsEmpty ? 1 : ranking.Score(row.Search, catalogue.DependentsOf(row.Name));

    private static Comparison<(double Score, CatalogueRow Row)> Comparison(SearchOrder order) => order switch
    {
        SearchOrder.Alphabetical => (a, b) => ByName(a.Row, b.Row),
        SearchOrder.RecentUpdates => (a, b) => Or(b.Row.UpdatedAt.CompareTo(a.Row.UpdatedAt), ByName(a.Row, b.Row)),
        SearchOrder.New => (a, b) => Or(b.Row.CreatedAt.CompareTo(a.Row.CreatedAt), ByName(a.Row, b.Row)),
        _ => (a, b) => Or(b.Score.CompareTo(a.Score), ByName(a.Row, b.Row)),
    };

    private static int Or(int order, int next) => order != 0 ? order : next;

    private static int ByName(CatalogueRow a, CatalogueRow b) => string.CompareOrdinal(a.Name.Canonical, b.Name.Canonical);
}
