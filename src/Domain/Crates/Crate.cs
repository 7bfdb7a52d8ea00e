using System.Collections.Immutable;
using Raktar.Domain.Accounts;

namespace Raktar.Domain.Crates;

/// <summary>What must be remembered of a crate to decide: its spelling, its owners, and each version's checksum, publisher and yank.</summary>
public sealed record Crate
{
    /// <summary>A crate that nobody has published yet.</summary>
    public static Crate Unpublished { get; } = new();

    /// <summary>The registered spelling; null while unpublished.</summary>
    public CrateName? Name { get; init; }

    /// <summary>Who may change it, in the order they came.</summary>
    public ImmutableList<Login> Owners { get; init; } = [];

    /// <summary>Every version ever published.</summary>
    public ImmutableDictionary<SemVersion, PublishedVersion> Versions { get; init; } = ImmutableDictionary<SemVersion, PublishedVersion>.Empty;

    /// <summary>Whether <paramref name="login"/> owns it.</summary>
    public bool IsOwnedBy(Login login) => Owners.Contains(login);

    /// <summary>The crate after <paramref name="fact"/>.</summary>
    public Crate Evolve(CrateEvent fact) => fact switch
    {
        CrateCreated e => this with { Name = e.Name, Owners = [e.Owner] },
        VersionPublished e => this with { Versions = Versions.SetItem(e.Version, new(e.Version, e.Checksum, e.Publisher, IsYanked: false)) },
        VersionYanked e => Mark(e.Version, yanked: true),
        VersionUnyanked e => Mark(e.Version, yanked: false),
        OwnerAdded e => this with { Owners = Owners.Add(e.Owner) },
        OwnerRemoved e => this with { Owners = Owners.Remove(e.Owner) },
        // A forgotten fact must be noticed here; only views may ignore facts.
        _ => throw new InvalidOperationException($"a crate does not know {fact.GetType().Name}"),
    };

    private Crate Mark(SemVersion version, bool yanked) =>
        this with { Versions = Versions.SetItem(version, Versions[version] with { IsYanked = yanked }) };
}

/// <summary>One version: its text with build metadata, what its bytes hash to, who published it, and whether it is yanked.</summary>
public sealed record PublishedVersion(SemVersion Version, Checksum Checksum, Login Publisher, bool IsYanked);
