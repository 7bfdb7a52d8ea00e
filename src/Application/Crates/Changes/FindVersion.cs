using MediatR;
using Raktar.Application.Callers;
using Raktar.Application.Log;
using Raktar.Application.State;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;

namespace Raktar.Application.Crates.Changes;

/// <summary>
/// A version as the log has it now, for somebody about to yank it (<see cref="TokenScope.Yank"/>) or to delete or restore it (<see cref="TokenScope.Admin"/>,
/// which also finds deleted ones): what they may not do is refused already here.
/// </summary>
public sealed record FindVersion(Caller By, CrateName Crate, SemVersion Version, TokenScope For) : IRequest<Outcome<FoundVersion>>, INeeds
{
    /// <inheritdoc/>
    public Need Need => Need.Of(By, For, Crate);
}

/// <summary>The crate in its registered spelling, and the version.</summary>
public sealed record FoundVersion(CrateName Crate, PublishedVersion Version);

internal sealed class FindVersionHandler(Streams<Crate> crates) : IRequestHandler<FindVersion, Outcome<FoundVersion>>
{
    public async Task<Outcome<FoundVersion>> Handle(FindVersion query, CancellationToken cancellationToken)
    {
        var (by, name, version, scope) = query;
        var (crate, _) = await crates.Load(StreamName.Of(name), cancellationToken);
        var sought = scope == TokenScope.Admin
            ? CrateDecider.FindEver(crate, name, version, by.Requester)
            : CrateDecider.Find(crate, name, version, by.Requester);
        return sought.Refusal is { } refusal ? refusal : new FoundVersion(crate.Name!, sought.Version!);
    }
}
