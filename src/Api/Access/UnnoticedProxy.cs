using Raktar.Api.Settings;

namespace Raktar.Api.Access;

/// <summary>Tells the operator that a proxy seems to be in front of a registry that was not told so.</summary>
internal sealed class UnnoticedProxy(RequestDelegate next, OperatorWarnings warnings)
{
    private const string Sentence =
        "Requests come with X-Forwarded-For, and Raktar:BehindProxy is off. If a proxy is in front, set it: until then all clients count as "
        + "one address, the audit has the proxy's, and one client that fails to authenticate makes the others wait. "
        + "See docs/behind-a-proxy.md";

    public Task InvokeAsync(HttpContext context)
    {
        if (context.Request.Headers.ContainsKey("X-Forwarded-For"))
        {
            warnings.Say(Sentence);
        }

        return next(context);
    }
}
