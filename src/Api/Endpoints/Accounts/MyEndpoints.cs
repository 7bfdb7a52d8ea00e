using System.Globalization;
using MediatR;
using Raktar.Api.Access;
using Raktar.Api.Bodies;
using Raktar.Api.Endpoints.Crates;
using Raktar.Api.Http;
using Raktar.Api.Settings;
using Raktar.Application;
using Raktar.Application.Accounts;
using Raktar.Application.Accounts.TokenChanges;
using Raktar.Application.Callers;
using Raktar.Application.TrustedPublishing;
using Raktar.Domain;
using Raktar.Domain.Accounts;

namespace Raktar.Api.Endpoints.Accounts;

/// <summary>What everybody may ask and change of their own: who they are, their tokens (crates.io's <c>/me/tokens</c>), and tokens that leaked.</summary>
internal static class MyEndpoints
{
    public static void MapMine(this IEndpointRouteBuilder app)
    {
        var mine = app.MapGroup("/api/v1").WithTags("my account");
        mine.MapMethods("/me", Reading.Methods, Me).Demands(Demand.Account).WithSummary("Whose token this is, and what it is good for").Produces<MeBody>();
        mine.MapMethods("/me/tokens", Reading.Methods, List).Demands(Demand.Account)
            .WithSummary("My live tokens, or of a token itself").Produces<MyTokensBody>();
        mine.MapPut("/me/tokens", Issue).Demands(Demand.Account).WithSummary("Make a token for myself").Produces<MyTokenBody>();
        mine.MapMethods("/me/tokens/{id}", Reading.Methods, Get).Demands(Demand.Account).WithSummary("One of my tokens").Produces<MyTokenBody>();
        mine.MapDelete("/me/tokens/{id}", Revoke).Demands(Demand.Account).WithSummary("Revoke one of my tokens").Produces<OkBody>();
        mine.MapDelete("/tokens/current", RevokeThis).Demands(Demand.Account).WithSummary("Revoke the token of this request").Produces(StatusCodes.Status204NoContent);
        mine.MapPost("/tokens/leaked", Leaked).Demands(Demand.Nothing).WithSummary("Report a token that leaked: it is revoked").Produces<OkBody>();
    }

    private static IResult Me(HttpContext context, RaktarOptions options)
    {
        var caller = context.Caller();
        context.Response.Headers.CacheControl = "no-store";
        return JsonBodies.Json(new MeBody(
            caller.Login.ToBody(options.PublicUrl),
            caller.Role.Word(),
            caller.Token,
            [.. caller.Teams.Select(team => team.Text)],
            caller.Scopes.Words(),
            caller.Crates.Words()));
    }

    private static async Task<IResult> List(HttpContext context, IMediator sender, TokenUses uses, TimeProvider time)
    {
        var account = await Mine(context, sender);
        var used = await uses.Of(account, context.RequestAborted);
        return JsonBodies.Json(new MyTokensBody(
            [.. account.Tokens.Values.Where(token => token.IsLive(time.GetUtcNow())).OrderByDescending(token => token.Id).Select(token => token.ToBody(used))]));
    }

    private static async Task<IResult> Issue(HttpContext context, IMediator sender)
    {
        var caller = context.Caller();
        var read = await context.ReadJson(ApiJson.Default.MyTokenRequest);
        var command = read.Refusal is { } refusal ? refusal
            : read.Value.ApiToken is { } request ? request.ToCommand(caller, caller.Login)
            : new InvalidInput("field `api_token` is missing");
        var outcome = command.Refusal is { } wrong ? wrong : await sender.Send(command.Value, context.RequestAborted);
        context.Response.Headers.CacheControl = "no-store";
        return outcome.ToCargo(made => JsonBodies.Json(new MyTokenBody(made.Token.ToBody(text: made.Text))));
    }

    private static async Task<IResult> Get(string id, HttpContext context, IMediator sender, TokenUses uses)
    {
        var account = await Mine(context, sender);
        return Number(id) is { } number && account.Tokens.TryGetValue(number, out var token)
            ? JsonBodies.Json(new MyTokenBody(token.ToBody(await uses.Of(account, context.RequestAborted))))
            : new TokenNotFound(id).ToResult();
    }

    private static async Task<IResult> Revoke(string id, HttpContext context, IMediator sender)
    {
        var caller = context.Caller();
        var outcome = Number(id) is { } number
            ? await sender.Send(new RevokeToken(caller, caller.Login, number), context.RequestAborted)
            : new TokenNotFound(id);
        return outcome.ToCargo(_ => JsonBodies.Json(new OkBody(Ok: true)));
    }

    private static async Task<IResult> RevokeThis(HttpContext context, IMediator sender)
    {
        var caller = context.Caller();
        if (caller.Run is not null && AccessMiddleware.TokenIn(context.Request.Headers.Authorization, out _) is { } text)
        {
            var ended = await sender.Send(new RevokeCiToken(text, Reason: null, context.RequestInfo()), context.RequestAborted);
            return ended.ToCargo(_ => Results.NoContent());
        }

        if (caller.Token is not { } token)
        {
            return new InvalidInput("this request has no token to revoke").ToResult();
        }

        var outcome = await sender.Send(new RevokeToken(caller, caller.Login, token), context.RequestAborted);
        return outcome.ToCargo(_ => Results.NoContent());
    }

    private static async Task<IResult> Leaked(HttpContext context, IMediator sender, FailedAuthentications failures)
    {
        var read = await context.ReadJson(ApiJson.Default.LeakedTokenRequest);
        if (read.Refusal is { } refusal)
        {
            return refusal.ToResult();
        }

        if (read.Value.Token is not { Length: > 0 and <= 512 } token)
        {
            return new InvalidInput("field `token` must be the token").ToResult();
        }

        // Each is a guess as much as a report.
        if (failures.TooMany(context.Connection.RemoteIpAddress) is { } wait)
        {
            return new TooMany("too many reports from this address", wait).ToResult();
        }

        var outcome = CiTokens.IsOne(token)
            ? await sender.Send(new RevokeCiToken(token, "reported as leaked", context.RequestInfo()), context.RequestAborted)
            : await sender.Send(new ReportLeakedToken(token, context.RequestInfo()), context.RequestAborted);
        return outcome.ToCargo(_ => JsonBodies.Json(new OkBody(Ok: true)));
    }

    private static Task<Account> Mine(HttpContext context, IMediator sender)
    {
        context.Response.Headers.CacheControl = "no-store";
        return context.MyAccount(sender);
    }

    private static int? Number(string id) => int.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
