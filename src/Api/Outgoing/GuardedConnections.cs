using System.Net;
using System.Net.Sockets;

namespace Raktar.Api.Outgoing;

/// <summary>Connections to others, and none into the network that the registry stands in where nobody allowed it.</summary>
internal static class GuardedConnections
{
    private static readonly IPNetwork[] NotPublic =
    [
        // https://www.iana.org/assignments/iana-ipv4-special-registry: this network, private, shared, loopback, link-local, protocols, benchmarks,
        // multicast and reserved.
        .. "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.168.0.0/16 198.18.0.0/15 224.0.0.0/3"
            .Split(' ').Select(IPNetwork.Parse),
        // Inside the global 2000::/3: Teredo and 6to4, which carry IPv4 addresses.
        .. "2001::/32 2002::/16".Split(' ').Select(IPNetwork.Parse),
    ];

    private static readonly IPNetwork Global = IPNetwork.Parse("2000::/3");

    /// <summary>Whether an address is one of the open Internet.</summary>
    public static bool IsPublic(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return !Array.Exists(NotPublic, network => network.Contains(plain)) && (plain.AddressFamily == AddressFamily.InterNetwork || Global.Contains(plain));
    }

    /// <summary>
    /// Connects to a host: <paramref name="anywhere"/>, or only at an address of the open Internet. What counts is the address that is connected to, so that no
    /// name can hide it.
    /// </summary>
    public static async ValueTask<Stream> Connect(DnsEndPoint end, bool anywhere, CancellationToken cancellationToken)
    {
        var addresses = await Dns.GetHostAddressesAsync(end.Host, cancellationToken);
        var allowed = anywhere ? addresses : Array.FindAll(addresses, IsPublic);
        if (allowed.Length == 0)
        {
            throw new HttpRequestException($"`{end.Host}:{end.Port}` is not at a public address");
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, end.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
