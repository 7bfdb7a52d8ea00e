using MediatR;
using Raktar.Api.Http;
using Raktar.Application.Accounts;
using Raktar.Application.Callers;
using Raktar.Domain;
using Raktar.Domain.Accounts;

namespace Raktar.Api.Access;

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
        var caller = context.KnownCaller() ?? throw new InvalidOperationException("the route demands no account");
        return caller with { Request = context.RequestInfo() };
    }

    /// <summary>Who asks, if that is known; for what only looks at it.</summary>
    public static Caller? KnownCaller(this HttpContext context) => context.Items.TryGetValue(typeof(Caller), out var caller) ? (Caller?)caller : null;

    /// <summary>From here on it is this one who asks.</summary>
    public static void IsBy(this HttpContext context, Caller caller) => context.Items[typeof(Caller)] = caller;

    /// <summary>What the log says of the request itself.</summary>
    public static RequestInfo RequestInfo(this HttpContext context) => new(context.Client(), context.TraceIdentifier);

    /// <summary>
    /// The caller's account with those of its tokens that the caller may see: a token sees itself, so that whoever finds it does not learn of
    /// the others. A run of a continuous integration has no account, and so no tokens.
    /// </summary>
    public static async Task<Account> MyAccount(this HttpContext context, IMediator sender)
    {
        var caller = context.Caller();
        var found = await sender.Send(new GetAccount(caller, caller.Login), context.RequestAborted);
        return found.Refusal is not null ? Account.Unregistered
            : caller.IsInPerson || caller.ManagesAccounts ? found.Value
            : found.Value with { Tokens = found.Value.Tokens.RemoveRange(found.Value.Tokens.Keys.Where(id => id != caller.Token)) };
    }

    /// <summary>Who reads; null: somebody unknown, on a public registry.</summary>
    public static Requester? Viewer(this HttpContext context) => context.KnownCaller()?.Requester;

    /// <summary>The client's user agent, as far as it goes into the log.</summary>
    public static string? Client(this HttpContext context)
    {
        var agent = context.Request.Headers.UserAgent.ToString();
        return agent.Length == 0 ? null
            : new string([.. context.RequestServices.GetRequiredService<Secrets>().Without(agent).Where(c => !char.IsControl(c)).Take(200)]);
    }
}
