using System.Security.Cryptography;
using System.Text;
using Raktar.Api.Settings;
using Raktar.Application.Accounts;
using Raktar.Application.Callers;
using Raktar.Domain;
using Raktar.Domain.Accounts;

namespace Raktar.Api.Access;

/// <summary>Who is signed in in the browser that sent a request, and that session.</summary>
internal sealed record SignedIn(string Text, Session Session, Caller Caller)
{
    private const int SaltLength = 16;

    /// <summary>
    /// What a form on this session's page must send along: only who sees the page knows it. Another text each time, so that it cannot be guessed from the size of
    /// compressed pages (https://breachattack.com).
    /// </summary>
    public string FormKey => KeyOf(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(SaltLength / 2)));

    /// <summary>Whether a form of this session's pages sent it.</summary>
    public bool IsFormKey(string key) =>
        key.Length > SaltLength && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(KeyOf(key[..SaltLength])));

    private string KeyOf(string salt) => salt + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.ASCII.GetBytes(Text), Encoding.UTF8.GetBytes($"form{salt}")));
}

/// <summary>Sessions in browsers' cookies.</summary>
internal sealed class BrowserSessions(RaktarOptions options, Sessions sessions, AccountDirectory accounts, TimeProvider time)
{
    private readonly bool _isSecure = options.PublicUrl.StartsWith("https:", StringComparison.OrdinalIgnoreCase);

    // Browsers take a cookie of the first name only over https, for all of this host and for no other.
    private string Cookie => _isSecure ? "__Host-raktar-session" : "raktar-session";

    /// <summary>Whether there is a cookie to look at; requests without any, which all of cargo's are, cost nothing.</summary>
    public bool HasCookie(HttpContext context) => context.Request.Headers.Cookie.Count > 0 && context.Request.Cookies.ContainsKey(Cookie);

    /// <summary>Who is signed in, with what the log says they may do now; null: nobody.</summary>
    public async Task<SignedIn?> Find(HttpContext context) =>
        context.Request.Cookies[Cookie] is { } text
        && await sessions.Find(text, context.RequestAborted) is { } session
        && await accounts.Authenticate(session, context.RequestAborted) is { } caller
            ? new(text, session, caller)
            : null;

    /// <summary>Signs somebody in, and whoever was before out.</summary>
    public async Task Start(HttpContext context, Login login, string? name, int? token)
    {
        await End(context);
        var account = await accounts.Find(login, context.RequestAborted);
        var (text, session) = await sessions.Start(login, name, token, account?.SessionEpoch ?? 0, context.RequestAborted);
        context.Response.Cookies.Append(Cookie, text, Options(session.Until - time.GetUtcNow()));
    }

    /// <summary>Signs whoever it is out.</summary>
    public async Task End(HttpContext context)
    {
        if (context.Request.Cookies[Cookie] is { } text)
        {
            await sessions.End(text, context.RequestAborted);
            context.Response.Cookies.Delete(Cookie, Options(lifetime: null));
        }
    }

    // A lifetime, not a moment: the browser's clock may be wrong.
    private CookieOptions Options(TimeSpan? lifetime) =>
        new() { HttpOnly = true, Secure = _isSecure, SameSite = SameSiteMode.Lax, Path = "/", MaxAge = lifetime };
}

/// <summary>Tells requests of the registry's own pages from those that other sites make browsers send.</summary>
internal sealed class SameOrigin(RaktarOptions options)
{
    /// <summary>The answer to requests that other sites make browsers send.</summary>
    public static readonly NotAllowed Refusal = new("the request does not come from a page of this registry");

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
