using Raktar.Domain.Accounts;

namespace Raktar.Domain.Crates;

/// <summary>Facts about one crate, in its stream, kept for ever.</summary>
public abstract record CrateEvent : DomainEvent
{
    private protected CrateEvent()
    {
    }
}

/// <summary>The name was taken, in this spelling, by its first owner.</summary>
public sealed record CrateCreated(CrateName Name, Login Owner) : CrateEvent;

/// <summary>
/// The crate has another spelling from now on. It had no version left, and those of the spelling before never come back: their files say another name.
/// </summary>
public sealed record CrateRespelled(CrateName Name) : CrateEvent;

/// <summary>A version came to be; its crate file (<paramref name="Size"/> bytes) is stored under <paramref name="Checksum"/>.</summary>
public sealed record VersionPublished(SemVersion Version, Checksum Checksum, long Size, Login Publisher, Package Package) : CrateEvent;

/// <summary>New resolutions must not pick the version any more; lock files still may.</summary>
public sealed record VersionYanked(SemVersion Version, string? Reason) : CrateEvent;

/// <summary>The version may be picked again.</summary>
public sealed record VersionUnyanked(SemVersion Version) : CrateEvent;

/// <summary>An account, or everybody in a team, may publish and yank from now on; an account may also change owners.</summary>
public sealed record OwnerAdded(Owner Owner) : CrateEvent;

/// <summary>The account or team no longer owns the crate.</summary>
public sealed record OwnerRemoved(Owner Owner) : CrateEvent;

/// <summary>Who may see the crate: when <paramref name="Restricted"/> its owners and the <paramref name="Readers"/>, else everybody who may read the registry.</summary>
public sealed record VisibilityChanged(bool Restricted, ValueList<TeamName> Readers) : CrateEvent;

/// <summary>
/// Runs of a continuous integration may publish versions without a secret, when <paramref name="Issuer"/> says <paramref name="Claims"/> of them.
/// <paramref name="Id"/> counts from 1 in its crate.
/// </summary>
public sealed record TrustedPublisherAdded(int Id, string Issuer, ValueList<ClaimRule> Claims) : CrateEvent;

/// <summary>What a claim of an identity token must be: exactly <paramref name="Value"/>, or begin with it where it ends with <c>*</c>.</summary>
public sealed record ClaimRule(string Claim, string Value)
{
    /// <summary>Whether the claim may be <paramref name="value"/>, to the letter.</summary>
    public bool Allows(string value) =>
        Value is [.. var start, '*'] ? value.StartsWith(start, StringComparison.Ordinal) : string.Equals(value, Value, StringComparison.Ordinal);
}

/// <summary>Runs that the rule with this number let publish may no longer.</summary>
public sealed record TrustedPublisherRemoved(int Id) : CrateEvent;

/// <summary>Whether only trusted publishers may publish.</summary>
public sealed record TrustedOnlyChanged(bool Only) : CrateEvent;

/// <summary>
/// Its owners advise against the crate, in favour of <paramref name="Successor"/> if they name one, which may be a crate that there is not.
/// </summary>
public sealed record CrateDeprecated(CrateName? Successor, string? Reason) : CrateEvent;

/// <summary>They no longer do.</summary>
public sealed record CrateUndeprecated : CrateEvent;

/// <summary>
/// The version is gone from the index and cannot be downloaded. It can be restored until <paramref name="RestorableUntil"/>; then its crate file may go
/// too. Its checksum stays, and its number is never free again.
/// </summary>
public sealed record VersionDeleted(SemVersion Version, string Reason, DateTimeOffset RestorableUntil) : CrateEvent;

/// <summary>A deleted version is back as it was.</summary>
public sealed record VersionRestored(SemVersion Version) : CrateEvent;
