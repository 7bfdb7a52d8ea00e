using MediatR;
using Raktar.Application.Upstreams.CrateFiles;
using Raktar.Domain;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;

namespace Raktar.Application.Upstreams.Serving;

/// <summary>
/// Opens a crate file of an upstream by name, version and checksum, as the <c>dl</c> template asks, for <paramref name="By"/> (null: somebody
/// unknown); all get the same. Without a <paramref name="Checksum"/> it is looked up.
/// </summary>
public sealed record OpenMirroredCrateFile(string Upstream, CrateName Crate, SemVersion Version, Checksum? Checksum, Requester? By)
    : IRequest<Outcome<MirroredCrateFile>>;

internal sealed class OpenMirroredCrateFileHandler(Mirrors mirrors) : IRequestHandler<OpenMirroredCrateFile, Outcome<MirroredCrateFile>>
{
    public async Task<Outcome<MirroredCrateFile>> Handle(OpenMirroredCrateFile query, CancellationToken cancellationToken)
    {
        var mirror = mirrors[query.Upstream];
        return mirror.Upstream.IsInternal(query.Crate)
            ? new InternalName(query.Crate, query.Upstream)
            : await mirror.CrateFiles.Open(query.Crate, query.Version, query.Checksum, cancellationToken);
    }
}
