using MediatR;
using Raktar.Application.Crates.Views;
using Raktar.Domain.Accounts;

namespace Raktar.Application.Crates.Search;

/// <summary>Who owns crates that <paramref name="By"/> (null: somebody unknown) may see: accounts and teams, each once, in no order.</summary>
public sealed record ListOwners(Requester? By) : IRequest<Outcome<IReadOnlyCollection<Owner>>>;

internal sealed class ListOwnersHandler(Catalogue catalogue, GuardedCrates guarded) : IRequestHandler<ListOwners, Outcome<IReadOnlyCollection<Owner>>>
{
    public async Task<Outcome<IReadOnlyCollection<Owner>>> Handle(ListOwners query, CancellationToken cancellationToken)
    {
        var sight = await guarded.Of(query.By, cancellationToken);
        return await catalogue.Ask(
            rows => rows.Listed.Where(rows.Shown(sight)).DistinctBy(crate => rows.Of(crate).Owners).SelectMany(rows.Owners).ToHashSet(), cancellationToken);
    }
}
