using System.Text;
using Raktar.Application.Log;
using Raktar.Application.Ports;
using Raktar.Application.Proofs.Merkle;
using Raktar.Application.State;
using Raktar.Domain;

namespace Raktar.Application.Proofs;

/// <summary>
/// What the blob of a checkpoint holds, gzipped: the statement, an empty line, and a line per leaf. With it not only that something was changed can be said,
/// but what.
/// </summary>
public sealed record CheckpointFile(CheckpointStatement Statement, IReadOnlyList<StreamLeaf> Leaves)
{
    // A file that somebody planted there must not fill the verifier's memory. A million streams fit.
    private const long MaxBytes = 256 * 1024 * 1024;
    private const long MaxUnpacked = 1_000_000_000;

    // Most of each line are two hashes in hexadecimal digits, which gzip cannot make smaller than their bytes.
    private const int MostToOne = 20;

    /// <summary>The bytes to keep.</summary>
    public byte[] ToBytes()
    {
        var text = new StringBuilder(Statement.Text).Append('\n');
        foreach (var leaf in Leaves)
        {
            text.Append(leaf.Line).Append('\n');
        }

        return Gzip.Compress(Encoding.UTF8.GetBytes(text.ToString()));
    }

    /// <summary>Reads a file, gzipped or not, or a statement alone, which has no leaves; anything else is null.</summary>
    public static CheckpointFile? Find(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            var text = Encoding.UTF8.GetString(bytes.Span.StartsWith((ReadOnlySpan<byte>)[0x1f, 0x8b])
                ? Gzip.Expand(bytes, Math.Min(MaxUnpacked, (MostToOne * (long)bytes.Length) + (64 * 1024)))
                : bytes.Span);
            var end = text.IndexOf("\n\n", StringComparison.Ordinal);
            if (CheckpointStatement.Find(end < 0 ? text : text[..(end + 1)]) is not { } statement)
            {
                return null;
            }

            var leaves = end < 0 ? [] : text[(end + 2)..].Split('\n').SkipLast(1).Select(StreamLeaf.Find).ToList();
            return leaves.Contains(null) ? null : new(statement, [.. leaves.OfType<StreamLeaf>()]);
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    /// <summary>The file in a store, or what is wrong with it.</summary>
    public static async Task<(CheckpointFile? File, string? Problem)> Open(IBlobStore blobs, BlobKey key, CancellationToken cancellationToken)
    {
        await using var blob = await blobs.Open(key, cancellationToken);
        if (blob is null)
        {
            return (null, "the blob is missing");
        }

        using var bytes = new MemoryStream();
        var buffer = new byte[64 * 1024];
        for (int read; (read = await blob.ReadAsync(buffer, cancellationToken)) > 0;)
        {
            if (bytes.Length + read > MaxBytes)
            {
                return (null, $"the blob has more than {MaxBytes} bytes");
            }

            bytes.Write(buffer, 0, read);
        }

        var body = bytes.ToArray();
        return Checksum.Of(body) != key.Checksum ? (null, $"the blob's bytes hash to {Checksum.Of(body)}")
            : Find(body) is { } file ? (file, file.Contradiction())
            : (null, "the blob is no checkpoint");
    }

    /// <summary>What the leaves contradict in the statement, or null.</summary>
    public string? Contradiction()
    {
        var names = Leaves.Select(leaf => leaf.Stream.ToString()).ToList();
        return Leaves.Count != Statement.Streams ? $"it says {Statement.Streams} streams and has the leaves of {Leaves.Count}"
            : Leaves.Sum(leaf => leaf.Commits) != Statement.Commits ? $"it says {Statement.Commits} commits and its leaves have {Leaves.Sum(leaf => leaf.Commits)}"
            : !names.SequenceEqual(names.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal), StringComparer.Ordinal) ? "its leaves are not in their order"
            : new MerkleTree(Leaves.Select(leaf => leaf.Hash)).Root != Statement.Root ? "its leaves do not hash to its root"
            : null;
    }

    /// <summary>The leaf of every stream but the checkpoints' own, made of the log's commits, in the order of the names.</summary>
    internal static List<StreamLeaf> Leaf(IEnumerable<CommitHash> commits) =>
    [
        .. commits.Where(commit => commit.Stream != StreamName.Checkpoints)
            .GroupBy(commit => commit.Stream)
            .Select(stream => Leaf(stream.Key, stream.OrderBy(commit => commit.FirstVersion)))
            .OfType<StreamLeaf>()
            .OrderBy(leaf => leaf.Stream.ToString(), StringComparer.Ordinal),
    ];

    // What follows a gap is left out: it was appended while the log was read, or something is missing before it, and then an earlier checkpoint says so.
    private static StreamLeaf? Leaf(StreamName stream, IEnumerable<CommitHash> commits)
    {
        var (version, head, tree) = (0L, Checksum.Zero, new GrowingMerkleTree());
        foreach (var commit in commits.TakeWhile(commit => commit.FirstVersion == version + 1))
        {
            (version, head) = (commit.LastVersion, commit.Hash);
            tree.Add(MerkleTree.Leaf(head));
        }

        return tree.Count == 0 ? null : new(stream, version, tree.Count, head, tree.Root);
    }
}
