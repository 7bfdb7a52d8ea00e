using MediatR;
using Raktar.Application.Crates.Views;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;

namespace Raktar.Application.Crates.TimeMachine;

/// <summary>
/// What is known of a crate, found under any spelling of its name, for <paramref name="By"/> (null: somebody unknown); as it was <paramref name="At"/> some
/// time, less the versions that are deleted today.
/// </summary>
public sealed record GetCrate(CrateName Crate, Requester? By, DateTimeOffset? At = null) : IRequest<Outcome<CrateDetails>>;

internal sealed class GetCrateHandler(ShownCrates crates) : IRequestHandler<GetCrate, Outcome<CrateDetails>>
{
    public Task<Outcome<CrateDetails>> Handle(GetCrate query, CancellationToken cancellationToken) =>
        crates.Find(query.Crate, query.By, query.At, cancellationToken);
}
