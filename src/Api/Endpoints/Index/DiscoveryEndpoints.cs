using MediatR;
using Raktar.Api.Access;
using Raktar.Api.Bodies;
using Raktar.Api.Endpoints.Crates;
using Raktar.Api.Http;
using Raktar.Api.Settings;
using Raktar.Application.Crates.Search;
using Raktar.Application.Crates.Views;
using Raktar.Domain;
using Raktar.Domain.Accounts;

namespace Raktar.Api.Endpoints.Index;

/// <summary>Ways to find crates without a name, in crates.io's shapes: a summary, keywords, categories, and who owns crates.</summary>
internal static class DiscoveryEndpoints
{
    private const int InSummary = 10;

    public static void MapDiscovery(this IEndpointRouteBuilder app)
    {
        var api = app.MapGroup("/api/v1").WithTags("metadata");
        api.MapMethods("/summary", Reading.Methods, Summary).Demands(Demand.Read)
            .WithSummary("What is new").Produces<SummaryBody>();
        api.MapMethods("/keywords", Reading.Methods, Keywords).Demands(Demand.Read)
            .WithSummary("List keywords").Produces<KeywordsBody>();
        api.MapMethods("/keywords/{keyword}", Reading.Methods, Keyword).Demands(Demand.Read)
            .WithSummary("One keyword").Produces<KeywordOnlyBody>();
        api.MapMethods("/categories", Reading.Methods, Categories).Demands(Demand.Read)
            .WithSummary("List categories that are in no other").Produces<CategoriesBody>();
        api.MapMethods("/categories/{category}", Reading.Methods, Category).Demands(Demand.Read)
            .WithSummary("One category").Produces<CategoryOnlyBody>();
        api.MapMethods("/users/{login}", Reading.Methods, User).Demands(Demand.Read)
            .WithSummary("Somebody who owns a crate").Produces<UserBody>();
    }

    private static async Task<IResult> Summary(HttpContext context, IMediator sender, GuardedCrates guarded)
    {
        var viewer = context.Viewer();
        var counts = await sender.Send(new CountCrates(viewer), context.RequestAborted);
        var (keywords, categories) = (await List(TopicKind.Keyword, context, sender), await List(TopicKind.Category, context, sender));
        return JsonBodies.Json(new SummaryBody(
            NumDownloads: 0,
            counts.Value.Crates,
            await Newest(SearchOrder.New),
            // Nothing is the most downloaded where downloads are not counted.
            MostDownloaded: [],
            MostRecentlyDownloaded: [],
            await Newest(SearchOrder.RecentUpdates),
            [.. MostUsed(keywords).Take(InSummary).Select(topic => topic.ToKeyword())],
            [.. MostUsed(categories.Where(IsTop)).Take(InSummary).Select(topic => topic.ToCategory())]));

        async Task<IReadOnlyList<CrateBody>> Newest(SearchOrder order)
        {
            var search = new SearchCrates { By = viewer, Order = order, IncludeYanked = true, PerPage = InSummary };
            var found = await sender.Send(search, context.RequestAborted);
            return await guarded.Bodies(found.Value.Page, exactMatch: null, context.RequestAborted);
        }
    }

    private static Task<IResult> Keywords(HttpContext context, IMediator sender) => Page(
        TopicKind.Keyword, _ => true, context, sender,
        (page, meta) => JsonBodies.Json(new KeywordsBody([.. page.Select(topic => topic.ToKeyword())], meta)));

    private static Task<IResult> Categories(HttpContext context, IMediator sender) => Page(
        TopicKind.Category, IsTop, context, sender,
        (page, meta) => JsonBodies.Json(new CategoriesBody([.. page.Select(topic => topic.ToCategory())], meta)));

    private static async Task<IResult> Keyword(string keyword, HttpContext context, IMediator sender)
    {
        var found = await sender.Send(new ListTopics(TopicKind.Keyword, context.Viewer(), [keyword]), context.RequestAborted);
        return found.Value.Count == 0
            ? new NoSuchTopic("keyword", keyword).ToResult()
            : JsonBodies.Json(new KeywordOnlyBody(found.Value[0].ToKeyword()));
    }

    private static async Task<IResult> Category(string category, HttpContext context, IMediator sender)
    {
        var all = await List(TopicKind.Category, context, sender);
        if (all.FirstOrDefault(topic => topic.Name.Equals(category, StringComparison.OrdinalIgnoreCase)) is not { } found)
        {
            return new NoSuchTopic("category", category).ToResult();
        }

        return JsonBodies.Json(new CategoryOnlyBody(found.ToCategory() with
        {
            Subcategories = [.. all.Where(topic => IsBelow(topic, found)).Select(topic => topic.ToCategory())],
            ParentCategories = [.. all.Where(topic => IsBelow(found, topic)).Select(topic => topic.ToCategory())],
        }));
    }

    private static async Task<IResult> User(string login, HttpContext context, IMediator sender, RaktarOptions options)
    {
        // Whoever owns nothing that the caller can see looks the same as nobody: else this would tell the names of all accounts.
        var viewer = context.Viewer();
        var owners = await sender.Send(new ListOwners(viewer), context.RequestAborted);
        return Login.TryParse(login, out var account) && (account == viewer?.Login || owners.Value.Contains(Owner.Of(account)))
            ? JsonBodies.Json(new UserBody(account.ToBody(options.PublicUrl)))
            : new AccountNotFound(login).ToResult();
    }

    private static async Task<IResult> Page(
        TopicKind kind, Func<Topic, bool> isListed, HttpContext context, IMediator sender, Func<IEnumerable<Topic>, TotalMeta, IResult> answer)
    {
        if (PageQuery.Paging(context.Request.Query) is not var (page, perPage))
        {
            return PageQuery.NoSuchPage.ToResult();
        }

        var all = (await List(kind, context, sender)).Where(isListed).ToList();
        var ordered = string.Equals(context.Request.Query["sort"], "crates", StringComparison.Ordinal) ? MostUsed(all) : all;
        return answer(ordered.Skip((page - 1) * perPage).Take(perPage), new(all.Count));
    }

    private static async Task<IReadOnlyList<Topic>> List(TopicKind kind, HttpContext context, IMediator sender) =>
        (await sender.Send(new ListTopics(kind, context.Viewer()), context.RequestAborted)).Value;

    private static IEnumerable<Topic> MostUsed(IEnumerable<Topic> topics) => topics.OrderByDescending(topic => topic.Crates);

    private static bool IsTop(Topic category) => !category.Name.Contains("::", StringComparison.Ordinal);

    private static bool IsBelow(Topic category, Topic above) => category.Name.StartsWith($"{above.Name}::", StringComparison.Ordinal);
}
