using Raktar.Domain.Accounts;

namespace Raktar.Domain.Crates;

/// <summary>What may happen to a crate: state and intent in, facts or a refusal out. Pure; the same intent twice records nothing the second time.</summary>
public static class CrateDecider
{
    /// <summary>
    /// Whether <paramref name="by"/> could publish this version at all: asked before the upload is read, so that a hopeless one costs nothing.
    /// An own earlier publish passes, because only its bytes can tell a retry from a conflict. A crate of which there are <paramref name="mostBytes"/> already
    /// gets no new version.
    /// </summary>
    public static Refusal? RefuseBeforeUpload(Crate crate, CrateName name, SemVersion version, Requester by, long mostBytes = long.MaxValue)
    {
        if (crate.Name is not { } registered)
        {
            return by.IsTrustedPublisher ? new NoSuchCrate(name.Text) : null;
        }

        // Those for whom it is not there learn only that the name is not free.
        if (!crate.IsVisibleTo(by) || (!crate.IsThereFor(by) && !by.IsTrustedPublisher))
        {
            return new NotAnOwner(name);
        }

        var isRespelled = IsRespelled(crate, name);
        if (isRespelled && !MayRespell(crate, by))
        {
            return new NameTaken(registered);
        }

        if ((by.IsTrustedPublisher, crate) switch
        {
            (true, _) => crate.Trusts(by) ? null : new NotTrusted(registered),
            (false, _) when !crate.IsOwnedBy(by) && !isRespelled => new NotAnOwner(registered),
            (false, { IsTrustedOnly: true }) => new TrustedPublishersOnly(registered),
            _ => (Refusal?)null,
        } is { } refusal)
        {
            return refusal;
        }

        return crate.Versions.TryGetValue(version, out var earlier) switch
        {
            true when earlier!.IsDeleted => new VersionIsDeleted(registered, version),
            true when earlier!.Publisher != by.Login => new AlreadyPublished(registered, version),
            true => null,
            false => RefuseLarge(crate, mostBytes),
        };
    }

    /// <summary>
    /// Publishes a version; the first one creates the crate and makes its publisher the owner. With <paramref name="isNewRestricted"/> there is no moment at
    /// which others see a new crate.
    /// </summary>
    public static Decision Publish(
        Crate crate, CrateName name, VersionPublished published, Requester by, bool isNewRestricted = false, long mostBytes = long.MaxValue)
    {
        if (RefuseBeforeUpload(crate, name, published.Version, by, mostBytes) is { } refusal)
        {
            return refusal;
        }

        if (crate.Name is null)
        {
            var created = new CrateCreated(name, published.Publisher);
            return isNewRestricted ? Decision.Of(created, new VisibilityChanged(Restricted: true, []), published) : Decision.Of(created, published);
        }

        if (IsRespelled(crate, name))
        {
            var respelled = new CrateRespelled(name);
            return crate.IsOwnedBy(by) ? Decision.Of(respelled, published) : Decision.Of(respelled, new OwnerAdded(Owner.Of(by.Login)), published);
        }

        if (crate.Versions.TryGetValue(published.Version, out var earlier))
        {
            // Cargo never repeats an upload, people do: the same bytes by the same publisher are the same intent. Not so once it is yanked:
            // cargo would wait a minute for a version that resolves again.
            var isRepeat = !earlier.IsYanked
                && earlier.Checksum == published.Checksum
                && string.Equals(earlier.Version.Build, published.Version.Build, StringComparison.Ordinal);
            return isRepeat ? Decision.Nothing : new AlreadyPublished(crate.Name, published.Version);
        }

        return published;
    }

    /// <summary>Yanks a version; owners and their teams may, and administrators.</summary>
    public static Decision Yank(Crate crate, CrateName name, SemVersion version, string? reason, Requester by) =>
        Find(crate, name, version, by).Decide(found => found.IsYanked ? Decision.Nothing : new VersionYanked(found.Version, reason));

    /// <summary>Takes a yank back; owners and their teams may, and administrators.</summary>
    public static Decision Unyank(Crate crate, CrateName name, SemVersion version, Requester by) =>
        Find(crate, name, version, by).Decide(found => found.IsYanked ? new VersionUnyanked(found.Version) : Decision.Nothing);

    /// <summary>
    /// Advises against the crate, or says something else about it than before; owners and their teams may, and administrators. Whether there is a successor
    /// is not asked: the answer would tell of crates that not everybody may see.
    /// </summary>
    public static Decision Deprecate(Crate crate, CrateName name, Deprecation deprecation, Requester by) => RefuseStranger(crate, name, by) switch
    {
        { } refusal => refusal,
        null when crate.Name!.Equals(deprecation.Successor) => new InvalidInput($"`{crate.Name}` cannot be its own successor"),
        null when deprecation == crate.Deprecation => Decision.Nothing,
        null => new CrateDeprecated(deprecation.Successor, deprecation.Reason),
    };

    /// <summary>Takes that back.</summary>
    public static Decision Undeprecate(Crate crate, CrateName name, Requester by) => RefuseStranger(crate, name, by) switch
    {
        { } refusal => refusal,
        null when crate.Deprecation is null => Decision.Nothing,
        null => new CrateUndeprecated(),
    };

    /// <summary>Deletes a version; administrators may. It can be restored until <paramref name="restorableUntil"/>.</summary>
    public static Decision Delete(Crate crate, CrateName name, SemVersion version, string reason, DateTimeOffset restorableUntil, Requester by) =>
        FindEver(crate, name, version, by)
            .Decide(found => found.IsDeleted ? Decision.Nothing : new VersionDeleted(found.Version, reason, restorableUntil));

    /// <summary>Brings a deleted version back, as it was; administrators may, while there is time.</summary>
    public static Decision Restore(
        Crate crate, CrateName name, SemVersion version, DateTimeOffset now, Requester by, long mostBytes = long.MaxValue) =>
        FindEver(crate, name, version, by).Decide(found => found switch
        {
            { IsDeleted: false } => Decision.Nothing,
            { IsOfFormerSpelling: true } => new OfFormerSpelling(crate.Name!, found.Version),
            { RestorableUntil: { } until } when until < now => new DeletedForGood(crate.Name!, found.Version, until),
            _ when RefuseLarge(crate, mostBytes) is { } refusal => refusal,
            _ => new VersionRestored(found.Version),
        });

    /// <summary>Adds owners, all or none. Whether they have accounts or are teams is the caller's to check.</summary>
    public static Decision AddOwners(Crate crate, CrateName name, IReadOnlyList<Owner> owners, Requester by)
    {
        if (RefuseToManage(crate, name, by) is { } refusal)
        {
            return refusal;
        }

        var added = owners.Distinct().ToList();
        return added.Find(crate.Owners.Contains) is { } already
            ? new AlreadyAnOwner(already)
            : Decision.Of([.. added.Select(owner => new OwnerAdded(owner))]);
    }

    /// <summary>Removes owners, all or none, never the last account: a team can lose its last member.</summary>
    public static Decision RemoveOwners(Crate crate, CrateName name, IReadOnlyList<Owner> owners, Requester by)
    {
        if (RefuseToManage(crate, name, by) is { } refusal)
        {
            return refusal;
        }

        var removed = owners.Distinct().ToList();
        if (removed.Find(owner => !crate.Owners.Contains(owner)) is { } stranger)
        {
            return new NotListedAsOwner(stranger.Text);
        }

        return crate.Owners.Except(removed).Any(owner => owner.Login is not null)
            ? Decision.Of([.. removed.Select(owner => new OwnerRemoved(owner))])
            : new LastOwner(crate.Name!);
    }

    /// <summary>Says who may see the crate. Whether the readers are teams is the caller's to check.</summary>
    public static Decision ChangeVisibility(Crate crate, CrateName name, bool restricted, IReadOnlyList<TeamName> readers, Requester by)
    {
        if (RefuseToManage(crate, name, by) is { } refusal)
        {
            return refusal;
        }

        var wanted = restricted ? readers.Distinct().OrderBy(team => team.Text, StringComparer.Ordinal).ToValueList() : [];
        return crate.IsRestricted == restricted && crate.Readers.Equals(wanted) ? Decision.Nothing : new VisibilityChanged(restricted, wanted);
    }

    /// <summary>
    /// Why <paramref name="by"/> may not manage the crate (owners, visibility, trusted publishers), or null: accounts that own it may, and administrators. A
    /// team's members may not: who is in a team changes without the crate's owners.
    /// </summary>
    public static Refusal? RefuseToManage(Crate crate, CrateName name, Requester by) => RefuseStranger(crate, name, by) switch
    {
        { } refusal => refusal,
        null when by.IsAdmin || crate.Owners.Contains(Owner.Of(by.Login)) => null,
        _ => new TeamsCannotManage(crate.Name!),
    };

    private static CrateTooLarge? RefuseLarge(Crate crate, long mostBytes) =>
        crate.Bytes is var bytes && bytes < mostBytes ? null : new CrateTooLarge(crate.Name!, bytes, mostBytes);

    private static bool IsRespelled(Crate crate, CrateName name) =>
        crate.Name is { } registered && !string.Equals(registered.Text, name.Text, StringComparison.Ordinal);

    // While a version is left, others depend on it by the spelling. An administrator who mends one becomes an owner, for everybody to see.
    private static bool MayRespell(Crate crate, Requester by) =>
        crate.IsGone && !by.IsTrustedPublisher && (by.IsAdmin || crate.Owners.Contains(Owner.Of(by.Login)));

    private static Refusal? RefuseStranger(Crate crate, CrateName name, Requester by) => crate.Name switch
    {
        null => new NoSuchCrate(name.Text),
        _ when !crate.IsThereFor(by) => new NoSuchCrate(name.Text),
        { } registered when !by.IsAdmin && !crate.IsOwnedBy(by) => new NotAnOwner(registered),
        _ => null,
    };

    /// <summary>The version, as somebody finds it who may yank it, or why not.</summary>
    public static SoughtVersion Find(Crate crate, CrateName name, SemVersion version, Requester by) =>
        RefuseStranger(crate, name, by) is { } stranger ? stranger
        : FindVersion(crate, version) is { IsDeleted: false } found ? found
        : new NoSuchVersion(crate.Name!.Text, version.ToString());

    /// <summary>The version, also when it was deleted, as an administrator finds it, or why not.</summary>
    public static SoughtVersion FindEver(Crate crate, CrateName name, SemVersion version, Requester by) =>
        RefuseStranger(crate, name, by) is { } stranger ? stranger
        : !by.IsAdmin ? new NotAllowed("only administrators delete and restore versions; an owner can yank")
        : FindVersion(crate, version) is { } found ? found
        : new NoSuchVersion(crate.Name!.Text, version.ToString());

    // The build metadata must be the published one: a URL names one text.
    private static PublishedVersion? FindVersion(Crate crate, SemVersion version) =>
        crate.Versions.TryGetValue(version, out var found) && string.Equals(found.Version.Build, version.Build, StringComparison.Ordinal) ? found : null;
}
