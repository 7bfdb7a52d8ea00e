using FluentValidation;
using MediatR;
using Raktar.Application.Callers;
using Raktar.Application.Crates.Changes;
using Raktar.Application.Log;
using Raktar.Application.State;
using Raktar.Domain;
using Raktar.Domain.Accounts;

namespace Raktar.Application.Accounts.TokenChanges;

/// <summary>Makes a token for an account: administrators for anybody, people who signed in for themselves.</summary>
public sealed record IssueToken(Caller By, Login Login, string Name) : IRequest<Outcome<NewToken>>, INeeds
{
    /// <summary>A token that leaks must not be able to make others that outlive it.</summary>
    public Need Need => Need.Unless(By.ManagesAccounts || (By.IsInPerson && By.Login == Login) ? null : new NotAllowed(
        "only administrators make tokens for others, and only people who signed in make their own; "
        + "a token without the scope `admin` for all crates makes none"));

    /// <summary>What it shall be good for; null: all that the account's role can use.</summary>
    public IReadOnlyList<TokenScope>? Scopes { get; init; }

    /// <summary>Which crates it may change; null: all.</summary>
    public IReadOnlyList<CratePattern>? Crates { get; init; }

    /// <summary>When it shall end; null: when the registry's rule says.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Whether it shall never end.</summary>
    public bool ForEver { get; init; }
}

/// <summary>A token as it was made, and its text, which nobody can ask for again.</summary>
public sealed record NewToken(IssuedToken Token, string Text);

/// <summary>How long tokens live.</summary>
public sealed record TokenPolicy
{
    /// <summary>In days, when nobody says.</summary>
    public int DefaultDays { get; init; } = 90;

    /// <summary>The most, in days; 0: any, also for ever.</summary>
    public int MaxDays { get; init; }
}

internal sealed class IssueTokenValidator : AbstractValidator<IssueToken>
{
    private const int MaxPatterns = 50;

    public IssueTokenValidator()
    {
        RuleFor(command => command.Name)
            .Must(name => name.Length is >= 1 and <= 100 && !name.Any(char.IsControl))
            .WithMessage("a token's name has 1 to 100 characters");
        RuleFor(command => command.Scopes).Must(scopes => scopes is null or { Count: > 0 }).WithMessage("a token needs at least one scope");
        RuleFor(command => command.Crates)
            .Must(crates => crates is null or { Count: > 0 and <= MaxPatterns })
            .WithMessage($"a token needs 1 to {MaxPatterns} crate patterns; `*` is all crates");
    }
}

internal sealed class IssueTokenHandler(Streams<Account> accounts, TokenPolicy policy, TimeProvider time) : IRequestHandler<IssueToken, Outcome<NewToken>>
{
    public async Task<Outcome<NewToken>> Handle(IssueToken command, CancellationToken cancellationToken)
    {
        var by = command.By;
        var now = time.GetUtcNow();
        var expiry = Expiry(command, now);
        if (expiry.Refusal is { } refusal)
        {
            return refusal;
        }

        var text = Tokens.Create();
        IssuedToken? issued = null;
        return await accounts.Change(
            StreamName.Of(command.Login),
            by,
            account =>
            {
                var crates = command.Crates?.Distinct().ToValueList() ?? [CratePattern.All];
                var scopes = command.Scopes?.Distinct().Order().ToValueList() ?? Usual(account.Role, crates, by);
                if (by.Token is not null && RefuseWider(scopes, by) is { } wider)
                {
                    return wider;
                }

                var decision = AccountDecider.IssueToken(account, command.Login, new(command.Name, Tokens.Hash(text), scopes, crates, expiry.Value), now);
                issued = decision.Events.OfType<TokenIssued>().Select(IssuedToken.Of).FirstOrDefault();
                return decision;
            },
            cancellationToken).Map(_ => new NewToken(issued!, text));
    }

    // A token hands on no more than it has, or narrowing it would protect nothing.
    private static ValueList<TokenScope> Usual(Role role, ValueList<CratePattern> crates, Caller by) => TokenScopes.Of(role)
        .Where(scope => (by.Token is null || by.Scopes.Contains(scope)) && (scope != TokenScope.Admin || crates.Contains(CratePattern.All)))
        .ToValueList();

    private static NotAllowed? RefuseWider(ValueList<TokenScope> scopes, Caller by) =>
        scopes.Count == 0 ? new NotAllowed("the token has none of the scopes that the account may use, and hands on no others")
        : scopes.Except(by.Scopes).ToList() is [var scope, ..]
            ? new NotAllowed($"the token lacks the scope `{scope.Word()}`, so it makes none that has it")
        : null;

    private Outcome<DateTimeOffset?> Expiry(IssueToken command, DateTimeOffset now)
    {
        var latest = policy.MaxDays > 0 ? now.AddDays(policy.MaxDays) : DateTimeOffset.MaxValue;
        if (command.By.ExpiresAt is { } own && own < latest)
        {
            latest = own;
            if (command.ForEver || command.ExpiresAt > own)
            {
                return new NotAllowed($"a token does not outlive the one that makes it (until {own.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'})");
            }
        }

        if (command.ForEver)
        {
            return policy.MaxDays > 0 ? new InvalidInput($"a token must expire (max {policy.MaxDays} days)") : (DateTimeOffset?)null;
        }

        if (command.ExpiresAt is not { } wanted)
        {
            var usual = now.AddDays(policy.DefaultDays);
            return (DateTimeOffset?)(usual < latest ? usual : latest);
        }

        return wanted <= now ? new InvalidInput("a token's expiry must be in the future")
            : wanted > latest ? new InvalidInput($"a token must expire sooner (max {policy.MaxDays} days)")
            : (DateTimeOffset?)wanted.ToUniversalTime();
    }
}
