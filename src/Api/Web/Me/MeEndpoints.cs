using MediatR;
using Raktar.Api.Access;
using Raktar.Api.Http;
using Raktar.Api.Web.Crates;
using Raktar.Api.Web.Frame;
using Raktar.Api.Web.TokenPages;
using Raktar.Application.Accounts;
using Raktar.Application.Accounts.TokenChanges;
using Raktar.Application.Crates.Search;
using Raktar.Domain;
using Raktar.Domain.Accounts;

namespace Raktar.Api.Web.Me;

/// <summary>The pages of whoever is signed in: their crates and tokens. <c>cargo login</c> sends people here.</summary>
internal static class MeEndpoints
{
    private const string Home = "/me";

    public static void MapMe(this IEndpointRouteBuilder app)
    {
        app.MapMethods(Home, Reading.Methods, Me).IsPage().Demands(Demand.Account);
        app.MapMethods("/me/crates", Reading.Methods, Crates).IsPage().Demands(Demand.ReadByAccount);
        app.MapPost("/me/tokens", MakeToken).IsPage().Demands(Demand.Account);
        app.MapPost("/me/tokens/{id}/revoke", Revoke).IsPage().Demands(Demand.Account);
    }

    private static async Task<IResult> Me(HttpContext context, IMediator sender, TokenUses uses, TimeProvider time)
    {
        if (PageRoutes.PageOf(context) is not { } page)
        {
            return PageRoutes.NoSuchPage.ToResult();
        }

        var caller = context.Caller();
        var account = await context.MyAccount(sender);
        var crates = caller.Scopes.Contains(TokenScope.Read) ? (await sender.Send(Mine(context, 1, MePage.Crates), context.RequestAborted)).Value : null;
        return new Page<MePage>(
            "Me",
            (nameof(MePage.Tokens), await TokenLines.Of(account, page, uses, time.GetUtcNow(), context.RequestAborted)),
            (nameof(MePage.Found), crates),
            (nameof(MePage.MayMakeTokens), caller.ManagesAccounts || caller.IsInPerson));
    }

    private static async Task<IResult> Crates(HttpContext context, IMediator sender)
    {
        if (PageRoutes.PageOf(context) is not { } page)
        {
            return PageRoutes.NoSuchPage.ToResult();
        }

        var found = await sender.Send(Mine(context, page, SearchPage.PerPage), context.RequestAborted);
        return found.ToCargo(crates => new Page<MyCratesPage>("My crates", (nameof(MyCratesPage.Page), page), (nameof(MyCratesPage.Found), crates)));
    }

    private static SearchCrates Mine(HttpContext context, int page, int perPage) => new()
    {
        By = context.Viewer(),
        OwnedBy = context.Viewer(),
        IncludeYanked = true,
        Order = SearchOrder.RecentUpdates,
        Page = page,
        PerPage = perPage,
    };

    private static async Task<IResult> MakeToken(HttpContext context, IMediator sender, TimeProvider time)
    {
        var (sent, caller) = (await context.ReadForm(), context.Caller());
        var command = sent.Refusal is { } refusal ? refusal : sent.Value.ToToken(caller, caller.Login, time.GetUtcNow());
        var outcome = command.Refusal is { } wrong ? wrong : await sender.Send(command.Value, context.RequestAborted);
        return outcome.ToCargo(made => new Page<NewTokenPage>("A new token", (nameof(NewTokenPage.Made), made), (nameof(NewTokenPage.Back), Home)));
    }

    private static async Task<IResult> Revoke(string id, HttpContext context, IMediator sender)
    {
        var (sent, caller) = (await context.ReadForm(), context.Caller());
        var outcome = sent.Refusal is { } refusal ? refusal
            : TokenForms.NumberOf(id) is { } number ? await sender.Send(new RevokeToken(caller, caller.Login, number), context.RequestAborted)
            : new TokenNotFound(id);
        return outcome.ToCargo(_ => new SeeOther(Home));
    }
}
