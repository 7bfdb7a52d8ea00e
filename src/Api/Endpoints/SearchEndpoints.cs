using MediatR;
using Raktar.Api.Access;
using Raktar.Api.Cargo;
using Raktar.Application.Crates;
using Raktar.Domain;
using static Raktar.Api.Endpoints.PageQuery;

namespace Raktar.Api.Endpoints;

/// <summary>Searching and listing crates, in crates.io's shape: what <c>cargo search</c> asks, and more.</summary>
internal static class SearchEndpoints
{
    private const int MaxQuery = 200;

    public static void MapSearch(this IEndpointRouteBuilder app) => app.MapGroup("/api/v1/crates").WithTags("metadata")
        .MapMethods("/", Reading.Methods, Search).Demands(Demand.Read).WithSummary("Search and list crates").Produces<CratesBody>();

    private static async Task<IResult> Search(HttpContext context, IMediator sender)
    {
        var query = context.Request.Query;
        if (Paging(query) is not var (page, perPage))
        {
            return new InvalidInput($"`page` must be a number from 1 to {MaxPage}, `per_page` a number from 1 (at most {MaxPerPage} are answered)").ToResult();
        }

        if (query["q"].ToString() is { Length: > MaxQuery } long_)
        {
            return new InvalidInput($"the query is {long_.Length} characters (max {MaxQuery})").ToResult();
        }

        if (OrderOf(query["sort"].ToString()) is not { } order)
        {
            return new InvalidInput($"cannot sort by `{query["sort"]}`").ToResult();
        }

        var outcome = await sender.Send(
            new SearchCrates
            {
                By = context.Viewer(),
                Text = query["q"].ToString(),
                Order = order,
                Keyword = Optional(query, "keyword"),
                Category = Optional(query, "category"),
                Letter = Optional(query, "letter"),
                Names = [.. query["ids[]"].OfType<string>()],
                IncludeYanked = query["include_yanked"].ToString() is not ("no" or "false" or "n" or "0"),
                Page = page,
                PerPage = perPage,
            },
            context.RequestAborted);
        return outcome.ToCargo(found => JsonBodies.Json(new CratesBody(
            [.. found.Page.Select(row => row.ToBody(string.Equals(row.Name.Text, found.ExactMatch, StringComparison.Ordinal)))],
            new(found.Total, Link(context, page + 1, (long)page * perPage < found.Total), Link(context, page - 1, page > 1)))));
    }

    private static SearchOrder? OrderOf(string sort) => sort switch
    {
        "" or "relevance" => SearchOrder.Relevance,
        // Downloads are not counted, so that order is by name.
        "alpha" or "alphabetical" or "downloads" or "recent-downloads" => SearchOrder.Alphabetical,
        "recent-updates" => SearchOrder.RecentUpdates,
        "new" => SearchOrder.New,
        _ => null,
    };

    private static string? Optional(IQueryCollection query, string key) => query[key].ToString() is { Length: > 0 } value ? value : null;
}
