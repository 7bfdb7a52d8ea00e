using MediatR;
using Microsoft.Extensions.Caching.Memory;
using Raktar.Application.Crates.TimeMachine;
using Raktar.Application.Crates.Views;
using Raktar.Application.Ports;
using Raktar.Domain;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;

namespace Raktar.Application.Crates.Files;

/// <summary>
/// Opens a crate file by name, version and checksum, as the <c>dl</c> template asks, for <paramref name="By"/> (null: somebody unknown): no document needs
/// to be read for it, unless <paramref name="At"/> says at what time the version must have been there, or the answer is a link. Without a
/// <paramref name="Checksum"/> it is looked up.
/// </summary>
public sealed record OpenCrateFile(CrateName Crate, SemVersion Version, Checksum? Checksum, Requester? By, DateTimeOffset? At = null)
    : IRequest<Outcome<CrateFile>>;

/// <summary>Where the bytes with this checksum are: at a URL that works for some minutes, or here.</summary>
public sealed record CrateFile(Checksum Checksum, Uri? Link, Stream? Content);

internal sealed class OpenCrateFileHandler(
    IBlobStore blobs, GuardedCrates guarded, ShownCrates crates, Past<IndexFile> past, IDocumentStore documents)
    : IRequestHandler<OpenCrateFile, Outcome<CrateFile>>, IDisposable
{
    private const int RememberedFiles = 20_000;

    // A version that was listed once is listed until it is deleted, and of deleted ones the guarded crates tell.
    private readonly MemoryCache _listed = new(new MemoryCacheOptions { SizeLimit = RememberedFiles });

    public async Task<Outcome<CrateFile>> Handle(OpenCrateFile query, CancellationToken cancellationToken)
    {
        if (query.Checksum is not { } checksum)
        {
            var found = await crates.Find(query.Crate, query.Version, query.By, query.At, cancellationToken);
            return found.Refusal is { } refusal ? refusal : await OpenShown(found.Value, cancellationToken);
        }

        // One refusal for all: what is hidden or deleted must not differ from what never was.
        var missing = new NoSuchVersion(query.Crate.Text, query.Version.ToString());
        var crate = await guarded.Find(query.Crate, cancellationToken);
        if (crate is not null
            && (!crate.IsVisibleTo(query.By) || (crate.Versions.TryGetValue(query.Version, out var version) && version.IsDeleted)))
        {
            return missing;
        }

        if (query.At is { } at
            && (await past.Find(query.Crate, at, cancellationToken) is not { } then
                || !await guarded.Shows(query.Crate, crate, then.IsRestricted, query.By, cancellationToken)
                || !then.Lists(query.Version)))
        {
            return missing;
        }

        var key = BlobKey.CrateFile(query.Crate, query.Version, checksum);
        if (blobs.Link(key) is { } link)
        {
            return await IsListed(key, query, checksum, crate, cancellationToken) ? new CrateFile(checksum, link, null) : missing;
        }

        return await blobs.Open(key, cancellationToken) is { } file ? new CrateFile(checksum, null, file) : missing;
    }

    public void Dispose() => _listed.Dispose();

    /// <summary>
    /// Whether the index lists the file: a link is made without asking the store whether it has one, and would tell a hidden crate from none.
    /// </summary>
    private async ValueTask<bool> IsListed(BlobKey key, OpenCrateFile query, Checksum checksum, Crate? crate, CancellationToken cancellationToken)
    {
        if (_listed.TryGetValue(key, out _))
        {
            return true;
        }

        var document = await documents.Get(new(IndexFile.Kind, query.Crate.Canonical), cancellationToken);
        if (document?.View(IndexFile.Parse) is not { } file
            || !await guarded.Shows(query.Crate, crate, file.IsRestricted, query.By, cancellationToken)
            || !file.Lists(query.Version, checksum))
        {
            return false;
        }

        _listed.Set(key, true, new MemoryCacheEntryOptions { Size = 1 });
        return true;
    }

    private async Task<Outcome<CrateFile>> OpenShown((CrateDetails Crate, VersionDetails Version) shown, CancellationToken cancellationToken)
    {
        var (crate, version) = (shown.Crate.Name, shown.Version);
        var key = BlobKey.CrateFile(crate, version.Version, version.Checksum);
        return blobs.Link(key) is { } link ? new CrateFile(version.Checksum, link, null)
            : await blobs.Open(key, cancellationToken) is { } file ? new CrateFile(version.Checksum, null, file)
            : new NoSuchVersion(crate.Text, version.Version.ToString());
    }
}
