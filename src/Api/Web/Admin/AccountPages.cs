using MediatR;
using Raktar.Api.Access;
using Raktar.Api.Endpoints.Accounts;
using Raktar.Api.Endpoints.Crates;
using Raktar.Api.Http;
using Raktar.Api.Web.Frame;
using Raktar.Api.Web.TokenPages;
using Raktar.Application;
using Raktar.Application.Accounts;
using Raktar.Application.Accounts.TokenChanges;
using Raktar.Application.Callers;
using Raktar.Domain;
using Raktar.Domain.Accounts;

namespace Raktar.Api.Web.Admin;

/// <summary>Accounts, their roles, teams and tokens.</summary>
internal static class AccountPages
{
    private const string Home = "/admin/accounts";

    public static void MapAccountPages(this IEndpointRouteBuilder app)
    {
        app.MapMethods(Home, Reading.Methods, All).IsPage().Demands(Demand.Accounts);
        app.MapPost(Home, Create).IsPage().Demands(Demand.Accounts);
        app.MapMethods("/admin/accounts/{login}", Reading.Methods, One).IsPage().Demands(Demand.Accounts);
        app.MapPost("/admin/accounts/{login}/role", ChangeRole).IsPage().Demands(Demand.Accounts);
        app.MapPost("/admin/accounts/{login}/teams", ChangeTeam).IsPage().Demands(Demand.Accounts);
        app.MapMethods("/admin/accounts/{login}/disabled", Reading.Methods, DisableForm).IsPage().Demands(Demand.Accounts);
        app.MapPost("/admin/accounts/{login}/disabled", Disable).IsPage().Demands(Demand.Accounts);
        app.MapPost("/admin/accounts/{login}/sessions/end", EndSessions).IsPage().Demands(Demand.Accounts);
        app.MapPost("/admin/accounts/{login}/identity/unlink", Unlink).IsPage().Demands(Demand.Accounts);
        app.MapPost("/admin/accounts/{login}/tokens", MakeToken).IsPage().Demands(Demand.Accounts);
        app.MapPost("/admin/accounts/{login}/tokens/{id}/revoke", Revoke).IsPage().Demands(Demand.Accounts);
    }

    /// <summary>The page of an account.</summary>
    public static string PathOf(Login login) => $"{Home}/{login}";

    private static async Task<IResult> All(HttpContext context, IMediator sender)
    {
        if (PageRoutes.PageOf(context) is not { } page)
        {
            return PageRoutes.NoSuchPage.ToResult();
        }

        var text = context.Request.Query["q"].ToString().Trim();
        var outcome = await sender.Send(new ListAccounts(context.Caller()), context.RequestAborted);
        return outcome.ToCargo(accounts =>
        {
            var found = accounts.Where(account => account.Login!.Text.Contains(text, StringComparison.OrdinalIgnoreCase)).ToList();
            return new Page<AccountsPage>(
                "Accounts",
                (nameof(AccountsPage.Text), text),
                (nameof(AccountsPage.Page), page),
                (nameof(AccountsPage.Total), found.Count),
                (nameof(AccountsPage.Accounts), found.Skip((page - 1) * AccountsPage.PerPage).Take(AccountsPage.PerPage).ToList()));
        });
    }

    private static async Task<IResult> One(string login, HttpContext context, IMediator sender, TokenUses uses, TimeProvider time)
    {
        if (PageRoutes.PageOf(context) is not { } page)
        {
            return PageRoutes.NoSuchPage.ToResult();
        }

        var outcome = await Named.Account(login).Then(name => sender.Send(new GetAccount(context.Caller(), name), context.RequestAborted));
        if (outcome.Refusal is { } refusal)
        {
            return refusal.ToResult();
        }

        var teams = await sender.Send(new ListTeams(context.Caller()), context.RequestAborted);
        return new Page<AccountPage>(
            login,
            (nameof(AccountPage.Account), outcome.Value),
            (nameof(AccountPage.Tokens), await TokenLines.Of(outcome.Value, page, uses, time.GetUtcNow(), context.RequestAborted)),
            (nameof(AccountPage.Teams), teams.Value.Select(team => team.Name).Take(AccountPage.MaxTeams).ToList()));
    }

    private static async Task<IResult> Create(HttpContext context, IMediator sender)
    {
        var sent = await context.ReadForm();
        if (sent.Refusal is { } refusal)
        {
            return refusal.ToResult();
        }

        var (login, role) = (NewNames.Login(sent.Value["login"]), NewNames.Role(sent.Value["role"]));
        if ((login.Refusal ?? role.Refusal) is { } wrong)
        {
            return wrong.ToResult();
        }

        // A form that makes an account must not change the role of one that is there.
        var outcome = (await sender.Send(new GetAccount(context.Caller(), login.Value), context.RequestAborted)).Refusal is null
            ? new InvalidInput($"the account `{login.Value}` is there already; its page changes its role")
            : await sender.Send(new PutAccount(context.Caller(), login.Value, role.Value), context.RequestAborted);
        return outcome.ToCargo(_ => new SeeOther(PathOf(login.Value)));
    }

    // What is only changed here must be there: nobody is registered by a mistyped address.
    private static Task<IResult> ChangeRole(string login, HttpContext context, IMediator sender) => Change(login, context, (account, form) => NewNames
        .Role(form["role"])
        .Then(role => sender.Send(new GetAccount(context.Caller(), account), context.RequestAborted)
            .Then(_ => sender.Send(new PutAccount(context.Caller(), account, role), context.RequestAborted))));

    private static Task<IResult> ChangeTeam(string login, HttpContext context, IMediator sender) => Change(login, context, async (account, form) =>
        TeamName.TryParse(form["team"], out var team)
            ? await sender.Send(new ChangeTeamMember(context.Caller(), team, account, TeamPages.IsJoining(form)), context.RequestAborted)
            : new NoSuchTeam(form["team"]));

    private static Task<IResult> DisableForm(string login, HttpContext context, IMediator sender) => Named.Account(login)
        .Then(name => sender.Send(new GetAccount(context.Caller(), name), context.RequestAborted))
        .ToCargo(account => new Page<DisablePage>(
            $"Switch {login} {(account.IsDisabled ? "on" : "off")}", (nameof(DisablePage.Account), account)));

    private static Task<IResult> Disable(string login, HttpContext context, IMediator sender) => Change(login, context, async (account, form) =>
    {
        var (isDisabling, by) = (form["do"] == "disable", context.Caller());
        if (!isDisabling && form["do"] != "enable")
        {
            return new InvalidInput("field `do` must be `disable` or `enable`");
        }

        if (isDisabling && !string.Equals(form["confirm"], account.Text, StringComparison.Ordinal))
        {
            return new InvalidInput($"to confirm, type the login, `{account}`");
        }

        var reason = form["reason"].ReplaceLineEndings("\n");
        return await sender.Send(new DisableAccount(by, account, isDisabling, reason.Length == 0 ? null : reason), context.RequestAborted);
    });

    private static Task<IResult> EndSessions(string login, HttpContext context, IMediator sender) => Change(login, context, (account, _) =>
        sender.Send(new EndSessions(context.Caller(), account), context.RequestAborted));

    private static Task<IResult> Unlink(string login, HttpContext context, IMediator sender) => Change(login, context, (account, _) =>
        sender.Send(new UnlinkIdentity(context.Caller(), account), context.RequestAborted));

    private static Task<IResult> MakeToken(string login, HttpContext context, IMediator sender, TimeProvider time) => context.ReadForm()
        .Then(form => Named.Account(login).Then(account => form.ToToken(context.Caller(), account, time.GetUtcNow())))
        .Then(command => sender.Send(command, context.RequestAborted).Map(made => (Made: made, command.Login)))
        .ToCargo(done => new Page<NewTokenPage>(
            "A new token", (nameof(NewTokenPage.Made), done.Made), (nameof(NewTokenPage.Owner), done.Login), (nameof(NewTokenPage.Back), PathOf(done.Login))));

    private static Task<IResult> Revoke(string login, string id, HttpContext context, IMediator sender) => Change(login, context, async (account, _) =>
        TokenForms.NumberOf(id) is { } number
            ? await sender.Send(new RevokeToken(context.Caller(), account, number), context.RequestAborted)
            : new TokenNotFound(id));

    /// <summary>Does what a form of an account's page asks for, and shows that page again.</summary>
    private static Task<IResult> Change(string login, HttpContext context, Func<Login, Form, Task<Outcome<Done>>> change) => context.ReadForm()
        .Then(form => Named.Account(login).Then(account => change(account, form).Map(_ => account)))
        .ToCargo(account => new SeeOther(PathOf(account)));
}
