using Raktar.Domain.Accounts;

namespace Raktar.Domain.Crates;

/// <summary>Which runs may publish a crate: what those who manage it decide. Pure; the same intent twice records nothing the second time.</summary>
public static class TrustedPublishingDecider
{
    /// <summary>The most trusted publishers of one crate.</summary>
    public const int MaxPublishers = 20;

    /// <summary>
    /// Trusts the runs of which <paramref name="issuer"/> says <paramref name="claims"/>. Whether the registry knows the issuer is the caller's to
    /// check. Where only trusted publishers publish, administrators alone add one: else whoever has an owner's account lets their own runs in.
    /// </summary>
    public static Decision Add(Crate crate, CrateName name, string issuer, ValueList<ClaimRule> claims, Requester by)
    {
        if ((CrateDecider.RefuseToManage(crate, name, by) ?? TrustedClaims.Refuse(issuer, claims)) is { } refusal)
        {
            return refusal;
        }

        var sorted = claims.OrderBy(rule => rule.Claim, StringComparer.Ordinal).ToValueList();
        return Find(crate, issuer, sorted) is not null ? Decision.Nothing
            : crate.IsTrustedOnly && !by.IsAdmin ? new TrustedOnlyIsGuarded(crate.Name!)
            : crate.TrustedPublishers.Count >= MaxPublishers ? new InvalidInput($"`{crate.Name}` has too many trusted publishers (max {MaxPublishers})")
            : new TrustedPublisherAdded(crate.LastTrustedPublisher + 1, issuer, sorted);
    }

    /// <summary>Trusts them no longer. That works always, also when nobody is left who may publish.</summary>
    public static Decision Remove(Crate crate, CrateName name, int id, Requester by) =>
        CrateDecider.RefuseToManage(crate, name, by) is { } refusal ? refusal
        : crate.TrustedPublishers.ContainsKey(id) ? new TrustedPublisherRemoved(id)
        : id >= 1 && id <= crate.LastTrustedPublisher ? Decision.Nothing
        : new NoSuchTrustedPublisher(crate.Name!, $"{id}");

    /// <summary>
    /// Says whether the crate is published by trusted publishers only; there must be one, or nobody could. Owners switch it on, administrators alone
    /// switch it off: it is there for the day on which an owner's account is in wrong hands.
    /// </summary>
    public static Decision SetTrustedOnly(Crate crate, CrateName name, bool only, Requester by) =>
        CrateDecider.RefuseToManage(crate, name, by) is { } refusal ? refusal
        : crate.IsTrustedOnly == only ? Decision.Nothing
        : !only && !by.IsAdmin ? new TrustedOnlyIsGuarded(crate.Name!)
        : only && crate.TrustedPublishers.IsEmpty ? new InvalidInput($"`{crate.Name}` has no trusted publisher yet, so nobody could publish it")
        : new TrustedOnlyChanged(only);

    /// <summary>The trusted publisher with these claims, in any order; null: there is none.</summary>
    public static TrustedPublisher? Find(Crate crate, string issuer, IEnumerable<ClaimRule> claims)
    {
        var sorted = claims.OrderBy(rule => rule.Claim, StringComparer.Ordinal).ToValueList();
        return crate.TrustedPublishers.Values.FirstOrDefault(known => string.Equals(known.Issuer, issuer, StringComparison.Ordinal) && known.Claims.Equals(sorted));
    }
}
