using System.Text;
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
    // Of a page near the first, only what is shown is kept in order: sorting all to show ten would take most of a search's time.
    private const int Near = 1000;

    public async Task<Outcome<FoundCrates>> Handle(SearchCrates query, CancellationToken cancellationToken)
    {
        var sight = await guarded.Of(query.By, cancellationToken);
        var found = await catalogue.Ask(rows => Find(query, rows, sight), cancellationToken);
        return query.At is { } at
            ? found with { Page = [.. (await Task.WhenAll(found.Page.Select(row => AsItWas(row, at, cancellationToken)))).OfType<CatalogueRow>()] }
            : found;
    }

    /// <summary>What the crate was; null when all its versions of then are deleted today.</summary>
    private async Task<CatalogueRow?> AsItWas(CatalogueRow row, DateTimeOffset at, CancellationToken cancellationToken) =>
        await past.Find(row.Name, at, cancellationToken) is { Versions.Count: > 0 } crate ? row.With(crate) : null;

    private static FoundCrates Find(SearchCrates query, CatalogueRows rows, Sight sight)
    {
        var ranking = new Ranking(query.Text);
        var (isShown, passes, lists) = (rows.Shown(sight), Filter(query, rows), Lists(query, rows));
        var others = lists.Skip(ranking.IsEmpty ? 1 : 0).Select(list => list.ToHashSet()).ToList();
        var order = Comparison(query.Order, rows);
        // Where nothing is searched for all are alike.
        var isByName = ranking.IsEmpty && lists.Count == 0 && query.Order is (SearchOrder.Relevance or SearchOrder.Alphabetical);
        var narrowing = lists.FirstOrDefault() ?? (isByName ? rows.ByName().Where(rows.IsListed) : rows.Listed);
        // The last of them first.
        var first = new PriorityQueue<int, (int Crate, double Score)>(Comparer<(int, double)>.Create((a, b) => order(b, a)));
        var all = new List<(int Crate, double Score)>();
        var (total, last, whole, isWhole) = (0, query.Page * query.PerPage, ranking.WholeNameIn(rows), false);
        foreach (var found in ranking.IsEmpty ? narrowing.Select(crate => (Crate: crate, Score: 1.0)) : ranking.Find(rows))
        {
            if (!passes(found.Crate) || !isShown(found.Crate) || !IsIn(others, found.Crate))
            {
                continue;
            }

            total++;
            isWhole |= found.Crate == whole;
            if (isByName)
            {
                if (total <= last && total > last - query.PerPage)
                {
                    all.Add(found);
                }
            }
            else if (last > Near)
            {
                all.Add(found);
            }
            else if (first.Count < last)
            {
                first.Enqueue(found.Crate, found);
            }
            else
            {
                first.EnqueueDequeue(found.Crate, found);
            }
        }

        var page = all.Order(Comparer<(int Crate, double Score)>.Create(order)).Take(last).Select(found => found.Crate).ToList();
        while (first.Count > 0)
        {
            page.Insert(0, first.Dequeue());
        }

        return new([.. page.Skip(isByName ? 0 : last - query.PerPage).Select(rows.Row)], total, isWhole ? rows.Row(whole).Name.Text : null);
    }

    private static bool IsIn(List<HashSet<int>> lists, int crate)
    {
        foreach (var list in lists)
        {
            if (!list.Contains(crate))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The lists that a crate must be in, each without repetition.</summary>
    private static List<IEnumerable<int>> Lists(SearchCrates query, CatalogueRows rows)
    {
        var lists = new List<IEnumerable<int>>();
        if (query.Names.Count > 0)
        {
            lists.Add(query.Names.Select(name => rows.Names.Find(name.ToLowerInvariant().Replace('-', '_'))).Distinct().Where(crate => crate >= 0 && rows.IsListed(crate)));
        }

        lists.AddRange(query.AllKeywords.Concat(query.Keyword is { } keyword ? [keyword] : []).Select(name => rows.Topics(TopicKind.Keyword).Crates(name)));
        if (query.Category is { } category)
        {
            lists.Add(rows.Topics(TopicKind.Category).Crates(category));
        }

        return lists;
    }

    /// <summary>What else a crate must be.</summary>
    private static Func<int, bool> Filter(SearchCrates query, CatalogueRows rows)
    {
        // Most crates have the owners of many others.
        var owned = new Dictionary<int, bool>();
        var letter = query.Letter is { } text ? Encoding.UTF8.GetBytes(text.ToLowerInvariant()) : [];
        return crate =>
        {
            ref readonly var place = ref rows.Of(crate);
            return (query.At is { } then ? place.CreatedAt <= then.UtcTicks : query.IncludeYanked || !place.IsYanked)
                && (letter.Length == 0 || rows.Names.Texts[crate].StartsWith(letter))
                && (query is { OwnedBy: null, Owner: null } || IsOwned(place.Owners, crate));
        };

        bool IsOwned(int owners, int crate)
        {
            if (!owned.TryGetValue(owners, out var isOwned))
            {
                var all = rows.Owners(crate);
                owned[owners] = isOwned = (query.OwnedBy is null || all.Any(owner => owner.Is(query.OwnedBy))) && (query.Owner is null || all.Contains(query.Owner));
            }

            return isOwned;
        }
    }

    private static Comparison<(int Crate, double Score)> Comparison(SearchOrder order, CatalogueRows rows) => order switch
    {
        SearchOrder.Alphabetical => (a, b) => ByName(a.Crate, b.Crate, rows),
        SearchOrder.RecentUpdates => (a, b) => Or(rows.Of(b.Crate).UpdatedAt.CompareTo(rows.Of(a.Crate).UpdatedAt), a.Crate, b.Crate, rows),
        SearchOrder.New => (a, b) => Or(rows.Of(b.Crate).CreatedAt.CompareTo(rows.Of(a.Crate).CreatedAt), a.Crate, b.Crate, rows),
        _ => (a, b) => Or(b.Score.CompareTo(a.Score), a.Crate, b.Crate, rows),
    };

    private static int Or(int order, int a, int b, CatalogueRows rows) => order != 0 ? order : ByName(a, b, rows);

    private static int ByName(int a, int b, CatalogueRows rows) => rows.Names.Texts[a].SequenceCompareTo(rows.Names.Texts[b]);
}
