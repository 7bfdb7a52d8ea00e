using Raktar.Application.Crates.TimeMachine;
using Raktar.Application.Crates.Views;
using Raktar.Application.Log;
using Raktar.Application.Ports;
using Raktar.Domain;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;

namespace Raktar.Projections.Crates;

/// <summary>What a crate's page shows.</summary>
internal sealed class CrateDetailsProjection : IProjection<CrateDetails>, IPastFold<CrateDetails>
{
    public string Kind => CrateDetails.Kind;

    public bool KeepsPackages => true;

    public CrateDetails? Fold(CrateDetails? view, RecordedCommit recorded)
    {
        var at = recorded.Commit.At;
        foreach (var fact in recorded.Commit.Events)
        {
            view = fact switch
            {
                CrateCreated e => new(e.Name, at, at, [Owner.Of(e.Owner)], VersionRuns<VersionDetails>.None),
                CrateRespelled e => view! with { Name = e.Name },
                VisibilityChanged e => view! with { IsRestricted = e.Restricted },
                VersionPublished e => view! with
                {
                    UpdatedAt = at,
                    History = view.History.Add(
                        new(e.Version, e.Checksum, e.Size, e.Publisher, at, at, Yanked: false, YankReason: null, PackedPackage.Of(e.Package)), recorded.Bytes),
                },
                VersionYanked e => Mark(view!, e.Version, at, version => version with { Yanked = true, YankReason = e.Reason }),
                VersionUnyanked e => Mark(view!, e.Version, at, version => version with { Yanked = false, YankReason = null }),
                VersionDeleted e => Mark(view!, e.Version, at, version => version with { IsDeleted = true, Packed = PackedPackage.Empty }),
                // Its package is in the log only. Where it never was deleted, for a fold that knew how it ends, this is a change like any other.
                VersionRestored e when view!.History.All.Any(v => v.Version == e.Version && v.IsDeleted) => throw new CannotFoldOnException(),
                VersionRestored e => Mark(view!, e.Version, at, version => version),
                OwnerAdded e => view! with { Owners = [.. view.Owners, e.Owner] },
                OwnerRemoved e => view! with { Owners = view.Owners.Where(owner => owner != e.Owner).ToValueList() },
                CrateDeprecated e => view! with { Deprecation = new(e.Successor, e.Reason) },
                CrateUndeprecated => view! with { Deprecation = null },
                _ => view,
            };
        }

        return view;
    }

    public async Task<CrateDetails?> Fold(
        IAsyncEnumerable<RecordedCommit> commits, IReadOnlySet<SemVersion> without, CancellationToken cancellationToken) =>
        await commits.AggregateAsync((CrateDetails?)null, Fold, cancellationToken) is not { } view ? null
        : without.Count == 0 ? view
        : view with { History = view.History.Change(v => without.Contains(v.Version), v => v with { IsDeleted = true, Packed = PackedPackage.Empty }) };

    public long MemoryOf(CrateDetails view) => view.History.All.Sum(v => 500L + v.Packed.Bytes.Length);

    public long SizeOf(CrateDetails view) => MemoryOf(view);

    public CrateDetails Parse(Document document) => CrateDetails.Parse(document);

    public byte[] ToBytes(CrateDetails view) => view.ToBytes();

    public IReadOnlyList<DocumentPart> ToParts(CrateDetails view) => view.ToParts();

    private static CrateDetails Mark(CrateDetails view, SemVersion version, DateTimeOffset at, Func<VersionDetails, VersionDetails> mark) => view with
    {
        UpdatedAt = at,
        History = view.History.Change(v => v.Version == version, v => mark(v) with { UpdatedAt = at }),
    };
}
