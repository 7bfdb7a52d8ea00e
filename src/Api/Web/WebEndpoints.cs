using MediatR;
using Raktar.Api.Access;
using Raktar.Api.Http;
using Raktar.Api.Web.Admin;
using Raktar.Api.Web.Audits;
using Raktar.Api.Web.Crates;
using Raktar.Api.Web.Frame;
using Raktar.Api.Web.Me;
using Raktar.Api.Web.Versions;
using Raktar.Application.Crates.Search;
using Raktar.Domain;
using Raktar.Domain.Accounts;

namespace Raktar.Api.Web;

/// <summary>The pages for people. They ask what the API asks, and show it.</summary>
internal static class WebEndpoints
{
    private const int OnHome = 10;

    public static void MapWeb(this IEndpointRouteBuilder app)
    {
        app.MapAssets();
        app.MapMethods("/", Reading.Methods, Home).IsPage().Demands(Demand.Read);
        app.MapMethods("/search", Reading.Methods, Search).IsPage().Demands(Demand.Read);
        app.MapCratePages();
        app.MapMe();
        app.MapAdmin();
        app.MapAuditPages();
        app.MapVersions();
    }

    private static async Task<IResult> Home(HttpContext context, IMediator sender)
    {
        var viewer = context.Viewer();
        var counts = await sender.Send(new CountCrates(viewer), context.RequestAborted);
        var updated = await sender.Send(new SearchCrates { By = viewer, Order = SearchOrder.RecentUpdates, PerPage = OnHome }, context.RequestAborted);
        var newest = await sender.Send(new SearchCrates { By = viewer, Order = SearchOrder.New, PerPage = OnHome }, context.RequestAborted);
        return new Page<HomePage>(
            "Crates",
            (nameof(HomePage.Counts), counts.Value),
            (nameof(HomePage.Updated), updated.Value.Page),
            (nameof(HomePage.Newest), newest.Value.Page));
    }

    private static async Task<IResult> Search(HttpContext context, IMediator sender)
    {
        var query = context.Request.Query;
        var text = query["q"].ToString().Trim();
        if (text.Length > SearchForm.MaxLength || PageRoutes.PageOf(context) is not { } page)
        {
            return new InvalidInput($"`q` has at most {SearchForm.MaxLength} characters, and `page` is a number from 1 (max {PageRoutes.MaxPage})").ToResult();
        }

        var asOf = AsOf.Of(context);
        if (asOf.Refusal is { } badTime)
        {
            return badTime.ToResult();
        }

        Owner? owner = null;
        if (Optional("owner") is { } name && !Owner.TryParse(name, out owner))
        {
            return new InvalidInput("`owner` must be a login, or `team:` and a team's name").ToResult();
        }

        var (keyword, category, sort) = (Optional("keyword"), Optional("category"), Optional("sort") ?? "relevance");
        var found = await sender.Send(
            new SearchCrates
            {
                By = context.Viewer(),
                Text = text,
                Keyword = keyword,
                Category = category,
                Owner = owner,
                Order = OrderOf(sort),
                At = asOf.Value?.At,
                Page = page,
                PerPage = SearchPage.PerPage,
            },
            context.RequestAborted);
        return found.ToCargo(crates => new Page<SearchPage>(
            text.Length > 0 ? $"{text} - search" : "Search",
            (nameof(SearchPage.Text), text),
            (nameof(SearchPage.Narrowed), Narrowed(keyword, category, owner)),
            (nameof(SearchPage.Sort), sort),
            (nameof(SearchPage.AsOf), asOf.Value),
            (nameof(SearchPage.Page), page),
            (nameof(SearchPage.Found), crates)));

        string? Optional(string key) => query[key].ToString() is { Length: > 0 } value ? value : null;
    }

    private static string? Narrowed(string? keyword, string? category, Owner? owner) =>
        keyword is not null ? $" with the keyword {keyword}"
        : category is not null ? $" in {category}"
        : owner is not null ? $" of {owner}"
        : null;

    private static SearchOrder OrderOf(string sort) => sort switch
    {
        "alphabetical" => SearchOrder.Alphabetical,
        "recent-updates" => SearchOrder.RecentUpdates,
        "new" => SearchOrder.New,
        _ => SearchOrder.Relevance,
    };
}
