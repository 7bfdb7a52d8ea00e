using Raktar.Domain.Accounts;

namespace Raktar.Domain.Ci;

/// <summary>Facts about the one token that one identity token of a continuous-integration run was exchanged for, in its stream, kept for ever.</summary>
public abstract record CiTokenEvent : DomainEvent
{
    private protected CiTokenEvent()
    {
    }
}

/// <summary>
/// The run (<paramref name="Run"/>: a sentence about it, as <paramref name="Issuer"/> described it) got a token that publishes <paramref name="Crates"/> until
/// <paramref name="ExpiresAt"/>. <paramref name="Hash"/> is the SHA-256 of the token, the only trace of it.
/// </summary>
public sealed record CiTokenIssued(ValueList<TrustedCrate> Crates, string Issuer, string Run, Checksum Hash, DateTimeOffset ExpiresAt) : CiTokenEvent;

/// <summary>The token no longer works.</summary>
public sealed record CiTokenRevoked(string? Reason = null) : CiTokenEvent;

/// <summary>What must be remembered of the exchange of one identity token: what came of it, and whether that was taken back.</summary>
public sealed record CiToken
{
    /// <summary>An identity token that nobody has exchanged yet.</summary>
    public static CiToken Unissued { get; } = new();

    /// <summary>The token's making; null: there was none.</summary>
    public CiTokenIssued? Issued { get; init; }

    /// <summary>Whether it was taken back.</summary>
    public bool IsRevoked { get; init; }

    /// <summary>Makes the token; a second one is refused.</summary>
    public static Decision Issue(CiToken token, CiTokenIssued issued) => token.Issued is null ? issued : new IdentityTokenUsed();

    /// <summary>Takes the token with that hash back; there is nothing to do when it is no good.</summary>
    public static Decision Revoke(CiToken token, Checksum hash, string? reason, DateTimeOffset now) =>
        token.IsGood(hash, now) ? new CiTokenRevoked(reason) : Decision.Nothing;

    /// <summary>Whether it is the token with that hash, and good at <paramref name="now"/>. Whether the crates still trust it is theirs to say.</summary>
    public bool IsGood(Checksum hash, DateTimeOffset now) => !IsRevoked && Issued is { } issued && issued.Hash == hash && now < issued.ExpiresAt;

    /// <summary>The token after <paramref name="fact"/>.</summary>
    public CiToken Evolve(CiTokenEvent fact) => fact switch
    {
        CiTokenIssued e => this with { Issued = e },
        CiTokenRevoked => this with { IsRevoked = true },
        _ => throw new InvalidOperationException($"a token of a run does not know {fact.GetType().Name}"),
    };
}
