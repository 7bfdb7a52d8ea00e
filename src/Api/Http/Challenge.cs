using Microsoft.Extensions.Primitives;

namespace Raktar.Api.Http;

/// <summary>The challenge of a 401. The URL is absolute: cargo stops at a relative one.</summary>
internal sealed record Challenge(string LoginUrl)
{
    // RFC 7617, for programs that can send a password only.
    private const string Basic = "Basic realm=\"raktar\", charset=\"UTF-8\"";

    private readonly string _cargo = $"Cargo login_url=\"{LoginUrl}\"";

    /// <summary>
    /// The header's values. Programs that send a password only when they are asked for one, such as wget, are asked where it would help them.
    /// A browser is not: it would ask people in a window of its own, where there is a page to sign in.
    /// </summary>
    public StringValues For(HttpRequest request) =>
        (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method))
        && !request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase)
            ? new StringValues(new[] { _cargo, Basic })
            : _cargo;
}
