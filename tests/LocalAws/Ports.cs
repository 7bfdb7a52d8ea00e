using System.Net;
using System.Net.Sockets;

namespace Raktar.LocalAws;

/// <summary>
/// Ports for programs that must be told one. Below those that the system gives to outgoing connections, and apart for each process of a run.
/// </summary>
public static class Ports
{
    private static readonly Lock Choosing = new();
    private static int _next = 27_500 + (Environment.ProcessId * 37 % 4_500);

    /// <summary>One that nobody uses now.</summary>
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
