using System.Text;
using MediatR;
using Raktar.Application.Crates.TimeMachine;
using Raktar.Application.Ports;
using Raktar.Application.Publishing.CrateFiles;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;

namespace Raktar.Application.Crates.Files;

/// <summary>
/// The text of a version's README, empty when it has none, for <paramref name="By"/> (null: somebody unknown), when it was there <paramref name="At"/> some
/// time. Bytes that are not UTF-8 are replaced.
/// </summary>
public sealed record GetReadme(CrateName Crate, SemVersion Version, Requester? By, DateTimeOffset? At = null) : IRequest<Outcome<string>>;

internal sealed class GetReadmeHandler(ShownCrates crates, IBlobStore blobs) : IRequestHandler<GetReadme, Outcome<string>>
{
    public async Task<Outcome<string>> Handle(GetReadme query, CancellationToken cancellationToken)
    {
        var found = await crates.Find(query.Crate, query.Version, query.By, query.At, cancellationToken);
        if (found.Refusal is { } refusal)
        {
            return refusal;
        }

        if (found.Value.Version.Package.Readme is not { } readme)
        {
            return string.Empty;
        }

        await using var blob = await blobs.Open(BlobKey.Readme(readme.Checksum), cancellationToken);
        if (blob is null)
        {
            return string.Empty;
        }

        // No longer than was kept when it was published.
        var bytes = new byte[Math.Min(blob.Length, InspectedCrateFile.MaxReadmeBytes)];
        await blob.ReadExactlyAsync(bytes, cancellationToken);
        return Encoding.UTF8.GetString(bytes);
    }
}
