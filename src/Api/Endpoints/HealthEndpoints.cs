using Raktar.Api.Access;
using Raktar.Api.Cargo;
using Raktar.Api.Hosting;

namespace Raktar.Api.Endpoints;

/// <summary>Health, for load balancers.</summary>
internal static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder app)
    {
        app.MapMethods("/health", Reading.Methods, () => JsonBodies.Json(new HealthBody("alive")))
            .Demands(Demand.Nothing).WithTags("health").WithSummary("Whether the process answers");
        app.MapMethods("/health/ready", Reading.Methods, Ready)
            .Demands(Demand.Nothing).WithTags("health").WithSummary("Whether every dependency works").Produces<ReadyBody>();
    }

    private static async Task<IResult> Ready(Readiness readiness, CancellationToken cancellationToken)
    {
        var states = await readiness.States(cancellationToken);
        var ready = states.Values.All(state => string.Equals(state, Readiness.Ok, StringComparison.Ordinal));
        return JsonBodies.Json(new ReadyBody(ready ? "ready" : "not ready", states), ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }
}
