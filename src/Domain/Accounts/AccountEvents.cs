namespace Raktar.Domain.Accounts;

/// <summary>Facts about one account, in its stream, kept for ever.</summary>
public abstract record AccountEvent : DomainEvent
{
    private protected AccountEvent()
    {
    }
}

/// <summary>The account exists from now on.</summary>
public sealed record AccountRegistered(Login Login, Role Role) : AccountEvent;

/// <summary>What it may do changed.</summary>
public sealed record RoleChanged(Role Role) : AccountEvent;

/// <summary>
/// A token was made. <paramref name="Id"/> counts from 1 in its account; <paramref name="Hash"/> is the SHA-256 of the token, the only trace of it. It is good
/// for <paramref name="Scopes"/>, changes only crates that one of <paramref name="Crates"/> covers, and ends at <paramref name="ExpiresAt"/> (null: never).
/// </summary>
public sealed record TokenIssued(
    int Id,
    string Name,
    Checksum Hash,
    ValueList<TokenScope> Scopes,
    ValueList<CratePattern> Crates,
    DateTimeOffset IssuedAt,
    DateTimeOffset? ExpiresAt) : AccountEvent;

/// <summary>The token no longer works.</summary>
public sealed record TokenRevoked(int Id, string? Reason = null) : AccountEvent;

/// <summary>The account is in the team from now on.</summary>
public sealed record TeamJoined(TeamName Team) : AccountEvent;

/// <summary>The account is in the team no longer.</summary>
public sealed record TeamLeft(TeamName Team) : AccountEvent;

/// <summary>From now on whoever the identity provider <paramref name="Issuer"/> calls <paramref name="Subject"/> signs in to the account, and nobody else.</summary>
public sealed record IdentityLinked(string Issuer, string Subject) : AccountEvent;

/// <summary>They no longer do: the account belongs to nobody at an identity provider until it is linked anew.</summary>
public sealed record IdentityUnlinked(string Issuer, string Subject) : AccountEvent;

/// <summary>Everybody who is signed in to the account in a browser must sign in again.</summary>
public sealed record SessionsEnded : AccountEvent;

/// <summary>
/// The account is switched off: its tokens and sessions end for good, and nobody signs in to it or makes tokens for it. What it owns stays.
/// </summary>
public sealed record AccountDisabled(string Reason) : AccountEvent;

/// <summary>The account can be used again. What had ended stays so.</summary>
public sealed record AccountEnabled(string? Reason) : AccountEvent;
