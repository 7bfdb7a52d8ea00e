using Raktar.Application.Crates.Views;
using Raktar.Application.Ports;
using Raktar.Domain;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;

namespace Raktar.Application.Crates.TimeMachine;

/// <summary>Crates and versions as readers are shown them: what they may see today, as it is or as it was.</summary>
internal sealed class ShownCrates(IDocumentStore documents, GuardedCrates guarded, Past<CrateDetails> past)
{
    /// <summary>A crate under any spelling of its name, now or <paramref name="at"/> some time.</summary>
    public async Task<Outcome<CrateDetails>> Find(CrateName name, Requester? by, DateTimeOffset? at, CancellationToken cancellationToken)
    {
        var deleted = await guarded.StillShown(name, cancellationToken);
        var crate = await guarded.Find(name, cancellationToken);
        if ((await documents.Get(new(CrateDetails.Kind, name.Canonical), cancellationToken))?.View(CrateDetails.Parse) is not { Versions.Count: > 0 } today
            || !await guarded.Shows(name, crate, today.IsRestricted, by, cancellationToken))
        {
            return new NoSuchCrate(name.Text);
        }

        // What is deleted is not shown, whatever the documents still have; once they can be written again they are right.
        return deleted.Any(version => today.Find(version) is not null) ? throw new StoreUnavailableException("documents")
            : at is not { } then ? today
            : await past.Find(name, then, cancellationToken) is { Versions.Count: > 0 } asItWas ? asItWas
            : new NoSuchCrateThen(today.Name, then);
    }

    /// <summary>One version of it.</summary>
    public Task<Outcome<(CrateDetails Crate, VersionDetails Version)>> Find(
        CrateName name, SemVersion version, Requester? by, DateTimeOffset? at, CancellationToken cancellationToken) =>
        Find(name, by, at, cancellationToken).Then<CrateDetails, (CrateDetails, VersionDetails)>(crate =>
            crate.Find(version) is { } found ? (crate, found) : new NoSuchVersion(crate.Name.Text, version.ToString()));
}
