using System.Net;
using Microsoft.Extensions.Primitives;
using Raktar.Api.Http;
using Raktar.Api.Settings;
using Raktar.Application.Accounts;
using Raktar.Application.Callers;
using Raktar.Application.TrustedPublishing;
using Raktar.Domain;
using Raktar.Domain.Accounts;

namespace Raktar.Api.Access;

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
            return demand.Reading || IsDelivery(context) ? next(context) : context.WriteRefusal(NoToken);
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

        var caller = CiTokens.IsOne(token) ? new(runs.Authenticate(token, context.RequestAborted)) : accounts.Authenticate(token, context.RequestAborted);
        return caller.IsCompletedSuccessfully ? Enter(context, demand, token, caller.Result) : EnterLater(context, demand, token, caller);
    }

    /// <summary>Whether a request is an event that AWS Lambda's web adapter delivers: from this machine, with the invocation's context, and from no HTTP event.</summary>
    private static bool IsDelivery(HttpContext context) =>
        context.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address)
        && context.Request.Headers.ContainsKey("x-amzn-lambda-context")
        && !context.Request.Headers.ContainsKey("x-forwarded-for");

    private Task EnterUnknown(HttpContext context, Demand demand) =>
        demand.Reading && (options.Public || networks.Include(context)) ? next(context) : context.WriteRefusal(NoToken);

    private async Task EnterInSession(HttpContext context, Demand demand)
    {
        if (await browsers.Find(context) is not { } signedIn)
        {
            await EnterUnknown(context, demand);
            return;
        }

        context.IsBy(signedIn.Caller);
        context.Items[typeof(SignedIn)] = signedIn;
        // Browsers send the cookie along with whatever any page makes them send.
        if ((IsChange(context) && !sameOrigin.Sent(context.Request) ? SameOrigin.Refusal : demand.Refuse(signedIn.Caller) ?? TooManyChanges(context)) is { } refusal)
        {
            await context.WriteRefusal(refusal);
            return;
        }

        await next(context);
    }

    private async Task EnterLater(HttpContext context, Demand demand, string token, ValueTask<Caller?> caller) =>
        await Enter(context, demand, token, await caller);

    private Task Enter(HttpContext context, Demand demand, string token, Caller? caller)
    {
        if (caller is null)
        {
            return failures.TooMany(context.Connection.RemoteIpAddress) is { } wait
                ? context.WriteRefusal(new TooMany("too many failed authentications from this address", wait))
                : context.WriteRefusal(Tokens.IsWellFormed(token) || CiTokens.StreamOf(token) is not null ? UnknownToken : StrangeToken);
        }

        // Known also when refused: the audit says who tried.
        context.IsBy(caller);
        if ((demand.Refuse(caller) ?? TooManyChanges(context)) is { } refusal)
        {
            return context.WriteRefusal(refusal);
        }

        uses?.Note(caller);
        return next(context);
    }

    private static bool IsChange(HttpContext context) =>
        !HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method) && !HttpMethods.IsOptions(context.Request.Method);

    private Refusal? TooManyChanges(HttpContext context) =>
        IsChange(context) && context.GetEndpoint()?.Metadata.GetMetadata<OwnRate>() is null ? rates.Spend(Rate.Change, context.Caller()) : null;

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
