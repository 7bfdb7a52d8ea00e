using System.Net;
using System.Net.Sockets;

namespace Raktar.Api.Access;

/// <summary>What is counted as one client where nothing but its address is known.</summary>
internal static class ClientNetwork
{
    private const int HostBytes = 8;

    /// <summary>
    /// An IPv4 address itself; of an IPv6 address its /64, which is the least that one customer or machine gets, to take any address of
    /// (https://www.rfc-editor.org/rfc/rfc6177).
    /// </summary>
    public static IPAddress Of(IPAddress? address)
    {
        if (address is not { AddressFamily: AddressFamily.InterNetworkV6 })
        {
            return address ?? IPAddress.None;
        }

        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }

        var bytes = address.GetAddressBytes();
        bytes.AsSpan(^HostBytes..).Clear();
        return new IPAddress(bytes);
    }
}
