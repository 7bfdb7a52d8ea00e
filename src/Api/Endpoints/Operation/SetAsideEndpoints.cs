using Raktar.Api.Access;
using Raktar.Api.Bodies;
using Raktar.Api.Http;
using Raktar.Application.Log;
using Raktar.Application.State;
using Raktar.Domain.Crates;
using Raktar.Projections.Following;

namespace Raktar.Api.Endpoints.Operation;

/// <summary>Streams of which a document cannot be made: which, why, and what to do about it; for administrators.</summary>
internal static class SetAsideEndpoints
{
    private const int MostVersions = 20;

    public static void MapSetAside(this IEndpointRouteBuilder app)
    {
        var all = app.MapGroup("/api/v1/set-aside").WithTags("health");
        all.MapMethods("/", Reading.Methods, List).Demands(Demand.Admin).WithSummary("Streams of which a document cannot be made").Produces<SetAsideBody>();
        all.MapPost("/", TryAgain).Demands(Demand.Admin).WithSummary("Try them now").Produces<OkMessageBody>(StatusCodes.Status202Accepted);
    }

    private static async Task<IResult> List(HttpContext context, Streams<Crate> crates)
    {
        var rows = new List<SetAsideStreamBody>();
        foreach (var each in context.RequestServices.GetService<LogFollower>()?.SetAside ?? [])
        {
            var largest = each.Stream.Kind == StreamName.CrateKind ? await Largest(each, crates, context.RequestAborted) : [];
            rows.Add(new(each.Stream.ToString(), each.Kind, each.Problem, each.Since, each.Tries, each.NextTry, largest));
        }

        return JsonBodies.Json(new SetAsideBody(rows));
    }

    /// <summary>What would help most to delete.</summary>
    private static async Task<IReadOnlyList<LargeVersionBody>> Largest(SetAside each, Streams<Crate> crates, CancellationToken cancellationToken)
    {
        try
        {
            var (crate, _) = await crates.Load(each.Stream, cancellationToken);
            return [.. crate.Versions.Values.Where(v => !v.IsDeleted).OrderByDescending(v => v.Bytes).Take(MostVersions)
                .Select(v => new LargeVersionBody(v.Version.ToString(), v.Bytes))];
        }
        catch (CorruptCommitException)
        {
            // Then it is no matter of size.
            return [];
        }
    }

    private static IResult TryAgain(HttpContext context)
    {
        context.RequestServices.GetService<LogFollower>()?.TryAgain();
        return JsonBodies.Json(new OkMessageBody(Ok: true, "they are tried now; `GET /api/v1/set-aside` and the registry's log say how it ended"), StatusCodes.Status202Accepted);
    }
}
