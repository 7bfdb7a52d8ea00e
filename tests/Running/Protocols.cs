using System.Net;

namespace Raktar.Running;

/// <summary>The two ways that a client reaches the registry.</summary>
internal static class Protocols
{
    /// <summary>Clear text, HTTP/1.1.</summary>
    public const string Http1 = "HTTP/1.1";

    /// <summary>TLS with HTTP/2.</summary>
    public const string Http2 = "HTTP/2";

    public static string Scheme(string protocol) => protocol == Http2 ? "https" : "http";

    public static Version Version(string protocol) => protocol == Http2 ? HttpVersion.Version20 : HttpVersion.Version11;

    /// <summary>A client that speaks exactly this protocol, and fails when the server will not.</summary>
    public static HttpClient Client(string protocol, string url, string? token = null)
    {
        var client = new HttpClient(Certificates.Trusting())
        {
            BaseAddress = new Uri(url + "/"),
            DefaultRequestVersion = Version(protocol),
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Timeout = TimeSpan.FromMinutes(1),
        };
        if (token is not null)
        {
            client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", token);
        }

        return client;
    }
}
