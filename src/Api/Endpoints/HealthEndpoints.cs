using Raktar.Api.Access;
using Raktar.Api.Cargo;
using Raktar.Api.Hosting;
using Raktar.Application.Crates;
using Raktar.Application.Events;
using Raktar.Application.Ports;
using Raktar.Domain.Crates;

namespace Raktar.Api.Endpoints;

/// <summary>Health, for load balancers.</summary>
internal static class HealthEndpoints
{
    /// <summary>The state of a dependency that works.</summary>
    public const string Ok = "ok";

    public static void MapHealth(this IEndpointRouteBuilder app)
    {
        app.MapMethods("/health", Reading.Methods, () => JsonBodies.Json(new HealthBody("alive")))
            .Demands(Demand.Nothing).WithTags("health").WithSummary("Whether the process answers");
        app.MapMethods("/health/ready", Reading.Methods, Ready)
            .Demands(Demand.Nothing).WithTags("health").WithSummary("Whether every dependency works").Produces<ReadyBody>();
    }

    private static async Task<IResult> Ready(
        HttpContext context, IEnumerable<IDependency> dependencies, ILogger<Program> log, CancellationToken cancellationToken)
    {
        var states = await Probe(dependencies, log, cancellationToken);
        var ready = states.Values.All(state => string.Equals(state, Ok, StringComparison.Ordinal));
        return JsonBodies.Json(new ReadyBody(ready ? "ready" : "not ready", states, await SetAside(context)), ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }

    /// <summary>What cannot be shown, which is no reason to send nobody here; null: nothing. A restricted crate is not named to everybody.</summary>
    private static async Task<IReadOnlyList<string>?> SetAside(HttpContext context)
    {
        if (context.RequestServices.GetService<ProjectionsService>()?.SetAside is not { Count: > 0 } all)
        {
            return null;
        }

        var guarded = context.RequestServices.GetRequiredService<GuardedCrates>();
        var names = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var stream in all.Select(each => each.Stream).Distinct())
        {
            var isPublic = stream.Kind == StreamName.CrateKind
                && CrateName.TryParse(stream.Key, out var name) && await guarded.IsVisible(name, by: null, context.RequestAborted);
            names.Add(isPublic ? stream.ToString() : $"{stream.Kind}/...");
        }

        return [.. names];
    }

    /// <summary>Each dependency, by name, and whether it works: <see cref="Ok"/>, or not.</summary>
    public static async Task<SortedDictionary<string, string>> Probe(IEnumerable<IDependency> dependencies, ILogger log, CancellationToken cancellationToken)
    {
        var states = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var dependency in dependencies)
        {
            try
            {
                await dependency.Probe(cancellationToken);
                states[dependency.Name] = Ok;
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // The report is public: it names what fails, the log says why.
                log.LogError(e, "{Dependency} is not ready", dependency.Name);
                states[dependency.Name] = "failing";
            }
        }

        return states;
    }
}
