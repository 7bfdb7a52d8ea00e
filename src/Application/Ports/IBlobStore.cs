using System.Globalization;
using Raktar.Domain;
using Raktar.Domain.Crates;

namespace Raktar.Application.Ports;

/// <summary>Crate files, READMEs, checkpoints and copies of what upstreams have: written once, under a key that contains the checksum of the bytes, and never over.</summary>
public interface IBlobStore
{
    /// <summary>Takes an upload in: what is written to it is invisible until it is kept, and gone when it is disposed before.</summary>
    ValueTask<IStagedBlob> Stage(CancellationToken cancellationToken);

    /// <summary>Opens a blob for reading, or answers null when it is not there. The stream knows its length; where the store has files, it can seek.</summary>
    ValueTask<Stream?> Open(BlobKey key, CancellationToken cancellationToken);

    /// <summary>
    /// A URL under which the blob can be fetched for some minutes without a credential, made without asking whether it is there; null where the store
    /// has none and blobs are read through <see cref="Open"/>.
    /// </summary>
    Uri? Link(BlobKey key);

    /// <summary>The checkpoints that are there, whether or not the log knows of them, in no order.</summary>
    IAsyncEnumerable<BlobKey> Checkpoints(CancellationToken cancellationToken);

    /// <summary>Takes a blob away; it may be gone already. Only for what no fact needs any more.</summary>
    Task Remove(BlobKey key, CancellationToken cancellationToken);
}

/// <summary>An upload under way.</summary>
public interface IStagedBlob : IAsyncDisposable
{
    /// <summary>Adds bytes.</summary>
    ValueTask Write(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);

    /// <summary>All that was written, from the beginning. It ends with the upload: nobody else disposes it, nobody writes while it is read.</summary>
    Stream Read();

    /// <summary>Reads what was written there; unlike <see cref="Read"/> also while more is written, and by several at once.</summary>
    ValueTask<int> ReadAt(long offset, Memory<byte> buffer, CancellationToken cancellationToken);

    /// <summary>Makes the bytes durable and visible under <paramref name="key"/>. A blob that is there already has the same bytes and is left alone.</summary>
    Task Keep(BlobKey key, CancellationToken cancellationToken);
}

/// <summary>Where a blob is kept. The path contains the checksum, so one key never means two contents.</summary>
public readonly record struct BlobKey
{
    private const string CheckpointFolder = "checkpoints/";
    private const string CheckpointEnding = ".gz";

    private BlobKey(string path, Checksum checksum) => (Path, Checksum) = (path, checksum);

    /// <summary>The relative path, the same in every store.</summary>
    public string Path { get; }

    /// <summary>What the bytes must hash to.</summary>
    public Checksum Checksum { get; }

    /// <summary>Whether it is a checkpoint's: a store may keep those where nobody can delete them.</summary>
    public bool IsCheckpoint => Path.StartsWith(CheckpointFolder, StringComparison.Ordinal);

    /// <summary>The crate file of a version.</summary>
    public static BlobKey CrateFile(CrateName crate, SemVersion version, Checksum checksum) =>
        new($"crates/{crate.Canonical}/{version}/{checksum}.crate", checksum);

    /// <summary>A README.</summary>
    public static BlobKey Readme(Checksum checksum) => new($"readmes/{checksum.Hex[..2]}/{checksum}", checksum);

    /// <summary>The leaves of a checkpoint.</summary>
    public static BlobKey Checkpoint(int number, Checksum checksum) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{CheckpointFolder}{number:D8}-{checksum}{CheckpointEnding}"), checksum);

    /// <summary>The last good copy of a document of an upstream: an index file or its configuration.</summary>
    public static BlobKey UpstreamDocument(string upstream, string name, Checksum checksum) =>
        new($"upstreams/{upstream}/index/{checksum.Hex[..2]}/{name}-{checksum}.gz", checksum);

    /// <summary>The crate file of a version of an upstream.</summary>
    public static BlobKey UpstreamCrateFile(string upstream, CrateName crate, SemVersion version, Checksum checksum) =>
        new($"upstreams/{upstream}/crates/{checksum.Hex[..2]}/{crate.Canonical}-{version}-{checksum}.crate", checksum);

    /// <summary>What an upstream sent as the crate file of a version, and was none.</summary>
    public static BlobKey UpstreamEvidence(string upstream, CrateName crate, SemVersion version, Checksum checksum) =>
        new($"upstreams/{upstream}/evidence/{crate.Canonical}-{version}-{checksum}", checksum);

    /// <summary>Reads the path of a checkpoint; anything else is none.</summary>
    public static BlobKey? FindCheckpoint(string path) =>
        path.Length > CheckpointFolder.Length + 9
        && int.TryParse(path.AsSpan(CheckpointFolder.Length, 8), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        && Checksum.TryParse(path[(CheckpointFolder.Length + 9)..].Replace(CheckpointEnding, string.Empty, StringComparison.Ordinal), out var checksum)
        && Checkpoint(number, checksum) is var key
        && string.Equals(key.Path, path, StringComparison.Ordinal)
            ? key
            : null;
}
