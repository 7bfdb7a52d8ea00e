using System.Net;
using Raktar.Api.Http;
using Raktar.Api.Settings;

namespace Raktar.Api.Access;

/// <summary>
/// Answers only under the registry's own names. Else any page on the web could make a browser read a registry that asks for no token,
/// under a name of its own that it lets lead here (https://en.wikipedia.org/wiki/DNS_rebinding).
/// </summary>
internal sealed class HostMiddleware(RequestDelegate next, RaktarOptions options)
{
    private readonly string _name = new Uri(options.PublicUrl).IdnHost;
    private readonly HashSet<string> _names = new([new Uri(options.PublicUrl).IdnHost, .. options.Hosts], StringComparer.OrdinalIgnoreCase);

    public Task InvokeAsync(HttpContext context)
    {
        // As it was sent: the framework's Host has other letters than ASCII again.
        var host = new HostString(context.Request.Headers.Host.ToString()).Host;
        return IsOurs(host) || context.Request.Path.StartsWithSegments("/health", StringComparison.Ordinal)
            ? next(context)
            : context.WriteError(
                StatusCodes.Status421MisdirectedRequest,
                $"this is the registry {_name}, and it was asked as `{host}`; "
                + "a name that it should also answer to goes into Raktar:Hosts");
    }

    // An address, and a name without a dot, such as `localhost` or that of a container, cannot be a name that somebody else owns.
    // Load balancers, probes and proxies use them.
    private bool IsOurs(string host)
    {
        var name = host.AsSpan().TrimEnd('.');
        return _names.GetAlternateLookup<ReadOnlySpan<char>>().Contains(name) || !name.Contains('.') || IPAddress.TryParse(name, out _);
    }
}
