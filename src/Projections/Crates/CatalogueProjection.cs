using Raktar.Application.Crates.Views;
using Raktar.Application.Log;
using Raktar.Application.Ports;
using Raktar.Domain;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;

namespace Raktar.Projections.Crates;

/// <summary>A crate in the catalogue while it is folded: what stays the same, and every version.</summary>
internal sealed record CatalogueView(
    CrateName Name,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    ValueList<Owner> Owners,
    VersionRuns<CatalogueVersion> Versions,
    bool IsRestricted = false,
    Deprecation? Deprecation = null);

/// <summary>One row per crate, for searches and listings.</summary>
internal sealed class CatalogueProjection : IProjection<CatalogueView>
{
    public string Kind => CatalogueRow.Kind;

    public bool KeepsPackages => true;

    public CatalogueView? Fold(CatalogueView? view, RecordedCommit recorded)
    {
        var at = recorded.Commit.At;
        foreach (var fact in recorded.Commit.Events)
        {
            switch (fact)
            {
                case CrateCreated e:
                    view = new(e.Name, at, at, [Owner.Of(e.Owner)], VersionRuns<CatalogueVersion>.None);
                    break;
                case CrateRespelled e:
                    view = view! with { Name = e.Name };
                    break;
                case VisibilityChanged e:
                    view = view! with { IsRestricted = e.Restricted };
                    break;
                case VersionPublished e:
                    view = view! with { UpdatedAt = at, Versions = view.Versions.Add(new(e.Version, Yanked: false, at, EntryOf(e.Package)), recorded.Bytes) };
                    break;
                case VersionYanked e:
                    view = Mark(view!, e.Version, v => v with { Yanked = true }) with { UpdatedAt = at };
                    break;
                case VersionUnyanked e:
                    view = Mark(view!, e.Version, v => v with { Yanked = false }) with { UpdatedAt = at };
                    break;
                case VersionDeleted e:
                    view = Mark(view!, e.Version, v => v with { Deleted = true, Entry = EntryOf(new Package()) }) with { UpdatedAt = at };
                    break;
                case VersionRestored e when view!.Versions.All.Any(v => v.Version == e.Version && v.Deleted):
                    // What it says of itself is in the log only.
                    throw new CannotFoldOnException();
                case VersionRestored:
                    view = view! with { UpdatedAt = at };
                    break;
                case CrateDeprecated e:
                    view = view! with { Deprecation = new(e.Successor, e.Reason) };
                    break;
                case CrateUndeprecated:
                    view = view! with { Deprecation = null };
                    break;
                case OwnerAdded e:
                    view = view! with { Owners = [.. view.Owners, e.Owner] };
                    break;
                case OwnerRemoved e:
                    view = view! with { Owners = view.Owners.Where(owner => owner != e.Owner).ToValueList() };
                    break;
            }
        }

        return view;
    }

    public bool IsFollowed(CatalogueView view) => true;

    public CatalogueView Parse(Document document)
    {
        var row = CatalogueRow.Parse(document.Body);
        return new(row.Name, row.CreatedAt, row.UpdatedAt, row.Owners, CatalogueRow.ParseVersions(document), row.IsRestricted, row.Deprecation);
    }

    public IReadOnlyList<DocumentPart> ToParts(CatalogueView view) => CatalogueRow.ToParts(view.Versions);

    public long SizeOf(CatalogueView view) => ToBytes(view).Length + ToParts(view).Sum(part => (long)part.Bytes.Length);

    public byte[] ToBytes(CatalogueView view)
    {
        var versions = view.Versions.All.Where(v => !v.Deleted).ToList();
        // Where none is left the row is for nobody to see, but it must be there: who follows the catalogue hears by it that the crate is gone.
        var shown = versions.Count > 0 ? versions : [.. view.Versions.All];
        var offered = DefaultVersions.Of(shown, v => v.Version, v => v.Yanked);
        return new CatalogueRow(
            view.Name,
            offered.Default.Version,
            offered.Max.Version,
            offered.MaxStable?.Version,
            (shown.FindLast(v => !v.Yanked) ?? shown[^1]).Version,
            versions.Count,
            shown.TrueForAll(v => v.Yanked),
            view.CreatedAt,
            view.UpdatedAt,
            view.Owners,
            offered.Default.Entry,
            view.IsRestricted,
            view.Deprecation).ToBytes(view.Versions);
    }

    private static CatalogueView Mark(CatalogueView view, SemVersion version, Func<CatalogueVersion, CatalogueVersion> mark) =>
        view with { Versions = view.Versions.Change(v => v.Version == version, mark) };

    private static CatalogueEntry EntryOf(Package package) => new(
        package.Description,
        package.Homepage,
        package.Documentation,
        package.Repository,
        package.Keywords,
        package.Categories,
        package.Dependencies.Where(d => d.Registry is null).Select(d => d.RealName()).Distinct(StringComparer.Ordinal).ToValueList());
}
