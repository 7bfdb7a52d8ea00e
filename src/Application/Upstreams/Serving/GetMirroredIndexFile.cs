using MediatR;
using Raktar.Application.Upstreams.Index;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;

namespace Raktar.Application.Upstreams.Serving;

/// <summary>The index file of an upstream's crate, as upstream wrote it, for <paramref name="By"/> (null: somebody unknown); all see the same.</summary>
public sealed record GetMirroredIndexFile(string Upstream, CrateName Crate, Requester? By) : IRequest<Outcome<Mirrored>>;

internal sealed class GetMirroredIndexFileHandler(Mirrors mirrors) : IRequestHandler<GetMirroredIndexFile, Outcome<Mirrored>>
{
    public Task<Outcome<Mirrored>> Handle(GetMirroredIndexFile query, CancellationToken cancellationToken)
    {
        var mirror = mirrors[query.Upstream];
        if (mirror.Upstream.IsInternal(query.Crate))
        {
            return Task.FromResult<Outcome<Mirrored>>(new InternalName(query.Crate, query.Upstream));
        }

        var found = mirror.Index.Find(query.Crate.Lower, cancellationToken);
        return found.IsCompletedSuccessfully ? Task.FromResult(Answer(query, found.Result)) : Later(query, found);
    }

    private static async Task<Outcome<Mirrored>> Later(GetMirroredIndexFile query, ValueTask<Mirrored?> found) => Answer(query, await found);

    private static Outcome<Mirrored> Answer(GetMirroredIndexFile query, Mirrored? found) =>
        found is not { } mirrored ? new NeverFetched(query.Crate, query.Upstream)
        : mirrored.Document.IsMissing ? new NoSuchUpstreamCrate(query.Crate, query.Upstream)
        : mirrored;
}
