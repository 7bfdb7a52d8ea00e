using MediatR;
using Raktar.Application.Crates.Views;
using Raktar.Application.Ports;
using Raktar.Domain;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;

namespace Raktar.Application.Crates.TimeMachine;

/// <summary>The same as <see cref="GetIndexFile"/>, as it was at the time <paramref name="At"/>; whether the caller may see the crate is decided by today's rights.</summary>
public sealed record GetPastIndexFile(string LowerName, DateTimeOffset At, Requester? By) : IRequest<Outcome<IndexFile>>;

internal sealed class GetPastIndexFileHandler(Past<IndexFile> past, GuardedCrates guarded) : IRequestHandler<GetPastIndexFile, Outcome<IndexFile>>
{
    public async Task<Outcome<IndexFile>> Handle(GetPastIndexFile query, CancellationToken cancellationToken)
    {
        if (!CrateName.TryParse(query.LowerName, out var name))
        {
            return new NoSuchCrate(query.LowerName);
        }

        var crate = await guarded.Find(name, cancellationToken);
        var deleted = await guarded.StillShown(name, cancellationToken);
        return await past.Find(name, query.At, cancellationToken) is { IsEmpty: false } file
            && await guarded.Shows(name, crate, file.IsRestricted, query.By, cancellationToken)
            && file.Name.Equals(query.LowerName, StringComparison.OrdinalIgnoreCase)
                ? deleted.Any(version => file.Lists(version)) ? throw new StoreUnavailableException("documents") : file
                : new NoSuchCrate(query.LowerName);
    }
}
