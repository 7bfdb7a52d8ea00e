using Raktar.Api.Outgoing;

namespace Raktar.Api.OpenId;

/// <summary>
/// Asks an issuer, and whom it refers to, without being led astray: no redirects, little time, small answers, and no connection into the network that the
/// registry stands in unless the operator named that very host. What counts is the address that is connected to, so that no name can hide it.
/// </summary>
internal static class GuardedHttp
{
    private const int MaxAnswerBytes = 256 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>A client for what <paramref name="issuer"/> says; only at its own host and port may the address be one that is not public.</summary>
    public static HttpClient For(Uri issuer) => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        // A proxy would connect where we cannot look.
        UseProxy = false,
        ConnectTimeout = Patience,
        PooledConnectionLifetime = TimeSpan.FromMinutes(1),
        ConnectCallback = (context, cancellationToken) => GuardedConnections.Connect(
            context.DnsEndPoint, issuer.IdnHost.Equals(context.DnsEndPoint.Host, StringComparison.OrdinalIgnoreCase) && issuer.Port == context.DnsEndPoint.Port, cancellationToken),
    })
    {
        Timeout = Patience,
        MaxResponseContentBufferSize = MaxAnswerBytes,
    };
}
