using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using Raktar.Api.CommandLine;
using Raktar.Api.Hosting;
using Raktar.Application.Accounts;

namespace Raktar.Api.SignIn;

/// <summary>The few plain pages for people: no script, and nothing from elsewhere.</summary>
internal static class Pages
{
    private const string Style = "body{font:16px/1.5 sans-serif;max-width:45em;margin:2em auto;padding:0 1em}pre{background:#eee;padding:1em;overflow:auto}label{display:block;margin:.5em 0}";

    private static readonly string Policy =
        $"default-src 'none'; style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)))}'; "
        + "form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

    /// <summary>Where to paste a token.</summary>
    public static IResult SignInWithToken(RaktarOptions options, string returnTo) => new Page(
        "Sign in",
        $"""
        <form method="post" action="{E(options.PublicUrl)}/login">
        <input type="hidden" name="return" value="{E(returnTo)}">
        <label>Token <input type="password" name="token" required autocomplete="off" autofocus></label>
        <button>Sign in</button>
        </form>
        {(options.Oidc.IsEnabled ? $"""<p><a href="{E(options.PublicUrl)}/login">Sign in with your identity provider</a></p>""" : "")}
        """);

    /// <summary>Who is signed in, and how cargo is told.</summary>
    public static IResult Me(RaktarOptions options, SignedIn signedIn) => new Page(
        $"Signed in as {signedIn.Owner.Login}",
        $"""
        <p>{(signedIn.Session.Name is { } name ? $"{E(name)}: " : "")}account <b>{E(signedIn.Owner.Login.Text)}</b>,
        role <b>{signedIn.Owner.Role.ToString().ToLowerInvariant()}</b>,
        {(signedIn.Owner.Teams.Count == 0 ? "in no team" : $"in the teams <b>{E(string.Join(", ", signedIn.Owner.Teams))}</b>")},
        signed in until {signedIn.Session.Until:yyyy-MM-dd HH:mm} UTC.</p>
        <h2>Cargo</h2>
        <pre>{E(CargoConfiguration.For(options))}</pre>
        <h2>A new token</h2>
        {(signedIn.Session.Token is null
            ? $"""
              <form method="post" action="{E(options.PublicUrl)}/me/tokens">
              <input type="hidden" name="key" value="{signedIn.FormKey}">
              <label>Name <input name="name" required maxlength="100" value="cargo"></label>
              <label>Days until it ends <input name="days" type="number" min="1" max="3660" value="{options.Tokens.DefaultDays}" required></label>
              <button>Make a token</button>
              </form>
              """
            : $"<p>You are signed in with the token {signedIn.Session.Token}, which may not make others.</p>")}
        {SignOut(options)}
        """);

    /// <summary>A token, this once.</summary>
    public static IResult NewToken(RaktarOptions options, NewToken token) => new Page(
        "A new token",
        $"""
        <p>The token “{E(token.Token.Name)}”, shown this once:</p>
        <pre>{E(token.Text)}</pre>
        <p>Give it to cargo with <code>cargo login --registry {E(options.Policy.RegistryName ?? "raktar")}</code>.</p>
        <p><a href="{E(options.PublicUrl)}/me">Back</a></p>
        """);

    private static string SignOut(RaktarOptions options) => $"""<form method="post" action="{E(options.PublicUrl)}/logout"><button>Sign out</button></form>""";

    private static string E(string text) => HtmlEncoder.Default.Encode(text);

    private sealed class Page(string title, string body) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            var headers = httpContext.Response.Headers;
            headers.ContentSecurityPolicy = Policy;
            headers.CacheControl = "no-store";
            // With `no-referrer` browsers would hide the origin of a form, by which its request is known to be ours.
            headers["Referrer-Policy"] = "same-origin";
            httpContext.Response.ContentType = "text/html; charset=utf-8";
            return httpContext.Response.WriteAsync(
                $"""
                <!DOCTYPE html>
                <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{E(title)} - Raktar</title>
                <style>{Style}</style></head>
                <body><h1>{E(title)}</h1>
                {body}
                </body></html>

                """);
        }
    }
}
