using System.Net;
using System.Net.Sockets;

namespace Raktar.Cargo.Specs.Running;

/// <summary>
/// Ports below those that the system gives to outgoing connections: a port stays ours while its server is down between a kill and a restart.
/// </summary>
internal static class Ports
{
    private static readonly Lock Choosing = new();
    private static int _next = 12_000 + (Environment.ProcessId % 15_000);

    public static int Free()
    {
        lock (Choosing)
        {
            while (true)
            {
                var port = ++_next;
                using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                try
                {
                    probe.Bind(new IPEndPoint(IPAddress.Loopback, port));
                    return port;
                }
                catch (SocketException)
                {
                    // Taken; the next one.
                }
            }
        }
    }
}
