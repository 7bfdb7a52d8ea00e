using System.Net;
using Microsoft.AspNetCore.HttpOverrides;
using IPNetwork = System.Net.IPNetwork;

namespace Raktar.Api.Settings;

/// <summary>The networks from which reading needs no token (<c>Raktar:ReadFrom</c>), for tools that cannot send one.</summary>
internal sealed class ReadingNetworks(RaktarOptions options)
{
    private const int Ipv4InIpv6 = 96;

    private readonly IPNetwork[] _networks = [.. options.ReadFrom.Select(Parse)];

    /// <summary>
    /// Whether a request comes from one of them. Where a proxy is in between, the connection's address is the proxy's, which may be inside
    /// while the client is not: so the client's address must be known for sure, or the request is from nowhere.
    /// </summary>
    public bool Include(HttpContext context)
    {
        if (_networks.Length == 0 || context.Connection.RemoteIpAddress is not { } address)
        {
            return false;
        }

        var headers = context.Request.Headers;
        var isKnown = options.BehindProxy
            ? headers.ContainsKey(ForwardedHeadersDefaults.XOriginalForHeaderName)
            : !headers.ContainsKey(ForwardedHeadersDefaults.XForwardedForHeaderName) && !headers.ContainsKey("Forwarded");
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return isKnown && Array.Exists(_networks, network => network.Contains(plain));
    }

    /// <summary>Reads one setting: a network, such as <c>10.0.0.0/8</c>, or a single address.</summary>
    public static IPNetwork Parse(string text)
    {
        var parts = text.Split('/', 2);
        var isIpv4 = !parts[0].Contains(':', StringComparison.Ordinal);
        // Parsing alone would take 10 for 0.0.0.10, and 010.0.0.0 for 8.0.0.0.
        if (!IPAddress.TryParse(parts[0], out var address)
            || (isIpv4 && !string.Equals(address.ToString(), parts[0], StringComparison.Ordinal))
            || !IPNetwork.TryParse($"{parts[0]}/{(parts.Length > 1 ? parts[1] : isIpv4 ? "32" : "128")}", out var network))
        {
            throw new SettingsException($"Raktar:ReadFrom `{text}` is no network such as 10.0.0.0/8 or 2001:db8::/32");
        }

        if (network.BaseAddress.IsIPv4MappedToIPv6 && network.PrefixLength >= Ipv4InIpv6)
        {
            network = new(network.BaseAddress.MapToIPv4(), network.PrefixLength - Ipv4InIpv6);
        }

        return network.PrefixLength > 0 ? network : throw new SettingsException($"Raktar:ReadFrom `{text}` is everybody: that is Raktar:Public");
    }
}
