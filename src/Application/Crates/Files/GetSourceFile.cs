using System.Buffers;
using System.Text.Unicode;
using MediatR;
using Raktar.Application.Crates.TimeMachine;
using Raktar.Application.Ports;
using Raktar.Domain;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;

namespace Raktar.Application.Crates.Files;

/// <summary>
/// One file of a version's crate file, by its exact path from the crate's folder, for <paramref name="By"/> (null: somebody unknown), when the version was there
/// <paramref name="At"/> some time.
/// </summary>
public sealed record GetSourceFile(CrateName Crate, SemVersion Version, string Path, Requester? By, DateTimeOffset? At = null) : IRequest<Outcome<SourceFile>>
{
    /// <summary>How much of a file is read, in bytes.</summary>
    public const int MaxBytes = 100 * 1024;
}

/// <summary>A file: its size in bytes, and its beginning as text, up to <see cref="GetSourceFile.MaxBytes"/>; null when that is no text in UTF-8.</summary>
public sealed record SourceFile(string Path, long Size, string? Text)
{
    /// <summary>Whether there is more than <see cref="Text"/>.</summary>
    public bool IsCut => Size > GetSourceFile.MaxBytes;
}

internal sealed class GetSourceFileHandler(ShownCrates crates, IBlobStore blobs) : IRequestHandler<GetSourceFile, Outcome<SourceFile>>
{
    public async Task<Outcome<SourceFile>> Handle(GetSourceFile query, CancellationToken cancellationToken)
    {
        var found = await crates.Find(query.Crate, query.Version, query.By, query.At, cancellationToken);
        if (found.Refusal is { } refusal)
        {
            return refusal;
        }

        var (crate, version) = found.Value;
        await using var blob = await blobs.Open(BlobKey.CrateFile(crate.Name, version.Version, version.Checksum), cancellationToken);
        if (blob is not null)
        {
            await foreach (var file in CrateArchive.Files(blob, $"{crate.Name}-{version.Version}", cancellationToken))
            {
                if (file is not { Path: var path, Entry: var entry })
                {
                    return new TooLarge($"`{query.Path}` is too far inside the crate file to be shown (max {CrateArchive.MaxBytes} bytes); download it");
                }

                if (string.Equals(path, query.Path, StringComparison.Ordinal))
                {
                    var bytes = new byte[Math.Min(entry.Length, GetSourceFile.MaxBytes)];
                    await (entry.DataStream ?? Stream.Null).ReadExactlyAsync(bytes, cancellationToken);
                    return new SourceFile(path, entry.Length, TextOf(bytes, isAll: bytes.Length == entry.Length));
                }
            }
        }

        return new NoSuchFile(crate.Name, version.Version, query.Path);
    }

    private static string? TextOf(byte[] bytes, bool isAll)
    {
        var text = new char[bytes.Length];
        return bytes.AsSpan().Contains((byte)0)
            || Utf8.ToUtf16(bytes, text, out _, out var length, replaceInvalidSequences: false, isFinalBlock: isAll) is OperationStatus.InvalidData
                ? null
                : new string(text, 0, length);
    }
}
