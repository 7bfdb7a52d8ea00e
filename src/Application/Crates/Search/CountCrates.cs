using MediatR;
using Raktar.Application.Crates.Views;
using Raktar.Domain.Accounts;

namespace Raktar.Application.Crates.Search;

/// <summary>How much there is that <paramref name="By"/> (null: somebody unknown) may see.</summary>
public sealed record CountCrates(Requester? By) : IRequest<Outcome<CrateCounts>>;

/// <summary>Numbers of crates that have a version, and of their versions.</summary>
public sealed record CrateCounts(int Crates, int Versions);

internal sealed class CountCratesHandler(Catalogue catalogue, GuardedCrates guarded) : IRequestHandler<CountCrates, Outcome<CrateCounts>>
{
    public async Task<Outcome<CrateCounts>> Handle(CountCrates query, CancellationToken cancellationToken)
    {
        var sight = await guarded.Of(query.By, cancellationToken);
        return await catalogue.Ask(rows => rows.Listed.Where(rows.Shown(sight)).Aggregate(
            new CrateCounts(0, 0), (counts, crate) => new(counts.Crates + 1, counts.Versions + rows.Of(crate).VersionCount)), cancellationToken);
    }
}
