using MediatR;
using Raktar.Application.Ports;
using Raktar.Domain;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;

namespace Raktar.Application.Crates;

/// <summary>
/// Opens a crate file by name, version and checksum, as the <c>dl</c> template asks, for <paramref name="By"/> (null: somebody unknown): no document needs
/// to be read for it, unless <paramref name="At"/> says at what time the version must have been there. Without a <paramref name="Checksum"/> it is looked up.
/// </summary>
public sealed record OpenCrateFile(CrateName Crate, SemVersion Version, Checksum? Checksum, Identity? By, DateTimeOffset? At = null)
    : IRequest<Outcome<CrateFile>>;

/// <summary>Where the bytes with this checksum are: at a URL that works for some minutes, which says itself when there are none, or here.</summary>
public sealed record CrateFile(Checksum Checksum, Uri? Link, Stream? Content);

internal sealed class OpenCrateFileHandler(IBlobStore blobs, GuardedCrates guarded, ShownCrates crates, Past<IndexFile> past)
    : IRequestHandler<OpenCrateFile, Outcome<CrateFile>>
{
    public async Task<Outcome<CrateFile>> Handle(OpenCrateFile query, CancellationToken cancellationToken)
    {
        if (query.Checksum is null)
        {
            var found = await crates.Find(query.Crate, query.Version, query.By, query.At, cancellationToken);
            return found.Refusal is { } refusal ? refusal
                : await Open(found.Value.Crate.Name, found.Value.Version.Version, found.Value.Version.Checksum, cancellationToken);
        }

        if (await guarded.Find(query.Crate, cancellationToken) is { } crate)
        {
            if (!crate.IsVisibleTo(query.By))
            {
                return new NoSuchCrate(query.Crate.Text);
            }

            if (crate.Versions.TryGetValue(query.Version, out var version) && version.IsDeleted)
            {
                return new NoSuchVersion(query.Crate.Text, query.Version.ToString());
            }
        }

        if (query.At is { } at && (await past.Find(query.Crate, at, cancellationToken))?.Lists(query.Version) != true)
        {
            return new NoSuchVersion(query.Crate.Text, query.Version.ToString());
        }

        return await Open(query.Crate, query.Version, query.Checksum, cancellationToken);
    }

    private async Task<Outcome<CrateFile>> Open(CrateName crate, SemVersion version, Checksum checksum, CancellationToken cancellationToken)
    {
        var key = BlobKey.CrateFile(crate, version, checksum);
        return blobs.Link(key) is { } link ? new CrateFile(checksum, link, null)
            : await blobs.Open(key, cancellationToken) is { } file ? new CrateFile(checksum, null, file)
            : new NoSuchVersion(crate.Text, version.ToString());
    }
}
