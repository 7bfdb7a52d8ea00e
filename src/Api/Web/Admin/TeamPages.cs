using MediatR;
using Raktar.Api.Access;
using Raktar.Api.Endpoints.Accounts;
using Raktar.Api.Endpoints.Crates;
using Raktar.Api.Http;
using Raktar.Api.Web.Frame;
using Raktar.Application;
using Raktar.Application.Accounts;
using Raktar.Domain;
using Raktar.Domain.Accounts;

namespace Raktar.Api.Web.Admin;

/// <summary>Teams and their members.</summary>
internal static class TeamPages
{
    private const string Home = "/admin/teams";

    public static void MapTeamPages(this IEndpointRouteBuilder app)
    {
        app.MapMethods(Home, Reading.Methods, All).IsPage().Demands(Demand.Accounts);
        app.MapPost(Home, Create).IsPage().Demands(Demand.Accounts);
        app.MapMethods("/admin/teams/{team}", Reading.Methods, One).IsPage().Demands(Demand.Accounts);
        app.MapPost("/admin/teams/{team}/members", ChangeMember).IsPage().Demands(Demand.Accounts);
    }

    /// <summary>The page of a team.</summary>
    public static string PathOf(TeamName team) => $"{Home}/{team}";

    /// <summary>Whether a form puts somebody into a team; else it takes them out.</summary>
    public static bool IsJoining(Form form) => string.Equals(form["join"], "yes", StringComparison.Ordinal);

    private static async Task<IResult> All(HttpContext context, IMediator sender)
    {
        if (PageRoutes.PageOf(context) is not { } page)
        {
            return PageRoutes.NoSuchPage.ToResult();
        }

        var outcome = await sender.Send(new ListTeams(context.Caller()), context.RequestAborted);
        return outcome.ToCargo(teams => new Page<TeamsPage>(
            "Teams",
            (nameof(TeamsPage.Page), page),
            (nameof(TeamsPage.Total), teams.Count),
            (nameof(TeamsPage.Teams), teams.Skip((page - 1) * TeamsPage.PerPage).Take(TeamsPage.PerPage).ToList())));
    }

    private static async Task<IResult> One(string team, HttpContext context, IMediator sender)
    {
        if (PageRoutes.PageOf(context) is not { } page)
        {
            return PageRoutes.NoSuchPage.ToResult();
        }

        return await Named.Team(team)
            .Then(name => sender.Send(new GetTeam(context.Caller(), name), context.RequestAborted))
            .ToCargo(found => new Page<TeamPage>(team, (nameof(TeamPage.Page), page), (nameof(TeamPage.Team), found)));
    }

    private static Task<IResult> Create(HttpContext context, IMediator sender) => context.ReadForm()
        .Then(form => NewNames.Team(form["team"]))
        .Then(team => sender.Send(new PutTeam(context.Caller(), team), context.RequestAborted).Map(_ => team))
        .ToCargo(team => new SeeOther(PathOf(team)));

    private static Task<IResult> ChangeMember(string team, HttpContext context, IMediator sender) => context.ReadForm()
        .Then(form => Named.Team(team).Then<ChangeTeamMember>(name => Login.TryParse(form["login"], out var login)
            ? new ChangeTeamMember(context.Caller(), name, login, IsJoining(form))
            : new NoSuchAccount(form["login"])))
        .Then(command => sender.Send(command, context.RequestAborted).Map(_ => command.Team))
        .ToCargo(name => new SeeOther(PathOf(name)));
}
