using Raktar.Application.Log;
using Raktar.Domain;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;

namespace Raktar.Application.Callers;

/// <summary>Who asks: the account behind the token (<paramref name="Token"/>; null in a session), and what it may do now.</summary>
public sealed record Caller(Login Login, Role Role, int? Token)
{
    /// <summary>The request in which it asks; null: not said, and then it can change nothing.</summary>
    public RequestInfo? Request { get; init; }

    /// <summary>The teams of the account.</summary>
    public ValueList<TeamName> Teams { get; init; } = [];

    /// <summary>What the token is good for.</summary>
    public ValueList<TokenScope> Scopes { get; init; } = TokenScopes.Of(Role);

    /// <summary>Which crates it may change.</summary>
    public ValueList<CratePattern> Crates { get; init; } = [CratePattern.All];

    /// <summary>When the token ends; null: never, or no token was used.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Which run of a continuous integration this is; null for everybody else.</summary>
    public string? Run { get; init; }

    /// <summary>Which crates trust that run.</summary>
    public ValueList<TrustedCrate> TrustedBy { get; init; } = [];

    /// <summary>
    /// Whose limits the request is counted against: the account's, and for a run those of all runs that the same crates trust, so that no project's runs stop
    /// another's.
    /// </summary>
    public string ChargedTo => Run is null ? Login.Text
        : $"ci {string.Join(' ', TrustedBy.Select(trusted => trusted.Name.Canonical).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))}";

    /// <summary>Whether the caller may act on everybody's crates and accounts: the role, and a token that is good for it.</summary>
    public bool IsAdmin => RefuseToAdminister() is null;

    /// <summary>Whether the caller may manage accounts, teams and tokens: an administrator, by a token for all crates.</summary>
    public bool ManagesAccounts => RefuseToManageAccounts() is null;

    /// <summary>Whether it is a person in a session of their own, not a token, and not a session that began with one.</summary>
    public bool IsInPerson => Token is null && Run is null;

    /// <summary>What decisions about crates see of the caller. Made once: reads ask for it each time.</summary>
    public Requester Requester => field ??= new(Login, Teams, IsAdmin) { TrustedBy = TrustedBy };

    /// <summary>The registry itself, for what nobody asked for, or nobody who is known.</summary>
    public static Caller Registry(RequestInfo request) => new(Login.Raktar, Role.Admin, Token: null) { Request = request };

    /// <summary>The registry itself, for what it does without a request: <paramref name="occasion"/> stands where a request's name would.</summary>
    public static Caller Registry(string occasion) => Registry(new RequestInfo(Client: null, occasion));

    /// <summary>A run of a continuous integration (null: one that is not known) that only asks for its token or ends it.</summary>
    public static Caller OfRun(string? run, RequestInfo request) => new(Login.TrustedPublisher, Role.Member, Token: null) { Run = run, Request = request };

    /// <summary>Whether the token's time is over.</summary>
    public bool HasExpired(TimeProvider time) => ExpiresAt is { } end && end <= time.GetUtcNow();

    /// <summary>Why the token is not good for this on that crate, or null. Reading is not narrowed by patterns: a build needs its dependencies.</summary>
    public Refusal? Refuse(TokenScope scope, CrateName crate) =>
        !TokenScopes.Of(Role).Contains(scope) ? new NotAllowed($"the role {Role.Word()} does not reach: this needs `{scope.Word()}`")
        : !Scopes.Contains(scope) ? new NotAllowed($"the token lacks the scope `{scope.Word()}`")
        : !Crates.Any(pattern => pattern.Covers(crate)) ? new NotAllowed($"the token is not for the crate `{crate}`")
        : null;

    /// <summary>Why the role does not reach (null: each does), or the token is good for none of the scopes (none: it need not be); or null.</summary>
    public Refusal? Refuse(Role? least, params ReadOnlySpan<TokenScope> oneOf) =>
        Role < least ? new NotAllowed($"the account `{Login}` is a {Role.Word()}; this needs the role {least.Value.Word()}")
        : oneOf.IsEmpty || HasOneOf(oneOf) ? null
        : new NotAllowed($"the token lacks the scope `{oneOf[^1].Word()}`");

    /// <summary>Why a token for some crates only is not good for what concerns them all, or null.</summary>
    public Refusal? RefuseForSomeCrates() =>
        Crates.Contains(CratePattern.All) ? null : new NotAllowed("a token for some crates only manages no accounts, teams and tokens");

    /// <summary>Why the caller is no administrator (<see cref="IsAdmin"/>), or null.</summary>
    public Refusal? RefuseToAdminister() => Refuse(Role.Admin, TokenScope.Admin);

    /// <summary>Why the caller manages no accounts (<see cref="ManagesAccounts"/>), or null.</summary>
    public Refusal? RefuseToManageAccounts() => RefuseToAdminister() ?? RefuseForSomeCrates();

    /// <summary>The stamp of what this caller appends at <paramref name="at"/>.</summary>
    public Stamp Stamp(DateTimeOffset at) => Request is { } request
        ? new(new Actor(Login, Token, request.Client, Run), request.Correlation, at)
        : throw new InvalidOperationException($"`{Login}` changes something in no request");

    private bool HasOneOf(ReadOnlySpan<TokenScope> scopes)
    {
        foreach (var scope in scopes)
        {
            if (Scopes.Contains(scope))
            {
                return true;
            }
        }

        return false;
    }
}
