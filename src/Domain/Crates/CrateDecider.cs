using Raktar.Domain.Accounts;

namespace Raktar.Domain.Crates;

/// <summary>What may happen to a crate: state and intent in, facts or a refusal out. Pure; the same intent twice records nothing the second time.</summary>
public static class CrateDecider
{
    /// <summary>
    /// Whether <paramref name="by"/> could publish this version at all: asked before the upload is read, so that a hopeless one costs nothing.
    /// An own earlier publish passes, because only its bytes can tell a retry from a conflict.
    /// </summary>
    public static Refusal? RefuseBeforeUpload(Crate crate, CrateName name, SemVersion version, Login by)
    {
        if (crate.Name is not { } registered)
        {
            return null;
        }

        if (!string.Equals(registered.Text, name.Text, StringComparison.Ordinal))
        {
            return new NameTaken(registered);
        }

        if (!crate.IsOwnedBy(by))
        {
            return new NotAnOwner(registered);
        }

        return crate.Versions.TryGetValue(version, out var earlier) && earlier.Publisher != by ? new AlreadyPublished(registered, version) : null;
    }

    /// <summary>Publishes a version; the first one creates the crate and makes its publisher the owner.</summary>
    public static Decision Publish(Crate crate, CrateName name, VersionPublished published)
    {
        if (RefuseBeforeUpload(crate, name, published.Version, published.Publisher) is { } refusal)
        {
            return refusal;
        }

        if (crate.Name is null)
        {
            return Decision.Of(new CrateCreated(name, published.Publisher), published);
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

    /// <summary>Yanks a version; owners may, and administrators.</summary>
    public static Decision Yank(Crate crate, CrateName name, SemVersion version, string? reason, Login by, bool asAdmin) =>
        Find(crate, name, version, by, asAdmin) switch
        {
            (_, { } refusal) => refusal,
            ({ IsYanked: true }, _) => Decision.Nothing,
            ({ } found, _) => new VersionYanked(found.Version, reason),
            _ => throw new InvalidOperationException("a version is found or refused"),
        };

    /// <summary>Takes a yank back; owners may, and administrators.</summary>
    public static Decision Unyank(Crate crate, CrateName name, SemVersion version, Login by, bool asAdmin) =>
        Find(crate, name, version, by, asAdmin) switch
        {
            (_, { } refusal) => refusal,
            ({ IsYanked: false }, _) => Decision.Nothing,
            ({ } found, _) => new VersionUnyanked(found.Version),
            _ => throw new InvalidOperationException("a version is found or refused"),
        };

    /// <summary>Adds owners, all or none. Whether they have accounts is the caller's to check.</summary>
    public static Decision AddOwners(Crate crate, CrateName name, IReadOnlyList<Login> owners, Login by, bool asAdmin)
    {
        if (RefuseStranger(crate, name, by, asAdmin) is { } refusal)
        {
            return refusal;
        }

        var added = owners.Distinct().ToList();
        return added.Find(crate.IsOwnedBy) is { } already
            ? new AlreadyAnOwner(already)
            : Decision.Of([.. added.Select(owner => new OwnerAdded(owner))]);
    }

    /// <summary>Removes owners, all or none, never the last one.</summary>
    public static Decision RemoveOwners(Crate crate, CrateName name, IReadOnlyList<Login> owners, Login by, bool asAdmin)
    {
        if (RefuseStranger(crate, name, by, asAdmin) is { } refusal)
        {
            return refusal;
        }

        var removed = owners.Distinct().ToList();
        if (removed.Find(owner => !crate.IsOwnedBy(owner)) is { } stranger)
        {
            return new NotListedAsOwner(stranger.Text);
        }

        return removed.Count == crate.Owners.Count
            ? new LastOwner(crate.Name!)
            : Decision.Of([.. removed.Select(owner => new OwnerRemoved(owner))]);
    }

    private static Refusal? RefuseStranger(Crate crate, CrateName name, Login by, bool asAdmin) => crate.Name switch
    {
        null => new NoSuchCrate(name.Text),
        { } registered when !asAdmin && !crate.IsOwnedBy(by) => new NotAnOwner(registered),
        _ => null,
    };

    private static (PublishedVersion? Found, Refusal? Refusal) Find(Crate crate, CrateName name, SemVersion version, Login by, bool asAdmin)
    {
        if (RefuseStranger(crate, name, by, asAdmin) is { } refusal)
        {
            return (null, refusal);
        }

        // The build metadata must be the published one: a URL names one text.
        return crate.Versions.TryGetValue(version, out var found) && string.Equals(found.Version.Build, version.Build, StringComparison.Ordinal)
            ? (found, null)
            : (null, new NoSuchVersion(crate.Name!.Text, version.ToString()));
    }
}
