using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.HttpOverrides;
using Raktar.Api.Hosting;
using IPNetwork = System.Net.IPNetwork;

namespace Raktar.Api.Access;

/// <summary>The networks from which reading needs no token (<c>Raktar:ReadFrom</c>), for tools that cannot send one.</summary>
internal sealed class ReadingNetworks(RaktarOptions options)
{
    private const int Ipv4InIpv6 = 96;

    private readonly IPNetwork[] _networks = [.. options.ReadFrom.Select(Parse)];

    /// <summary>
    /// Whether a request comes from one of them. Where a proxy is in between, the connection's address is the proxy's, which may be inside while the client is
    /// not: so the client's address must be known for sure, or the request is from nowhere.
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
        var address = text.Split('/')[0];
        // Parsing alone would take 10 for 0.0.0.10, and 010.0.0.0 for 8.0.0.0.
        if (!IPAddress.TryParse(address, out var plain)
            || (plain.AddressFamily == AddressFamily.InterNetwork && !string.Equals(plain.ToString(), address, StringComparison.Ordinal))
            || !IPNetwork.TryParse(text.Contains('/', StringComparison.Ordinal) ? text : $"{text}/{(plain.AddressFamily == AddressFamily.InterNetwork ? 32 : 128)}", out var network))
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
