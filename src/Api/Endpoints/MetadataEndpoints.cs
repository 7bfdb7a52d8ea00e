using MediatR;
using Raktar.Api.Access;
using Raktar.Api.Cargo;
using Raktar.Api.Hosting;
using Raktar.Application.Crates;
using Raktar.Domain;
using Raktar.Domain.Crates;
using static Raktar.Api.Endpoints.PageQuery;

namespace Raktar.Api.Endpoints;

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
        crates.MapMethods("/{name}/{version}/dependencies", Reading.Methods, Dependencies).Demands(Demand.Read).WithSummary("A version's dependencies").Produces<DependenciesBody>();
        crates.MapMethods("/{name}/{version}/download", Reading.Methods, Download).Demands(Demand.Read).WithSummary("Where the crate file is").Produces(StatusCodes.Status302Found).Produces<UrlBody>();
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
                include.Contains("versions", StringComparer.Ordinal) ? [.. CratesIoShapes.Ordered(crate).Select(v => v.ToBody(crate.Name))] : null,
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
            // Without paging all of them, as crates.io answers.
            var paged = query.ContainsKey("page") || query.ContainsKey("per_page") ? all.Skip((page - 1) * perPage).Take(perPage).ToList() : all;
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
}
