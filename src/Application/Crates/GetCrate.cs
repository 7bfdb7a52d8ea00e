using MediatR;
using Raktar.Application.Ports;
using Raktar.Domain;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;

namespace Raktar.Application.Crates;

/// <summary>What is known of a crate, found under any spelling of its name, for <paramref name="By"/> (null: somebody unknown).</summary>
public sealed record GetCrate(CrateName Crate, Identity? By) : IRequest<Outcome<CrateDetails>>;

internal sealed class GetCrateHandler(IDocumentStore documents, GuardedCrates guarded) : IRequestHandler<GetCrate, Outcome<CrateDetails>>
{
    public async Task<Outcome<CrateDetails>> Handle(GetCrate query, CancellationToken cancellationToken) =>
        await guarded.IsVisible(query.Crate, query.By, cancellationToken)
        && (await documents.Get(new(CrateDetails.Kind, query.Crate.Canonical), cancellationToken))?.View(CrateDetails.Parse) is { Versions.Count: > 0 } details
            ? details
            : new NoSuchCrate(query.Crate.Text);
}
