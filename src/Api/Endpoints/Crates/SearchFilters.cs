using System.Globalization;
using Raktar.Application;
using Raktar.Application.Crates.Search;
using Raktar.Domain;

namespace Raktar.Api.Endpoints.Crates;

/// <summary>
/// The parameters of a search. A filter that is ignored would answer everything to somebody who asked for a little, so each is applied or
/// refused; several are applied together.
/// </summary>
internal static class SearchFilters
{
    private const int MaxQuery = 200;

    // What `user_id` and `team_id` are compared with comes from another question.
    private static readonly string[] OwnerIds = ["user_id", "team_id"];
    private static readonly string[] Filters = ["keyword", "all_keywords", "category", "letter", .. OwnerIds];

    /// <summary>Reads all but the owner.</summary>
    public static Outcome<SearchCrates> Read(IQueryCollection query)
    {
        if (PageQuery.Paging(query) is not var (page, perPage))
        {
            return PageQuery.NoSuchPage;
        }

        if (query["q"].ToString() is { Length: > MaxQuery } text)
        {
            return new InvalidInput($"the query is {text.Length} characters (max {MaxQuery})");
        }

        if (query.ContainsKey("following"))
        {
            return new InvalidInput("`following` is not supported: crates cannot be followed here");
        }

        return Array.Find(Filters, key => query.ContainsKey(key) && Value(query, key) is null) is { } empty
            ? new InvalidInput($"`{empty}` is empty")
            : new SearchCrates
            {
                Text = query["q"].ToString(),
                Order = OrderOf(query["sort"].ToString()),
                Keyword = Value(query, "keyword"),
                AllKeywords = Value(query, "all_keywords")?.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) ?? [],
                Category = Value(query, "category"),
                Letter = Value(query, "letter")?.EnumerateRunes().First().ToString().Replace('-', '_'),
                Names = [.. query["ids[]"].OfType<string>()],
                IncludeYanked = query["include_yanked"].ToString() is not ("no" or "false" or "n" or "0"),
                Page = page,
                PerPage = perPage,
            };
    }

    /// <summary>The number of the account or team whose crates are asked for; null: of anybody's.</summary>
    public static Outcome<(bool IsTeam, int Number)?> Owner(IQueryCollection query)
    {
        var asked = OwnerIds.Where(query.ContainsKey).ToList();
        return asked.Count == 0 ? ((bool, int)?)null
            : asked.Count == 1 && int.TryParse(query[asked[0]], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                ? (string.Equals(asked[0], OwnerIds[1], StringComparison.Ordinal), number)
            : new InvalidInput("`user_id` or `team_id` must be one number, as the owners of a crate have it");
    }

    // Downloads are not counted, so that order is by name, as every unknown one.
    private static SearchOrder OrderOf(string sort) => sort switch
    {
        "" or "relevance" => SearchOrder.Relevance,
        "recent-updates" => SearchOrder.RecentUpdates,
        "new" => SearchOrder.New,
        _ => SearchOrder.Alphabetical,
    };

    private static string? Value(IQueryCollection query, string key) =>
        query[key].ToString().Trim() is { Length: > 0 } value ? value : null;
}
