using System.Globalization;
using MediatR;
using Raktar.Api.Access;
using Raktar.Api.Cargo;
using Raktar.Api.Hosting;
using Raktar.Application.Crates;
using Raktar.Domain;
using Raktar.Domain.Crates;

namespace Raktar.Api.Endpoints;

/// <summary>What tools ask about crates, in crates.io's shapes: search, a crate, its versions, dependencies and dependents.</summary>
internal static class MetadataEndpoints
{
    private const int MaxPerPage = 100;
    private const int MaxQuery = 200;

    // Deeper pages cost more than anybody reads.
    private const int MaxPage = 1000;

    public static void MapMetadata(this IEndpointRouteBuilder app)
    {
        var crates = app.MapGroup("/api/v1/crates").WithTags("metadata");
        crates.MapMethods("/", Reading.Methods, Search).Demands(Demand.Read).WithSummary("Search and list crates").Produces<CratesBody>();
        crates.MapMethods("/{name}", Reading.Methods, Crate).Demands(Demand.Read).WithSummary("One crate").Produces<CrateOnlyBody>();
        crates.MapMethods("/{name}/versions", Reading.Methods, Versions).Demands(Demand.Read).WithSummary("A crate's versions").Produces<VersionsBody>();
        crates.MapMethods("/{name}/reverse_dependencies", Reading.Methods, Dependents).Demands(Demand.Read).WithSummary("Crates that depend on it").Produces<DependentsBody>();
        crates.MapMethods("/{name}/{version}", Reading.Methods, Version).Demands(Demand.Read).WithSummary("One version").Produces<VersionOnlyBody>();
        crates.MapMethods("/{name}/{version}/dependencies", Reading.Methods, Dependencies).Demands(Demand.Read).WithSummary("A version's dependencies").Produces<DependenciesBody>();
        crates.MapMethods("/{name}/{version}/download", Reading.Methods, Download).Demands(Demand.Read).WithSummary("Where the crate file is").Produces(StatusCodes.Status302Found).Produces<UrlBody>();
    }

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

    private static async Task<IResult> Crate(string name, HttpContext context, IMediator sender)
    {
        var include = context.Request.Query["include"].ToString() is { Length: > 0 } parts ? parts.Split(',') : ["versions", "keywords", "categories"];
        var outcome = await sender.GetCrate(name, context);
        return outcome.ToCargo(crate =>
        {
            var body = crate.ToBody();
            return JsonBodies.Json(new CrateOnlyBody(
                body,
                include.Contains("versions", StringComparer.Ordinal) ? [.. CratesIoShapes.Ordered(crate).InOneAnswer().Select(v => v.ToBody(crate.Name))] : null,
                include.Contains("keywords", StringComparer.Ordinal) ? [.. body.Keywords!.Select(k => new KeywordBody(k, k))] : null,
                include.Contains("categories", StringComparer.Ordinal) ? [.. body.Categories!.Select(c => new CategoryBody(c, c, c))] : null));
        });
    }

    private static async Task<IResult> Versions(string name, HttpContext context, IMediator sender)
    {
        var query = context.Request.Query;
        if (Paging(query) is not var (page, perPage))
        {
            return new InvalidInput("`page` and `per_page` must be positive numbers").ToResult();
        }

        var outcome = await sender.GetCrate(name, context);
        return outcome.ToCargo(crate =>
        {
            var nums = query["nums[]"].OfType<string>().ToHashSet(StringComparer.Ordinal);
            var ordered = string.Equals(query["sort"], "date", StringComparison.Ordinal)
                ? crate.Versions.Reverse()
                : CratesIoShapes.Ordered(crate);
            var all = ordered.Where(v => nums.Count == 0 || nums.Contains(v.Version.ToString())).ToList();
            // Without paging all of them, as crates.io answers, unless that would be too much.
            var paged = query.ContainsKey("page") || query.ContainsKey("per_page") || all.InOneAnswer().Count() < all.Count ? all.Skip((page - 1) * perPage).Take(perPage).ToList() : all;
            return JsonBodies.Json(new VersionsBody(
                [.. paged.Select(v => v.ToBody(crate.Name))],
                new(all.Count, Link(context, page + 1, paged.Count < all.Count && page * perPage < all.Count), Link(context, page - 1, page > 1))));
        });
    }

    private static async Task<IResult> Version(string name, string version, HttpContext context, IMediator sender) =>
        await WithVersion(name, version, context, sender, (crate, found) => JsonBodies.Json(new VersionOnlyBody(found.ToBody(crate.Name))));

    private static async Task<IResult> Dependencies(string name, string version, HttpContext context, IMediator sender) =>
        await WithVersion(name, version, context, sender, (crate, found) => JsonBodies.Json(new DependenciesBody(
            [.. found.Package.Dependencies.Select(d => d.ToBody(crate.Name, found.Version))])));

    private static async Task<IResult> Download(string name, string version, HttpContext context, IMediator sender, RaktarOptions options) =>
        await WithVersion(name, version, context, sender, (crate, found) =>
        {
            var url = $"{options.PublicUrl}/dl/{crate.Name}/{found.Version}/{found.Checksum}.crate";
            context.Response.Headers.Vary = "Accept";
            return context.Request.Headers.Accept.ToString().Contains("application/json", StringComparison.OrdinalIgnoreCase)
                ? JsonBodies.Json(new UrlBody(url))
                : Results.Redirect(url);
        });

    private static async Task<IResult> Dependents(string name, HttpContext context, IMediator sender)
    {
        if (!CrateName.TryParse(name, out var crate))
        {
            return new NoSuchCrate(name).ToResult();
        }

        if (Paging(context.Request.Query) is not var (page, perPage))
        {
            return new InvalidInput("`page` and `per_page` must be positive numbers").ToResult();
        }

        var outcome = await sender.Send(new GetDependents(crate, page, perPage, context.Viewer()), context.RequestAborted);
        return outcome.ToCargo(found => JsonBodies.Json(new DependentsBody(
            [.. found.Page.Select(d => d.Dependency.ToBody(d.Crate.Name, d.Version.Version) with { CrateId = crate.Text })],
            [.. found.Page.DistinctBy(d => d.Crate.Name).Select(d => d.Version.ToBody(d.Crate.Name))],
            new(found.Total))));
    }

    private static async Task<IResult> WithVersion(
        string name, string version, HttpContext context, IMediator sender, Func<CrateDetails, VersionDetails, IResult> answer)
    {
        var outcome = await sender.GetCrate(name, context);
        return outcome.ToCargo(crate => SemVersion.TryParse(version, out var number) && crate.Find(number) is { } found
            ? answer(crate, found)
            : new NoSuchVersion(crate.Name.Text, version).ToResult());
    }

    private static (int Page, int PerPage)? Paging(IQueryCollection query)
    {
        if (!TryNumber(query, "page", 1, out var page) || !TryNumber(query, "per_page", 10, out var perPage) || page > MaxPage)
        {
            return null;
        }

        return (page, Math.Min(perPage, MaxPerPage));
    }

    private static bool TryNumber(IQueryCollection query, string key, int otherwise, out int number)
    {
        number = otherwise;
        return query[key].ToString() is not { Length: > 0 } text
            || (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number >= 1);
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

    private static string? Link(HttpContext context, int page, bool exists) => exists
        ? QueryString.Create(context.Request.Query
            .Where(pair => !string.Equals(pair.Key, "page", StringComparison.Ordinal))
            .SelectMany(pair => pair.Value.Select(value => KeyValuePair.Create(pair.Key, value)))
            .Append(KeyValuePair.Create<string, string?>("page", page.ToString(CultureInfo.InvariantCulture)))).Value
        : null;
}
