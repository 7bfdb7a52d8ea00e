using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using MediatR;
using Microsoft.AspNetCore.DataProtection;
using Raktar.Api.Access;
using Raktar.Api.Http;
using Raktar.Api.OpenId;
using Raktar.Api.Settings;
using Raktar.Api.Web.Frame;
using Raktar.Application.Accounts;
using Raktar.Domain;
using Raktar.Domain.Accounts;

namespace Raktar.Api.Web.SignIn;

/// <summary>An identity that the provider vouched for, while its holder is asked whether an account is theirs.</summary>
public sealed record PendingLink(
    string Issuer, string Subject, string Login, Role Role, IReadOnlyList<string> Teams, string? Name, string ReturnTo);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(PendingLink))]
internal sealed partial class LinkJson : JsonSerializerContext;

/// <summary>
/// Links an identity to an account that was made by hand: only when whoever signed in says so on a page that shows both, and holds a token that is
/// good for all that the account may do. The browser may have been given the session by somebody else, and a token that only reads is in many hands.
/// </summary>
internal static class Linking
{
    /// <summary>Where the page's form goes.</summary>
    public const string Path = "/login/link";

    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(15);

    private static readonly InvalidInput NotUnderWay = new(
        "this sign-in is not under way in this browser, or was completed before; please sign in again");

    /// <summary>Whether a session proves that its account belongs to whoever is here.</summary>
    public static bool IsProof(SignedIn session) => session is { Session.Token: not null, Caller: var caller }
        && caller.Crates.Contains(CratePattern.All)
        && !TokenScopes.Of(caller.Role).Except(caller.Scopes).Any();

    /// <summary>The page that asks.</summary>
    public static IResult Ask(HttpContext context, SignedIn session, Account account, PendingLink pending)
    {
        // The callback itself lets everybody in; the page's form is this session's.
        context.Items[typeof(SignedIn)] = session;
        context.IsBy(session.Caller);
        var text = Protector(context, session).Protect(JsonSerializer.Serialize(pending, LinkJson.Default.PendingLink), Lifetime);
        return new Page<LinkPage>(
            "Is this your account?",
            (nameof(LinkPage.Account), account),
            (nameof(LinkPage.Pending), pending),
            (nameof(LinkPage.Sealed), text));
    }

    /// <summary>Links what the page showed, and signs in.</summary>
    public static async Task<IResult> Confirm(HttpContext context, RaktarOptions options, BrowserSessions browsers, IMediator sender)
    {
        if (!options.Oidc.IsEnabled)
        {
            return Results.NotFound();
        }

        var sent = await context.ReadForm();
        if (sent.Refusal is { } refusal)
        {
            return refusal.ToResult();
        }

        if (context.Items[typeof(SignedIn)] is not SignedIn session
            || !IsProof(session)
            || Read(context, session, sent.Value["sealed"]) is not { } pending)
        {
            return NotUnderWay.ToResult();
        }

        var command = new Application.Accounts.SignIn(
            new ExternalIdentity(pending.Issuer, pending.Subject),
            Login.Parse(pending.Login),
            pending.Role,
            pending.Teams.Select(TeamName.Parse).ToValueList(),
            options.Oidc.MappedTeams.ToValueList(),
            Proven: session.Caller.Login,
            context.RequestInfo());
        var outcome = await sender.Send(command, context.RequestAborted);
        if (outcome.Refusal is { } refused)
        {
            return refused.ToResult();
        }

        await browsers.Start(context, outcome.Value, pending.Name, token: null);
        return new SeeOther(pending.ReturnTo);
    }

    private static PendingLink? Read(HttpContext context, SignedIn session, string text)
    {
        try
        {
            return JsonSerializer.Deserialize(Protector(context, session).Unprotect(text), LinkJson.Default.PendingLink);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    // Good in this session only; by its hash, because purposes can get into a log.
    private static ITimeLimitedDataProtector Protector(HttpContext context, SignedIn session) =>
        context.RequestServices.GetRequiredService<IDataProtectionProvider>()
            .CreateProtector("Raktar.Link", Tokens.Hash(session.Text).Hex).ToTimeLimitedDataProtector();
}
