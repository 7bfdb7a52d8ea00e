using MediatR;
using Microsoft.Extensions.Primitives;
using Raktar.Api.Cargo;
using Raktar.Api.Hosting;
using Raktar.Api.SignIn;
using Raktar.Application.Accounts;
using Raktar.Application.Callers;
using Raktar.Application.TrustedPublishing;
using Raktar.Domain;
using Raktar.Domain.Accounts;

namespace Raktar.Api.Access;

/// <summary>What a route demands of its caller. A route that says nothing is for nobody.</summary>
/// <param name="Role">The least role; null: no token is asked for.</param>
/// <param name="Reading">Whether it only reads: a public registry opens it, and without a role it is open to everybody.</param>
/// <param name="Scopes">The token must be good for one of these; none: any live token will do.</param>
internal sealed record Demand(Role? Role, bool Reading, params TokenScope[] Scopes)
{
    /// <summary>Open to everybody: health, and the page that says how to sign in.</summary>
    public static Demand Nothing { get; } = new(null, Reading: true);

    /// <summary>Only what the bus delivers on this machine; see <see cref="LambdaFunction"/>.</summary>
    public static Demand Delivery { get; } = new(null, Reading: false);

    /// <summary>Reading: any account, or everybody on a public registry.</summary>
    public static Demand Read { get; } = new(Domain.Accounts.Role.Reader, Reading: true, TokenScope.Read);

    /// <summary>What there is at an address where there is nothing: whoever may read may learn that.</summary>
    public static Demand Nowhere { get; } = new(Domain.Accounts.Role.Reader, Reading: true);

    /// <summary>Reading as somebody known, also on a public registry.</summary>
    public static Demand ReadByAccount { get; } = new(Domain.Accounts.Role.Reader, Reading: false, TokenScope.Read);

    /// <summary>Any account with any live token: what concerns only that account.</summary>
    public static Demand Account { get; } = new(Domain.Accounts.Role.Reader, Reading: false);

    /// <summary>Publishing; which of the two it is depends on the crate.</summary>
    public static Demand Publish { get; } = new(Domain.Accounts.Role.Member, Reading: false, TokenScope.PublishNew, TokenScope.PublishUpdate);

    /// <summary>Yanking.</summary>
    public static Demand Yank { get; } = new(Domain.Accounts.Role.Member, Reading: false, TokenScope.Yank);

    /// <summary>Managing a crate: its owners, visibility and trusted publishers.</summary>
    public static Demand Owners { get; } = new(Domain.Accounts.Role.Member, Reading: false, TokenScope.ChangeOwners);

    /// <summary>Reading the audit: as an administrator, or as who may read the crate.</summary>
    public static Demand Audit { get; } = new(Domain.Accounts.Role.Reader, Reading: false, TokenScope.Admin, TokenScope.Read);

    /// <summary>Managing the registry.</summary>
    public static Demand Admin { get; } = new(Domain.Accounts.Role.Admin, Reading: false, TokenScope.Admin);

    /// <summary>Managing accounts, teams and tokens: not for tokens that are narrowed to some crates.</summary>
    public static Demand Accounts { get; } = Admin with { ForAllCrates = true };

    /// <summary>Whether the token must be good for all crates.</summary>
    public bool ForAllCrates { get; init; }

    /// <summary>Why somebody known is not let in, or null.</summary>
    public Refusal? Refuse(TokenOwner owner) =>
        owner.Role < Role ? new NotAllowed($"the account `{owner.Login}` is a {Word(owner.Role)}; this needs the role {Word(Role.Value)}")
        : Scopes.Length > 0 && !Array.Exists(Scopes, scope => owner.Scopes.Contains(scope)) ? new NotAllowed($"the token lacks the scope `{Scopes[^1].Word()}`")
        : ForAllCrates && !owner.Crates.Contains(CratePattern.All)
            ? new NotAllowed("a token for some crates only manages no accounts, teams and tokens")
        : null;

    private static string Word(Role role) => role.ToString().ToLowerInvariant();
}

/// <summary>Marks a route that spends from a rate of its own, and not from that of all changes.</summary>
internal sealed record OwnRate;

/// <summary>The challenge of a 401. The URL is absolute: cargo stops at a relative one.</summary>
internal sealed record Challenge(string LoginUrl)
{
    private readonly string _cargo = $"Cargo login_url=\"{LoginUrl}\"";

    /// <summary>
    /// The header's values. Programs that send a password only when they are asked for one, such as wget, are asked where it would help them.
    /// A browser is not: it would ask people in a window of its own, where there is a page to sign in.
    /// </summary>
    public StringValues For(HttpRequest request) =>
        (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method))
        && !request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase)
            ? new StringValues(new[] { _cargo, BasicPassword.Challenge })
            : _cargo;
}

/// <summary>Finds out who asks and lets the request through to its route, or not. Every route goes through here; unknown paths too.</summary>
internal sealed class AccessMiddleware(
    RequestDelegate next,
    AccountDirectory accounts,
    CiTokenDirectory runs,
    RaktarOptions options,
    ReadingNetworks networks,
    FailedAuthentications failures,
    BrowserSessions browsers,
    SameOrigin sameOrigin,
    IRateLimits rates,
    TokenUses? uses = null)
{
    private static readonly Unauthenticated NoToken = new("authentication is required: send a token, see `cargo login`");
    private static readonly Unauthenticated UnknownToken = new("authentication failed");
    private static readonly Unauthenticated StrangeToken = new("token format is not recognised");
    private static readonly Unauthenticated BasicToWrite = new("HTTP Basic is for reading only: send the token itself, or `Bearer` and the token");

    public Task InvokeAsync(HttpContext context)
    {
        // A route that forgot to say is for accounts. Where there is no route, or none for this method, there is nothing to keep from readers.
        var endpoint = context.GetEndpoint();
        var demand = endpoint?.Metadata.GetMetadata<Demand>() ?? (endpoint is RouteEndpoint ? Demand.Account : Demand.Nowhere);
        if (demand.Role is null)
        {
            return demand.Reading || LambdaFunction.IsDelivery(context) ? next(context) : context.WriteRefusal(NoToken);
        }

        var authorization = context.Request.Headers.Authorization;
        if (authorization.Count == 0)
        {
            return browsers.HasCookie(context) ? EnterInSession(context, demand) : EnterUnknown(context, demand);
        }

        if (TokenIn(context.Request, out var refusal) is not { } token)
        {
            return context.WriteRefusal(refusal);
        }

        var owner = CiTokens.IsOne(token) ? new(runs.Authenticate(token, context.RequestAborted)) : accounts.Authenticate(token, context.RequestAborted);
        return owner.IsCompletedSuccessfully ? Enter(context, demand, token, owner.Result) : EnterLater(context, demand, token, owner);
    }

    private Task EnterUnknown(HttpContext context, Demand demand) =>
        demand.Reading && (options.Public || networks.Include(context)) ? next(context) : context.WriteRefusal(NoToken);

    private async Task EnterInSession(HttpContext context, Demand demand)
    {
        if (await browsers.Find(context) is not { } signedIn)
        {
            await EnterUnknown(context, demand);
            return;
        }

        context.Items[typeof(TokenOwner)] = signedIn.Owner;
        context.Items[typeof(SignedIn)] = signedIn;
        // Browsers send the cookie along with whatever any page makes them send.
        if ((IsChange(context) && !sameOrigin.Sent(context.Request) ? SameOrigin.Refusal : demand.Refuse(signedIn.Owner) ?? TooManyChanges(context)) is { } refusal)
        {
            await context.WriteRefusal(refusal);
            return;
        }

        await next(context);
    }

    private async Task EnterLater(HttpContext context, Demand demand, string token, ValueTask<TokenOwner?> owner) =>
        await Enter(context, demand, token, await owner);

    private Task Enter(HttpContext context, Demand demand, string token, TokenOwner? owner)
    {
        if (owner is null)
        {
            return failures.TooMany(context.Connection.RemoteIpAddress) is { } wait
                ? context.WriteRefusal(new TooMany("too many failed authentications from this address", wait))
                : context.WriteRefusal(Tokens.IsWellFormed(token) || CiTokens.StreamOf(token) is not null ? UnknownToken : StrangeToken);
        }

        // Known also when refused: the audit says who tried.
        context.Items[typeof(TokenOwner)] = owner;
        if ((demand.Refuse(owner) ?? TooManyChanges(context)) is { } refusal)
        {
            return context.WriteRefusal(refusal);
        }

        uses?.Note(owner);
        return next(context);
    }

    private static bool IsChange(HttpContext context) =>
        !HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method) && !HttpMethods.IsOptions(context.Request.Method);

    private Refusal? TooManyChanges(HttpContext context) =>
        IsChange(context) && context.GetEndpoint()?.Metadata.GetMetadata<OwnRate>() is null ? rates.Change(context.Caller()) : null;

    // Browsers send a password that they once were given along with whatever any page makes them send, so nothing is changed by one.
    private static string? TokenIn(HttpRequest request, out Refusal refusal)
    {
        var authorization = request.Headers.Authorization;
        if (authorization.Count != 1 || !BasicPassword.IsIn(authorization[0]))
        {
            return TokenIn(authorization, out refusal);
        }

        var isReading = HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method);
        refusal = isReading ? StrangeToken : BasicToWrite;
        return isReading && BasicPassword.TryRead(authorization[0], out var token) ? token : null;
    }

    /// <summary>Cargo sends the bare token; people also store it as <c>Bearer ...</c>. The token is never echoed.</summary>
    public static string? TokenIn(StringValues authorization, out Refusal refusal)
    {
        refusal = NoToken;
        if (authorization.Count > 1)
        {
            refusal = new Unauthenticated("more than one authorization header");
            return null;
        }

        var value = authorization.ToString().AsSpan().Trim(" \t");
        if (value.IndexOf(' ') is > 0 and var space)
        {
            if (!value[..space].Equals("bearer", StringComparison.OrdinalIgnoreCase))
            {
                // Only the scheme's name, and only if it looks like one: it could be half a secret.
                refusal = new Unauthenticated("unsupported authorization scheme; send the token, or `Bearer` and the token");
                return null;
            }

            value = value[space..].Trim(" \t");
        }

        if (value.IsEmpty || value.ContainsAnyExceptInRange('!', '~'))
        {
            refusal = StrangeToken;
            return null;
        }

        return value.Length == authorization.ToString().Length ? authorization.ToString() : value.ToString();
    }
}

/// <summary>What the access check found out, for endpoints.</summary>
internal static class Callers
{
    /// <summary>Says what a route demands.</summary>
    public static T Demands<T>(this T route, Demand demand)
        where T : IEndpointConventionBuilder
    {
        route.Add(builder => builder.Metadata.Add(demand));
        return route;
    }

    /// <summary>Who asks. Only on routes that demand an account.</summary>
    public static Caller Caller(this HttpContext context)
    {
        var owner = (TokenOwner)context.Items[typeof(TokenOwner)]!;
        return new(owner.Login, owner.Role, owner.Token, context.Client(), context.TraceIdentifier)
        {
            Teams = owner.Teams,
            Scopes = owner.Scopes,
            Crates = owner.Crates,
            ExpiresAt = owner.ExpiresAt,
            Ci = owner.Ci,
            TrustedBy = owner.TrustedBy,
        };
    }

    /// <summary>
    /// The caller's account with those of its tokens that the caller may see: a token sees itself, so that whoever finds it does not learn of
    /// the others. A run of a continuous integration has no account, and so no tokens.
    /// </summary>
    public static async Task<Account> MyAccount(this HttpContext context, IMediator sender)
    {
        var caller = context.Caller();
        var found = await sender.Send(new GetAccount(caller.Login), context.RequestAborted);
        return found.Refusal is not null ? Account.Unregistered
            : caller.IsInPerson || caller.ManagesAccounts ? found.Value
            : found.Value with { Tokens = found.Value.Tokens.RemoveRange(found.Value.Tokens.Keys.Where(id => id != caller.Token)) };
    }

    /// <summary>Who reads; null: somebody unknown, on a public registry.</summary>
    public static Identity? Viewer(this HttpContext context) => context.Items.TryGetValue(typeof(TokenOwner), out var owner) ? ((TokenOwner)owner!).Identity : null;

    /// <summary>The client's user agent, as far as it goes into the log.</summary>
    public static string? Client(this HttpContext context)
    {
        var agent = context.Request.Headers.UserAgent.ToString();
        return agent.Length == 0 ? null
            : new string([.. context.RequestServices.GetRequiredService<Secrets>().Without(agent).Where(c => !char.IsControl(c)).Take(200)]);
    }
}
