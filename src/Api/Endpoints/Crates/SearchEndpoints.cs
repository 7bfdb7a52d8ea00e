using MediatR;
using Raktar.Api.Access;
using Raktar.Api.Bodies;
using Raktar.Api.Http;
using Raktar.Application.Crates.Search;
using Raktar.Application.Crates.Views;
using Raktar.Domain.Accounts;

namespace Raktar.Api.Endpoints.Crates;

/// <summary>Searching and listing crates, in crates.io's shape: what <c>cargo search</c> asks, and more.</summary>
internal static class SearchEndpoints
{
    public static void MapSearch(this IEndpointRouteBuilder app) => app.MapGroup("/api/v1/crates").WithTags("metadata")
        .MapMethods("/", Reading.Methods, Search).Demands(Demand.Read).WithSummary("Search and list crates").Produces<CratesBody>();

    /// <summary>Crates as they are listed.</summary>
    public static async Task<IReadOnlyList<CrateBody>> Bodies(
        this GuardedCrates guarded, IEnumerable<CatalogueRow> rows, string? exactMatch, CancellationToken cancellationToken)
    {
        var bodies = new List<CrateBody>();
        foreach (var row in rows)
        {
            var isTrustedOnly = (await guarded.Find(row.Name, cancellationToken))?.IsTrustedOnly == true;
            bodies.Add(row.ToBody(string.Equals(row.Name.Text, exactMatch, StringComparison.Ordinal), isTrustedOnly));
        }

        return bodies;
    }

    private static async Task<IResult> Search(HttpContext context, IMediator sender, GuardedCrates guarded)
    {
        var query = context.Request.Query;
        var (search, owner) = (SearchFilters.Read(query), SearchFilters.Owner(query));
        if ((search.Refusal ?? owner.Refusal) is { } refusal)
        {
            return refusal.ToResult();
        }

        var wanted = search.Value with { By = context.Viewer() };
        if (owner.Value is var (isTeam, number))
        {
            if (await FindOwner(sender, isTeam, number, context) is not { } found)
            {
                // Nobody with that number owns a crate.
                return JsonBodies.Json(new CratesBody([], new(0, NextPage: null, PrevPage: null)));
            }

            wanted = wanted with { Owner = found };
        }

        var outcome = await sender.Send(wanted, context.RequestAborted);
        return outcome.Refusal is { } refused ? refused.ToResult() : JsonBodies.Json(new CratesBody(
            await guarded.Bodies(outcome.Value.Page, outcome.Value.ExactMatch, context.RequestAborted),
            PageQuery.Meta(context, wanted.Page, wanted.PerPage, outcome.Value.Total)));
    }

    private static async Task<Owner?> FindOwner(IMediator sender, bool isTeam, int number, HttpContext context) =>
        (await sender.Send(new ListOwners(context.Viewer()), context.RequestAborted)).Value
            .FirstOrDefault(owner => owner.Team is not null == isTeam && CratesIoShapes.IdOf(owner.Text) == number);
}
