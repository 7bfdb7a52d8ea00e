using MediatR;
using Raktar.Application.Ports;
using Raktar.Domain;
using Raktar.Domain.Crates;

namespace Raktar.Application.Crates;

/// <summary>Opens a crate file by name, version and checksum, as the <c>dl</c> template asks: no document needs to be read for it.</summary>
public sealed record OpenCrateFile(CrateName Crate, SemVersion Version, Checksum Checksum) : IRequest<Outcome<Stream>>;

internal sealed class OpenCrateFileHandler(IBlobStore blobs) : IRequestHandler<OpenCrateFile, Outcome<Stream>>
{
    public async Task<Outcome<Stream>> Handle(OpenCrateFile query, CancellationToken cancellationToken) =>
        await blobs.Open(BlobKey.CrateFile(query.Crate, query.Version, query.Checksum), cancellationToken) is { } file
            ? file
            : new NoSuchVersion(query.Crate.Text, query.Version.ToString());
}
