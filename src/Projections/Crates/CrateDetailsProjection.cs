using Raktar.Application.Crates;
using Raktar.Application.Events;
using Raktar.Domain;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;

namespace Raktar.Projections.Crates;

/// <summary>What a crate's page shows.</summary>
internal sealed class CrateDetailsProjection : IProjection<CrateDetails>
{
    public string Kind => CrateDetails.Kind;

    public string StreamKind => StreamName.CrateKind;

    public CrateDetails? Fold(CrateDetails? view, RecordedCommit recorded)
    {
        var at = recorded.Commit.At;
        foreach (var fact in recorded.Commit.Events)
        {
            view = fact switch
            {
                CrateCreated e => new(e.Name, at, at, [Owner.Of(e.Owner)], []),
                VersionPublished e => view! with
                {
                    UpdatedAt = at,
                    Versions = [.. view.Versions, new(e.Version, e.Checksum, e.Size, e.Publisher, at, at, Yanked: false, YankReason: null, e.Package)],
                },
                VersionYanked e => Mark(view!, e.Version, at, yanked: true, e.Reason),
                VersionUnyanked e => Mark(view!, e.Version, at, yanked: false, reason: null),
                OwnerAdded e => view! with { Owners = [.. view.Owners, e.Owner] },
                OwnerRemoved e => view! with { Owners = view.Owners.Where(owner => owner != e.Owner).ToValueList() },
                _ => view,
            };
        }

        return view;
    }

    public CrateDetails Parse(ReadOnlyMemory<byte> body) => CrateDetails.Parse(body);

    public byte[] ToBytes(CrateDetails view) => view.ToBytes();

    private static CrateDetails Mark(CrateDetails view, SemVersion version, DateTimeOffset at, bool yanked, string? reason) => view with
    {
        UpdatedAt = at,
        Versions = view.Versions
            .Select(v => v.Version == version ? v with { Yanked = yanked, YankReason = reason, UpdatedAt = at } : v)
            .ToValueList(),
    };
}
