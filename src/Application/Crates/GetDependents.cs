using MediatR;
using Raktar.Application.Ports;
using Raktar.Domain;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;

namespace Raktar.Application.Crates;

/// <summary>
/// The crates that <paramref name="By"/> (null: somebody unknown) may see and whose default version depends on a crate of this registry, by name;
/// <paramref name="Page"/> counts from 1.
/// </summary>
public sealed record GetDependents(CrateName Crate, int Page, int PerPage, Identity? By) : IRequest<Outcome<Dependents>>;

/// <summary>One page of dependents, and how many there are.</summary>
public sealed record Dependents(IReadOnlyList<Dependent> Page, int Total);

/// <summary>A crate, its default version, and what that says of the dependency.</summary>
public sealed record Dependent(CrateDetails Crate, VersionDetails Version, Dependency Dependency);

internal sealed class GetDependentsHandler(Catalogue catalogue, IDocumentStore documents, GuardedCrates guarded) : IRequestHandler<GetDependents, Outcome<Dependents>>
{
    public async Task<Outcome<Dependents>> Handle(GetDependents query, CancellationToken cancellationToken)
    {
        var hidden = await guarded.HiddenFrom(query.By, cancellationToken);
        if (hidden.Contains(query.Crate)
            || (await documents.Get(new(CrateDetails.Kind, query.Crate.Canonical), cancellationToken))?.View(CrateDetails.Parse) is not { Versions.Count: > 0 } wanted)
        {
            return new NoSuchCrate(query.Crate.Text);
        }

        var rows = (await catalogue.Rows(cancellationToken))
            .Where(row => !hidden.Contains(row.Name) && row.Entry.Dependencies.Contains(wanted.Name.Text))
            .OrderBy(row => row.Name.Canonical, StringComparer.Ordinal)
            .ToList();
        var page = new List<Dependent>();
        foreach (var row in rows.Skip((query.Page - 1) * query.PerPage).Take(query.PerPage))
        {
            if ((await documents.Get(new(CrateDetails.Kind, row.Name.Canonical), cancellationToken))?.View(CrateDetails.Parse) is { } details
                && details.Find(row.DefaultVersion) is { } version)
            {
                page.AddRange(version.Package.Dependencies
                    .Where(d => d.Registry is null && string.Equals(d.RealName(), wanted.Name.Text, StringComparison.Ordinal))
                    .Select(dependency => new Dependent(details, version, dependency)));
            }
        }

        return new Dependents(page, rows.Count);
    }
}
