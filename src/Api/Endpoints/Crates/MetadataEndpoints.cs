using MediatR;
using Raktar.Api.Access;
using Raktar.Api.Bodies;
using Raktar.Api.Http;
using Raktar.Api.Settings;
using Raktar.Application.Crates.TimeMachine;
using Raktar.Application.Crates.Search;
using Raktar.Application.Crates.Views;
using Raktar.Domain;
using Raktar.Domain.Crates;
using static Raktar.Api.Endpoints.Crates.PageQuery;

namespace Raktar.Api.Endpoints.Crates;

/// <summary>What tools ask about crates, in crates.io's shapes: a crate, its versions, dependencies and dependents.</summary>
internal static class MetadataEndpoints
{
    public static void MapMetadata(this IEndpointRouteBuilder app)
    {
        var crates = app.MapGroup("/api/v1/crates").WithTags("metadata");
        crates.MapMethods("/{name}", Reading.Methods, Crate).Demands(Demand.Read).WithSummary("One crate").Produces<CrateOnlyBody>();
        crates.MapMethods("/{name}/versions", Reading.Methods, Versions).Demands(Demand.Read).WithSummary("A crate's versions").Produces<VersionsBody>();
        crates.MapMethods("/{name}/reverse_dependencies", Reading.Methods, Dependents).Demands(Demand.Read).WithSummary("Crates that depend on it").Produces<DependentsBody>();
        crates.MapMethods("/{name}/{version}", Reading.Methods, Version).Demands(Demand.Read).WithSummary("One version").Produces<VersionOnlyBody>();
        crates.MapMethods("/{name}/downloads", Reading.Methods, CrateDownloads).Demands(Demand.Read)
            .WithSummary("A crate's downloads, which are not counted yet").Produces<CrateDownloadsBody>();
        crates.MapMethods("/{name}/{version}/downloads", Reading.Methods, VersionDownloads).Demands(Demand.Read)
            .WithSummary("A version's downloads, which are not counted yet").Produces<VersionDownloadsBody>();
        crates.MapMethods("/{name}/{version}/authors", Reading.Methods, Authors).Demands(Demand.Read)
            .WithSummary("Nobody, as on crates.io").Produces<AuthorsBody>();
        crates.MapMethods("/{name}/{version}/readme", Reading.Methods, Readme).Demands(Demand.Read)
            .WithSummary("Where the README is shown").Produces(StatusCodes.Status302Found).Produces<UrlBody>();
        crates.MapMethods("/{name}/{version}/dependencies", Reading.Methods, Dependencies).Demands(Demand.Read).WithSummary("A version's dependencies").Produces<DependenciesBody>();
        crates.MapMethods("/{name}/{version}/download", Reading.Methods, Download).Demands(Demand.Read).WithSummary("Where the crate file is").Produces(StatusCodes.Status302Found).Produces<UrlBody>();
    }

    private static async Task<IResult> Crate(string name, HttpContext context, IMediator sender, GuardedCrates guarded, RaktarOptions options)
    {
        var parts = CrateParts.Read(context.Request.Query["include"]);
        var found = parts.Refusal is { } wrong ? wrong : await sender.GetCrate(name, context);
        if (found.Refusal is { } refusal)
        {
            return refusal.ToResult();
        }

        var (include, crate) = (parts.Value, found.Value);
        var body = crate.ToBody((await guarded.Find(crate.Name, context.RequestAborted))?.IsTrustedOnly == true);
        var versions = include.Versions ? CratesIoShapes.Ordered(crate).InOneAnswer()
            : include.DefaultVersion ? crate.Versions.Where(v => string.Equals(v.Version.ToString(), body.DefaultVersion, StringComparison.Ordinal))
            : null;
        return JsonBodies.Json(new CrateOnlyBody(
            body with
            {
                Versions = include.Versions ? body.Versions : null,
                Keywords = include.Keywords ? body.Keywords : null,
                Categories = include.Categories ? body.Categories : null,
                RecentDownloads = include.Downloads ? body.RecentDownloads : null,
            },
            versions is null ? null : [.. versions.Select(v => v.ToBody(crate.Name, options.PublicUrl))],
            include.Keywords ? [.. (await TopicsOf(crate, TopicKind.Keyword, body.Keywords!, context, sender)).Select(topic => topic.ToKeyword())] : null,
            include.Categories ? [.. (await TopicsOf(crate, TopicKind.Category, body.Categories!, context, sender)).Select(topic => topic.ToCategory())] : null));
    }

    private static async Task<IEnumerable<Topic>> TopicsOf(
        CrateDetails crate, TopicKind kind, IReadOnlyList<string> names, HttpContext context, IMediator sender)
    {
        var wanted = names.Select(name => name.ToLowerInvariant()).Distinct(StringComparer.Ordinal).ToList();
        var known = (await sender.Send(new ListTopics(kind, context.Viewer(), wanted), context.RequestAborted)).Value
            .ToDictionary(topic => topic.Name, StringComparer.Ordinal);
        // The catalogue may not have heard of the crate yet, which then is the first with a new one.
        return wanted.Select(name => known.GetValueOrDefault(name) ?? new(name, 1, crate.CreatedAt));
    }

    private static async Task<IResult> Versions(string name, HttpContext context, IMediator sender, RaktarOptions options)
    {
        var query = context.Request.Query;
        if (Paging(query) is not var (page, perPage))
        {
            return NoSuchPage.ToResult();
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
                [.. paged.Select(v => v.ToBody(crate.Name, options.PublicUrl))],
                new(all.Count, Link(context, page + 1, paged.Count < all.Count && page * perPage < all.Count), Link(context, page - 1, page > 1))));
        });
    }

    private static async Task<IResult> Version(string name, string version, HttpContext context, IMediator sender, RaktarOptions options) =>
        await WithVersion(name, version, context, sender, (crate, found) => JsonBodies.Json(new VersionOnlyBody(found.ToBody(crate.Name, options.PublicUrl))));

    private static async Task<IResult> CrateDownloads(string name, HttpContext context, IMediator sender) =>
        (await sender.GetCrate(name, context)).ToCargo(_ => JsonBodies.Json(new CrateDownloadsBody([], new([]))));

    private static async Task<IResult> VersionDownloads(string name, string version, HttpContext context, IMediator sender) =>
        await WithVersion(name, version, context, sender, (_, _) => JsonBodies.Json(new VersionDownloadsBody([])));

    // Authors are no longer part of what crates say: https://rust-lang.github.io/rfcs/3052-optional-authors-field.html
    private static async Task<IResult> Authors(string name, string version, HttpContext context, IMediator sender) =>
        await WithVersion(name, version, context, sender, (_, _) => JsonBodies.Json(new AuthorsBody([], new([]))));

    private static async Task<IResult> Readme(string name, string version, HttpContext context, IMediator sender, RaktarOptions options) =>
        await WithVersion(name, version, context, sender, (crate, found) => Elsewhere($"{options.PublicUrl}/crates/{crate.Name}/{found.Version}", context));

    private static async Task<IResult> Dependencies(string name, string version, HttpContext context, IMediator sender) =>
        await WithVersion(name, version, context, sender, (crate, found) => JsonBodies.Json(new DependenciesBody(
            [.. found.Package.Dependencies.Select(d => d.ToBody(crate.Name, found.Version))])));

    private static async Task<IResult> Download(string name, string version, HttpContext context, IMediator sender, RaktarOptions options) =>
        await WithVersion(name, version, context, sender, (crate, found) =>
            Elsewhere($"{options.PublicUrl}/dl/{crate.Name}/{found.Version}/{found.Checksum}.crate", context));

    /// <summary>What is asked for is at another address: sends clients there, or tells it to those that ask for JSON.</summary>
    private static IResult Elsewhere(string url, HttpContext context)
    {
        context.Response.Headers.Vary = "Accept";
        return context.Request.Headers.Accept.ToString().Contains("application/json", StringComparison.OrdinalIgnoreCase)
            ? JsonBodies.Json(new UrlBody(url))
            : Results.Redirect(url);
    }

    private static async Task<IResult> Dependents(string name, HttpContext context, IMediator sender, RaktarOptions options)
    {
        if (!CrateName.TryParse(name, out var crate))
        {
            return new NoSuchCrate(name).ToResult();
        }

        if (Paging(context.Request.Query) is not var (page, perPage))
        {
            return NoSuchPage.ToResult();
        }

        var outcome = await sender.Send(new GetDependents(crate, page, perPage, context.Viewer()), context.RequestAborted);
        return outcome.ToCargo(found => JsonBodies.Json(new DependentsBody(
            [.. found.Page.Select(d => d.Dependency.ToBody(d.Crate.Name, d.Version.Version) with { CrateId = crate.Text })],
            [.. found.Page.DistinctBy(d => d.Crate.Name).Select(d => d.Version.ToBody(d.Crate.Name, options.PublicUrl))],
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
}
