using MediatR;
using Raktar.Api.Access;
using Raktar.Api.Background;
using Raktar.Api.Http;
using Raktar.Api.Settings;
using Raktar.Api.Web.Frame;
using Raktar.Application.Accounts;
using Raktar.Application.Crates.Search;
using Raktar.Application.Proofs;
using Raktar.Projections.Following;

namespace Raktar.Api.Web.Admin;

/// <summary>How the registry is, for administrators.</summary>
internal static class AdminEndpoints
{
    /// <summary>Commits that are not projected yet are counted no further.</summary>
    public const int MostBehind = 1000;

    public static void MapAdmin(this IEndpointRouteBuilder app)
    {
        app.MapMethods("/admin", Reading.Methods, Overview).IsPage().Demands(Demand.Admin);
        app.MapPost("/admin/checkpoints", MakeCheckpoint).IsPage().Demands(Demand.Admin);
        app.MapPost("/admin/set-aside", TryAgain).IsPage().Demands(Demand.Admin);
        app.MapAccountPages();
        app.MapTeamPages();
    }

    private static async Task<IResult> Overview(HttpContext context, IMediator sender, Readiness readiness)
    {
        var cancellationToken = context.RequestAborted;
        var follower = context.RequestServices.GetService<LogFollower>();
        var checkpoint = await sender.Send(new GetCheckpoint(Number: null), cancellationToken);
        return new Page<AdminPage>(
            "Administration",
            (nameof(AdminPage.States), await readiness.States(cancellationToken)),
            (nameof(AdminPage.Warnings), context.RequestServices.GetRequiredService<OperatorWarnings>().All),
            (nameof(AdminPage.Behind), follower is null ? null : await follower.Behind(MostBehind, cancellationToken)),
            (nameof(AdminPage.SetAside), follower?.SetAside ?? []),
            (nameof(AdminPage.Crates), (await sender.Send(new CountCrates(context.Viewer()), cancellationToken)).Value),
            (nameof(AdminPage.Accounts), (await sender.Send(new ListAccounts(context.Caller()), cancellationToken)).Value.Count),
            (nameof(AdminPage.Teams), (await sender.Send(new ListTeams(context.Caller()), cancellationToken)).Value.Count),
            (nameof(AdminPage.Newest), checkpoint.Refusal is null ? checkpoint.Value : null));
    }

    private static async Task<IResult> TryAgain(HttpContext context, IServiceProvider services)
    {
        if ((await context.ReadForm()).Refusal is { } refusal)
        {
            return refusal.ToResult();
        }

        services.GetService<LogFollower>()?.TryAgain();
        return new SeeOther("/admin");
    }

    private static async Task<IResult> MakeCheckpoint(HttpContext context, IMediator sender)
    {
        var sent = await context.ReadForm();
        var outcome = sent.Refusal is { } refusal ? refusal : await sender.Send(new MakeCheckpoint(context.Caller()), context.RequestAborted);
        return outcome.ToCargo(_ => new SeeOther("/admin"));
    }
}
