using System.Globalization;
using Raktar.Api.Access;
using Raktar.Api.Background;
using Raktar.Api.Bodies;
using Raktar.Api.Http;
using Raktar.Api.Settings;
using Raktar.Application.Crates.Views;
using Raktar.Application.Log;
using Raktar.Application.Upstreams.Serving;
using Raktar.Domain.Crates;
using Raktar.Projections.Following;

namespace Raktar.Api.Endpoints.Operation;

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

    private static async Task<IResult> Ready(HttpContext context, Readiness readiness, CancellationToken cancellationToken)
    {
        var states = await readiness.States(cancellationToken);
        var ready = states.Values.All(state => string.Equals(state, Readiness.Ok, StringComparison.Ordinal));
        return JsonBodies.Json(
            new ReadyBody(ready ? "ready" : "not ready", states, await SetAside(context), Upstreams(context)), ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }

    /// <summary>How the upstreams are: builds go on with what is kept of them, so they are no reason to send nobody here either. Null: nothing is mirrored.</summary>
    private static SortedDictionary<string, string>? Upstreams(HttpContext context)
    {
        if (context.RequestServices.GetRequiredService<RaktarOptions>().Mirrored.Count == 0)
        {
            return null;
        }

        var states = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var mirror in context.RequestServices.GetRequiredService<Mirrors>().All)
        {
            states[mirror.Upstream.Name] = mirror.Upstream.Offline ? "offline"
                : mirror.Gate.Problem is not null ? $"failing since {mirror.Gate.Since.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}"
                : mirror.CrateFiles.WrongFiles is > 0 and var count ? string.Create(CultureInfo.InvariantCulture, $"sent {count} crate files with a wrong checksum")
                : Readiness.Ok;
        }

        return states;
    }

    /// <summary>What cannot be shown, which is no reason to send nobody here; null: nothing. What is not for everybody is not named to everybody.</summary>
    private static async Task<IReadOnlyList<string>?> SetAside(HttpContext context)
    {
        if (context.RequestServices.GetService<LogFollower>()?.SetAside is not { Count: > 0 } all)
        {
            return null;
        }

        var guarded = context.RequestServices.GetRequiredService<GuardedCrates>();
        var names = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var stream in all.Select(each => each.Stream).Distinct())
        {
            var isPublic = stream.Kind == StreamName.CrateKind
                && CrateName.TryParse(stream.Key, out var name)
                && (await guarded.Find(name, context.RequestAborted) is not { } crate || (!crate.IsGone && crate.IsVisibleTo(by: null)));
            names.Add(isPublic ? stream.ToString() : $"{stream.Kind}/...");
        }

        return [.. names];
    }
}
