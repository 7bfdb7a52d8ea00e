using System.Formats.Tar;
using System.IO.Compression;
using System.Runtime.CompilerServices;

namespace Raktar.Application.Crates.Files;

/// <summary>
/// Reads the files of a stored crate file, forward only, without unpacking it anywhere. It was inspected when it was published
/// (<see cref="Publishing.CrateFiles.CrateFileInspector"/>), so that every reader of such files sees the same in it.
/// </summary>
internal static class CrateArchive
{
    /// <summary>How far into the unpacked bytes anybody looks, so that one page costs some tenths of a second at most.</summary>
    public const long MaxBytes = 64 * 1024 * 1024;

    /// <summary>
    /// The files below <paramref name="root"/>, each with its path from there, in the archive's order; after <see cref="MaxBytes"/> a null, and no more. What is in a
    /// file can be read until the next is asked for.
    /// </summary>
    public static async IAsyncEnumerable<(string Path, TarEntry Entry)?> Files(
        Stream crateFile, string root, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var gzip = new GZipStream(crateFile, CompressionMode.Decompress, leaveOpen: true);
        await using var tar = new TarReader(gzip, leaveOpen: true);
        var read = 0L;
        while (await tar.GetNextEntryAsync(copyData: false, cancellationToken) is { } entry)
        {
            if (entry.EntryType is TarEntryType.RegularFile or TarEntryType.V7RegularFile && entry.Name.StartsWith($"{root}/", StringComparison.Ordinal))
            {
                yield return (entry.Name[(root.Length + 1)..], entry);
            }

            read += UnpackedBytes(entry);
            if (read > MaxBytes)
            {
                yield return null;
                yield break;
            }
        }
    }

    /// <summary>What the entry takes of the archive, roughly: small files with much in their headers count as well.</summary>
    private static long UnpackedBytes(TarEntry entry) => 1024 + entry.Length + entry.Name.Length
        + (entry is PaxTarEntry pax ? pax.ExtendedAttributes.Sum(attribute => (long)attribute.Key.Length + attribute.Value.Length) : 0);
}
