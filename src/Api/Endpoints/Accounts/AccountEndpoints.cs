using System.Globalization;
using MediatR;
using Raktar.Api.Access;
using Raktar.Api.Bodies;
using Raktar.Api.Endpoints.Crates;
using Raktar.Api.Http;
using Raktar.Application;
using Raktar.Application.Accounts;
using Raktar.Application.Accounts.TokenChanges;
using Raktar.Application.Callers;
using Raktar.Domain;
using Raktar.Domain.Accounts;

namespace Raktar.Api.Endpoints.Accounts;

/// <summary>Accounts, teams and tokens, for administrators.</summary>
internal static class AccountEndpoints
{
    public static void MapAccounts(this IEndpointRouteBuilder app)
    {
        app.MapMethods("/api/v1/accounts", Reading.Methods, All).Demands(Demand.Accounts)
            .WithTags("accounts").WithSummary("List accounts").Produces<AccountsBody>();
        var accounts = app.MapGroup("/api/v1/accounts/{login}").WithTags("accounts");
        accounts.MapPut("/", Put).Demands(Demand.Accounts).WithSummary("Register an account or change its role").Produces<AccountBody>();
        accounts.MapMethods("/", Reading.Methods, Get).Demands(Demand.Accounts).WithSummary("One account").Produces<AccountBody>();
        accounts.MapPut("/disabled", Disable).Demands(Demand.Accounts)
            .WithSummary("Switch an account off, for a reason, or on again").Produces<AccountBody>();
        accounts.MapDelete("/sessions", EndSessions).Demands(Demand.Accounts).WithSummary("End an account's sessions").Produces<OkBody>();
        accounts.MapDelete("/identity", Unlink).Demands(Demand.Accounts)
            .WithSummary("Unlink an account from its identity").Produces<OkBody>();
        accounts.MapPost("/tokens", Issue).Demands(Demand.Accounts)
            .WithSummary("Make a token").Produces<TokenBody>(StatusCodes.Status201Created);
        accounts.MapMethods("/tokens", Reading.Methods, List).Demands(Demand.Accounts).WithSummary("List tokens").Produces<TokensBody>();
        accounts.MapDelete("/tokens/{id}", Revoke).Demands(Demand.Accounts).WithSummary("Revoke a token").Produces<OkBody>();

        var teams = app.MapGroup("/api/v1/teams/{team}").WithTags("teams");
        teams.MapPut("/", PutTeam).Demands(Demand.Accounts).WithSummary("Create a team").Produces<TeamBody>();
        teams.MapMethods("/", Reading.Methods, GetTeam).Demands(Demand.Accounts).WithSummary("A team and its members").Produces<TeamBody>();
        teams.MapPut("/members/{login}", Join).Demands(Demand.Accounts).WithSummary("Put an account into a team").Produces<OkBody>();
        teams.MapDelete("/members/{login}", Leave).Demands(Demand.Accounts).WithSummary("Take an account out of a team").Produces<OkBody>();
    }

    private static Task<IResult> All(HttpContext context, IMediator sender) => sender
        .Send(new ListAccounts(context.Caller()), context.RequestAborted)
        .ToCargo(accounts => JsonBodies.Json(new AccountsBody([.. accounts.Select(Body)])));

    private static Task<IResult> Put(string login, HttpContext context, IMediator sender) => NewNames.Login(login)
        .Then(account => context.ReadJson(ApiJson.Default.RoleRequest)
            .Then(request => NewNames.Role(request.Role))
            .Then(role => sender.Send(new PutAccount(context.Caller(), account, role), context.RequestAborted))
            .Then(_ => sender.Send(new GetAccount(context.Caller(), account), context.RequestAborted)))
        .ToCargo(found => JsonBodies.Json(Body(found)));

    private static Task<IResult> Get(string login, HttpContext context, IMediator sender) =>
        Find(login, context, sender).ToCargo(found => JsonBodies.Json(Body(found)));

    private static Task<IResult> Disable(string login, HttpContext context, IMediator sender) => Named.Account(login)
        .Then(account => context.ReadJson(ApiJson.Default.DisabledRequest)
            .Then<DisabledRequest, DisableAccount>(request => request.Disabled is { } disabled
                ? new DisableAccount(context.Caller(), account, disabled, request.Reason)
                : new InvalidInput("field `disabled` must be true or false"))
            .Then(command => sender.Send(command, context.RequestAborted))
            .Then(_ => sender.Send(new GetAccount(context.Caller(), account), context.RequestAborted)))
        .ToCargo(found => JsonBodies.Json(Body(found)));

    private static Task<IResult> EndSessions(string login, HttpContext context, IMediator sender) => Named.Account(login)
        .Then(account => sender.Send(new EndSessions(context.Caller(), account), context.RequestAborted))
        .ToCargo(Ok);

    private static Task<IResult> Unlink(string login, HttpContext context, IMediator sender) => Named.Account(login)
        .Then(account => sender.Send(new UnlinkIdentity(context.Caller(), account), context.RequestAborted))
        .ToCargo(Ok);

    private static Task<IResult> Issue(string login, HttpContext context, IMediator sender)
    {
        context.Response.Headers.CacheControl = "no-store";
        return Named.Account(login)
            .Then(account => context.ReadJson(ApiJson.Default.TokenRequest).Then(request => request.ToCommand(context.Caller(), account)))
            .Then(command => sender.Send(command, context.RequestAborted))
            .ToCargo(made => JsonBodies.Json(made.Token.ToBody(text: made.Text), StatusCodes.Status201Created));
    }

    private static async Task<IResult> List(string login, HttpContext context, IMediator sender, TokenUses uses)
    {
        var outcome = await Find(login, context, sender);
        if (outcome.Refusal is { } refusal)
        {
            return refusal.ToResult();
        }

        context.Response.Headers.CacheControl = "no-store";
        var used = await uses.Of(outcome.Value, context.RequestAborted);
        return JsonBodies.Json(new TokensBody([.. outcome.Value.Tokens.Values.Select(token => token.ToBody(used))]));
    }

    private static Task<IResult> Revoke(string login, string id, HttpContext context, IMediator sender) => Named.Account(login)
        .Then<RevokeToken>(account => int.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var token)
            ? new RevokeToken(context.Caller(), account, token)
            : new InvalidInput($"`{id}` is not a token's number"))
        .Then(command => sender.Send(command, context.RequestAborted))
        .ToCargo(Ok);

    private static Task<IResult> PutTeam(string team, HttpContext context, IMediator sender) => NewNames.Team(team)
        .Then(name => sender.Send(new PutTeam(context.Caller(), name), context.RequestAborted)
            .Then(_ => sender.Send(new GetTeam(context.Caller(), name), context.RequestAborted)))
        .ToCargo(Body);

    private static Task<IResult> GetTeam(string team, HttpContext context, IMediator sender) => Named.Team(team)
        .Then(name => sender.Send(new GetTeam(context.Caller(), name), context.RequestAborted))
        .ToCargo(Body);

    private static Task<IResult> Join(string team, string login, HttpContext context, IMediator sender) => Change(team, login, join: true, context, sender);

    private static Task<IResult> Leave(string team, string login, HttpContext context, IMediator sender) => Change(team, login, join: false, context, sender);

    private static Task<IResult> Change(string team, string login, bool join, HttpContext context, IMediator sender) => Named.Team(team)
        .Then(name => Named.Account(login)
            .Then(account => sender.Send(new ChangeTeamMember(context.Caller(), name, account, join), context.RequestAborted)))
        .ToCargo(Ok);

    private static Task<Outcome<Account>> Find(string login, HttpContext context, IMediator sender) => Named.Account(login)
        .Then(account => sender.Send(new GetAccount(context.Caller(), account), context.RequestAborted));

    private static IResult Ok(Done done) => JsonBodies.Json(new OkBody(Ok: true));

    private static IResult Body(TeamDetails team) => JsonBodies.Json(new TeamBody(team.Name.Text, [.. team.Members.Select(member => member.Text)]));

    private static AccountBody Body(Account account) => new(
        CratesIoShapes.IdOf(account.Login!.Text),
        account.Login.Text,
        account.Role.Word(),
        [.. account.Teams.Select(team => team.Text)],
        account.IsDisabled);
}
