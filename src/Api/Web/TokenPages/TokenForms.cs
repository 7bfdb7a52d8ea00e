using System.Globalization;
using Raktar.Api.Bodies;
using Raktar.Api.Web.Frame;
using Raktar.Application;
using Raktar.Application.Accounts;
using Raktar.Application.Accounts.TokenChanges;
using Raktar.Application.Callers;
using Raktar.Domain;
using Raktar.Domain.Accounts;

namespace Raktar.Api.Web.TokenPages;

/// <summary>What the forms that make tokens send.</summary>
internal static class TokenForms
{
    /// <summary>The most days that can be asked for, where the registry's own rule has no less.</summary>
    public const int MaxDays = 3660;

    private static readonly char[] Blanks = [' ', '\t', '\r', '\n', ','];

    /// <summary>The command that a form asks for, or what is wrong with it.</summary>
    public static Outcome<IssueToken> ToToken(this Form form, Caller by, Login login, DateTimeOffset now)
    {
        if (!int.TryParse(form["days"], NumberStyles.None, CultureInfo.InvariantCulture, out var days) || days is < 1 or > MaxDays)
        {
            return new InvalidInput($"the days until the token ends must be a number (1 to {MaxDays})");
        }

        var patterns = form["crates"].Split(Blanks, StringSplitOptions.RemoveEmptyEntries);
        var (scopes, crates) = (TokenBodies.ScopesOf(form.All("scopes")), TokenBodies.PatternsOf(patterns));
        return (scopes.Refusal ?? crates.Refusal) is { } wrong ? wrong : new IssueToken(by, login, form["name"])
        {
            Scopes = scopes.Value,
            Crates = patterns.Length == 0 ? null : crates.Value,
            ExpiresAt = now.AddDays(days),
        };
    }

    /// <summary>The token that a path names, as a number.</summary>
    public static int? NumberOf(string id) => int.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}

/// <summary>A token and when it was last used (null: not that anybody knows).</summary>
public sealed record TokenLine(IssuedToken Token, DateTimeOffset? UsedAt);

/// <summary>One page of an account's tokens that work, newest first, and how many there are.</summary>
public sealed record TokenLines(IReadOnlyList<TokenLine> Lines, int Page, int Total)
{
    /// <summary>Tokens on a page.</summary>
    public const int PerPage = 25;

    /// <summary>Page <paramref name="page"/> of an account's tokens.</summary>
    public static async Task<TokenLines> Of(Account account, int page, TokenUses uses, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var live = account.Tokens.Values.Where(token => token.IsLive(now)).OrderByDescending(token => token.Id).ToList();
        var used = await uses.Of(account, cancellationToken);
        var shown = live.Skip((page - 1) * PerPage).Take(PerPage);
        return new([.. shown.Select(token => new TokenLine(token, used.TryGetValue(token.Id, out var at) ? at : null))], page, live.Count);
    }
}
