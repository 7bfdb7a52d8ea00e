using System.Collections.Immutable;
using Raktar.Domain.Accounts;

namespace Raktar.Domain.Crates;

/// <summary>
/// What must be remembered of a crate to decide, and to let readers in: its spelling, owners, visibility and trusted publishers, and each version's
/// checksum, publisher, yank and deletion.
/// </summary>
public sealed record Crate
{
    /// <summary>A crate that nobody has published yet.</summary>
    public static Crate Unpublished { get; } = new();

    /// <summary>The registered spelling; null while unpublished.</summary>
    public CrateName? Name { get; init; }

    /// <summary>Who may change it, in the order they came.</summary>
    public ImmutableList<Owner> Owners { get; init; } = [];

    /// <summary>Every version ever published, deleted ones too.</summary>
    public ImmutableDictionary<SemVersion, PublishedVersion> Versions { get; init; } = ImmutableDictionary<SemVersion, PublishedVersion>.Empty;

    /// <summary>Whether only owners and <see cref="Readers"/> may see it.</summary>
    public bool IsRestricted { get; init; }

    /// <summary>The teams that may see it although it is restricted.</summary>
    public ValueList<TeamName> Readers { get; init; } = [];

    /// <summary>The runs that may publish it, by id.</summary>
    public ImmutableSortedDictionary<int, TrustedPublisher> TrustedPublishers { get; init; } = ImmutableSortedDictionary<int, TrustedPublisher>.Empty;

    /// <summary>How many trusted publishers there ever were.</summary>
    public int LastTrustedPublisher { get; init; }

    /// <summary>Whether nobody else may publish it.</summary>
    public bool IsTrustedOnly { get; init; }

    /// <summary>What its owners say against using it; null: nothing.</summary>
    public Deprecation? Deprecation { get; init; }

    /// <summary>
    /// Whether it ever was restricted, had a trusted publisher or lost a version: what requests must know without reading its documents. Never taken back, so
    /// that who remembers it hears of every change.
    /// </summary>
    public bool IsGuarded { get; init; }

    /// <summary>How many bytes the log has of the versions that there are: about what the crate's index file and its other documents take, unpacked.</summary>
    public long Bytes => Versions.Values.Where(version => !version.IsDeleted).Sum(version => version.Bytes);

    /// <summary>Whether <paramref name="by"/> owns it, alone or through a team.</summary>
    public bool IsOwnedBy(Requester by) => Owners.Exists(owner => owner.Is(by));

    /// <summary>Whether <paramref name="by"/> (null: somebody unknown) may see it.</summary>
    public bool IsVisibleTo(Requester? by) => !IsRestricted || (by is not null && (by.IsAdmin || IsOwnedBy(by) || Readers.Any(by.Teams.Contains) || Trusts(by)));

    /// <summary>Whether every version was deleted; of such a crate others than its owners are told nothing.</summary>
    public bool IsGone => !Versions.IsEmpty && Versions.Values.All(version => version.IsDeleted);

    /// <summary>
    /// Whether the crate is there at all for <paramref name="by"/>. To everybody else it must answer as a name that nobody ever took.
    /// </summary>
    public bool IsThereFor(Requester by) => Name is not null && IsVisibleTo(by) && (!IsGone || by.IsAdmin || IsOwnedBy(by));

    /// <summary>Whether <paramref name="by"/> is a run that may publish it: the trusted publisher by which it came in is still one.</summary>
    public bool Trusts(Requester by) => by.TrustedBy.Any(trusted => trusted.Name == Name && TrustedPublishers.ContainsKey(trusted.Publisher));

    /// <summary>The crate after <paramref name="fact"/>.</summary>
    public Crate Evolve(CrateEvent fact) => fact switch
    {
        CrateCreated e => this with { Name = e.Name, Owners = [Owner.Of(e.Owner)] },
        CrateRespelled e => this with
        {
            Name = e.Name,
            Versions = Versions.ToImmutableDictionary(entry => entry.Key, entry => entry.Value with { IsOfFormerSpelling = true }),
        },
        VersionPublished e => this with { Versions = Versions.SetItem(e.Version, new(e.Version, e.Checksum, e.Publisher, IsYanked: false)) },
        VersionYanked e => With(e.Version, version => version with { IsYanked = true }),
        VersionUnyanked e => With(e.Version, version => version with { IsYanked = false }),
        OwnerAdded e => this with { Owners = Owners.Add(e.Owner) },
        OwnerRemoved e => this with { Owners = Owners.Remove(e.Owner) },
        VisibilityChanged e => this with { IsRestricted = e.Restricted, Readers = e.Readers, IsGuarded = true },
        TrustedPublisherAdded e => this with
        {
            TrustedPublishers = TrustedPublishers.SetItem(e.Id, new(e.Id, e.Issuer, e.Claims)),
            LastTrustedPublisher = e.Id,
            IsGuarded = true,
        },
        TrustedPublisherRemoved e => this with { TrustedPublishers = TrustedPublishers.Remove(e.Id) },
        TrustedOnlyChanged e => this with { IsTrustedOnly = e.Only },
        CrateDeprecated e => this with { Deprecation = new(e.Successor, e.Reason) },
        CrateUndeprecated => this with { Deprecation = null },
        VersionDeleted e => With(e.Version, version => version with { RestorableUntil = e.RestorableUntil }) with { IsGuarded = true },
        VersionRestored e => With(e.Version, version => version with { RestorableUntil = null }),
        // A forgotten fact must be noticed here; only views may ignore facts.
        _ => throw new InvalidOperationException($"a crate does not know {fact.GetType().Name}"),
    };

    /// <summary>The crate after it is known how many bytes the log has of a version.</summary>
    public Crate Weigh(SemVersion version, long bytes) => With(version, found => found with { Bytes = bytes });

    private Crate With(SemVersion version, Func<PublishedVersion, PublishedVersion> change) =>
        this with { Versions = Versions.SetItem(version, change(Versions[version])) };
}

/// <summary>
/// One version: its text with build metadata, what its bytes hash to, who published it, whether it is yanked, when it was deleted until when it can be
/// restored; whether the crate had another spelling then; and how many bytes the log has of it.
/// </summary>
public sealed record PublishedVersion(
    SemVersion Version,
    Checksum Checksum,
    Login Publisher,
    bool IsYanked,
    DateTimeOffset? RestorableUntil = null,
    bool IsOfFormerSpelling = false,
    long Bytes = 0)
{
    /// <summary>Whether it was deleted.</summary>
    public bool IsDeleted => RestorableUntil is not null;
}

/// <summary>That a crate is not to be used any more: what to use instead, by the name that its owners gave, and why.</summary>
public sealed record Deprecation(CrateName? Successor, string? Reason);

/// <summary>Which runs of a continuous integration may publish the crate.</summary>
public sealed record TrustedPublisher(int Id, string Issuer, ValueList<ClaimRule> Claims)
{
    /// <summary>Whether a run of which <paramref name="issuer"/> says <paramref name="claims"/> is meant.</summary>
    public bool Covers(string issuer, IReadOnlyDictionary<string, string> claims) =>
        string.Equals(Issuer, issuer, StringComparison.Ordinal) && Claims.All(rule => claims.TryGetValue(rule.Claim, out var value) && rule.Allows(value));
}
