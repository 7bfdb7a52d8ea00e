using MediatR;
using Raktar.Application.Crates.TimeMachine;
using Raktar.Application.Crates.Views;
using Raktar.Application.Ports;
using Raktar.Domain;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;

namespace Raktar.Application.Crates.Search;

/// <summary>
/// The crates that <paramref name="By"/> (null: somebody unknown) may see and whose default version depends on a crate of this registry, by name;
/// <paramref name="Page"/> counts from 1.
/// </summary>
public sealed record GetDependents(CrateName Crate, int Page, int PerPage, Requester? By) : IRequest<Outcome<Dependents>>;

/// <summary>One page of dependents, and how many there are.</summary>
public sealed record Dependents(IReadOnlyList<Dependent> Page, int Total);

/// <summary>A crate, its default version, and what that says of the dependency.</summary>
public sealed record Dependent(CrateDetails Crate, VersionDetails Version, Dependency Dependency);

internal sealed class GetDependentsHandler(Catalogue catalogue, IDocumentStore documents, GuardedCrates guarded, ShownCrates crates)
    : IRequestHandler<GetDependents, Outcome<Dependents>>
{
    public async Task<Outcome<Dependents>> Handle(GetDependents query, CancellationToken cancellationToken)
    {
        var found = await crates.Find(query.Crate, query.By, at: null, cancellationToken);
        if (found.Refusal is { } refusal)
        {
            return refusal;
        }

        var wanted = found.Value;
        var sight = await guarded.Of(query.By, cancellationToken);
        var (rows, total) = await catalogue.Ask(
            rows =>
            {
                var all = rows.DependingOn(wanted.Name.Text).Where(rows.Shown(sight)).ToList();
                var page = all.OrderBy(rows.Names.Text, StringComparer.Ordinal).Skip((query.Page - 1) * query.PerPage).Take(query.PerPage);
                return (page.Select(rows.Row).ToList(), all.Count);
            },
            cancellationToken);
        var page = new List<Dependent>();
        foreach (var row in rows)
        {
            if ((await documents.Get(new(CrateDetails.Kind, row.Name.Canonical), cancellationToken))?.View(CrateDetails.Parse) is { } details
                && details.Find(row.DefaultVersion) is { } version)
            {
                page.AddRange(version.Package.Dependencies
                    .Where(d => d.Registry is null && string.Equals(d.RealName(), wanted.Name.Text, StringComparison.Ordinal))
                    .Select(dependency => new Dependent(details, version, dependency)));
            }
        }

        return new Dependents(page, total);
    }
}
