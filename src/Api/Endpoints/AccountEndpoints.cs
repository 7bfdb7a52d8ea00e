using System.Globalization;
using MediatR;
using Raktar.Api.Access;
using Raktar.Api.Cargo;
using Raktar.Application.Accounts;
using Raktar.Domain;
using Raktar.Domain.Accounts;

namespace Raktar.Api.Endpoints;

/// <summary>Accounts and their tokens, for administrators; <c>GET /api/v1/me</c> for everybody with an account.</summary>
internal static class AccountEndpoints
{
    public static void MapAccounts(this IEndpointRouteBuilder app)
    {
        app.MapRead("/api/v1/me", Me).Demands(Demand.Account).WithTags("accounts").WithSummary("Whose token this is").Produces<MeBody>();
        var accounts = app.MapGroup("/api/v1/accounts/{login}").WithTags("accounts");
        accounts.MapPut("/", Put).Demands(Demand.Admin).WithSummary("Register an account or change its role").Produces<AccountBody>();
        accounts.MapPost("/tokens", Issue).Demands(Demand.Admin).WithSummary("Make a token").Produces<NewTokenBody>(StatusCodes.Status201Created);
        accounts.MapRead("/tokens", List).Demands(Demand.Admin).WithSummary("List tokens").Produces<TokensBody>();
        accounts.MapDelete("/tokens/{id}", Revoke).Demands(Demand.Admin).WithSummary("Revoke a token").Produces<OkBody>();
    }

    private static IResult Me(HttpContext context)
    {
        var caller = context.Caller();
        context.Response.Headers.CacheControl = "no-store";
        return JsonBodies.Json(new MeBody(caller.Login.ToBody(), Word(caller.Role), caller.Token));
    }

    private static async Task<IResult> Put(string login, HttpContext context, IMediator sender)
    {
        if (!Login.TryParse(login, out var account))
        {
            return new InvalidInput($"`{login}` is not a login: use 1 to {Login.MaxLength} of a-z, 0-9, `.`, `_`, `@`, `-`").ToResult();
        }

        var read = await context.ReadJson(ApiJson.Default.RoleRequest);
        if (read.Refusal is { } refusal)
        {
            return refusal.ToResult();
        }

        if (!Enum.TryParse<Role>(read.Value.Role, ignoreCase: true, out var role) || !string.Equals(Word(role), read.Value.Role, StringComparison.Ordinal))
        {
            return new InvalidInput("field `role` must be `admin`, `publisher` or `reader`").ToResult();
        }

        var outcome = await sender.Send(new PutAccount(context.Caller(), account, role), context.RequestAborted);
        return outcome.ToCargo(_ => JsonBodies.Json(new AccountBody(CratesIoShapes.IdOf(account.Text), account.Text, Word(role))));
    }

    private static async Task<IResult> Issue(string login, HttpContext context, IMediator sender)
    {
        if (!Login.TryParse(login, out var account))
        {
            return new AccountNotFound(login).ToResult();
        }

        var read = await context.ReadJson(ApiJson.Default.TokenRequest);
        if (read.Refusal is { } refusal)
        {
            return refusal.ToResult();
        }

        if (read.Value.Name is not { } name)
        {
            return new InvalidInput("field `name` is missing").ToResult();
        }

        var outcome = await sender.Send(new IssueToken(context.Caller(), account, name), context.RequestAborted);
        context.Response.Headers.CacheControl = "no-store";
        return outcome.ToCargo(token => JsonBodies.Json(new NewTokenBody(token.Id, token.Name, token.Text), StatusCodes.Status201Created));
    }

    private static async Task<IResult> List(string login, HttpContext context, IMediator sender)
    {
        if (!Login.TryParse(login, out var account))
        {
            return new AccountNotFound(login).ToResult();
        }

        var outcome = await sender.Send(new GetAccount(account), context.RequestAborted);
        context.Response.Headers.CacheControl = "no-store";
        return outcome.ToCargo(found => JsonBodies.Json(new TokensBody(
            [.. found.Tokens.Values.Select(token => new TokenBody(token.Id, token.Name, token.IsRevoked))])));
    }

    private static async Task<IResult> Revoke(string login, string id, HttpContext context, IMediator sender)
    {
        if (!Login.TryParse(login, out var account))
        {
            return new AccountNotFound(login).ToResult();
        }

        if (!int.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var token))
        {
            return new InvalidInput($"`{id}` is not a token's number").ToResult();
        }

        var outcome = await sender.Send(new RevokeToken(context.Caller(), account, token), context.RequestAborted);
        return outcome.ToCargo(_ => JsonBodies.Json(new OkBody(Ok: true)));
    }

    private static string Word(Role role) => role.ToString().ToLowerInvariant();
}
