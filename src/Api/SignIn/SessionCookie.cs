using System.Security.Cryptography;
using System.Text;
using Raktar.Api.Hosting;
using Raktar.Application.Accounts;

namespace Raktar.Api.SignIn;

/// <summary>The session of a browser, in its cookie.</summary>
internal sealed class SessionCookie(RaktarOptions options)
{
    private readonly bool _isSecure = options.PublicUrl.StartsWith("https:", StringComparison.OrdinalIgnoreCase);

    // Browsers take a cookie of the first name only from https and for this host alone.
    private string Name => _isSecure ? "__Host-raktar-session" : "raktar-session";

    /// <summary>The text in a request's cookie, or null. Requests without cookies, which all of cargo's are, cost nothing.</summary>
    public string? In(HttpContext context) => context.Request.Headers.Cookie.Count == 0 ? null : context.Request.Cookies[Name];

    /// <summary>Gives it to the browser.</summary>
    public void Set(HttpContext context, string text, Session session) => context.Response.Cookies.Append(Name, text, Options(session.Until));

    /// <summary>Takes it away.</summary>
    public void Clear(HttpContext context) => context.Response.Cookies.Delete(Name, Options(until: null));

    /// <summary>What a form of a session's page must send: only who sees the page knows it.</summary>
    public static string FormKey(string text) => Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.ASCII.GetBytes(text), "form"u8));

    private CookieOptions Options(DateTimeOffset? until) =>
        new() { HttpOnly = true, Secure = _isSecure, SameSite = SameSiteMode.Lax, Path = "/", Expires = until };
}

/// <summary>Tells requests of the registry's own pages from those that other sites make browsers send.</summary>
internal sealed class SameOrigin(RaktarOptions options)
{
    private readonly string _origin = new Uri(options.PublicUrl).GetLeftPart(UriPartial.Authority);

    /// <summary>Whether a page of this registry's sent it, as the browser says: by Origin, or where that is missing by Sec-Fetch-Site.</summary>
    public bool Sent(HttpRequest request)
    {
        var origin = request.Headers.Origin.ToString();
        return origin is "" or "null"
            ? string.Equals(request.Headers["Sec-Fetch-Site"], "same-origin", StringComparison.Ordinal)
            : string.Equals(origin, _origin, StringComparison.OrdinalIgnoreCase);
    }
}
