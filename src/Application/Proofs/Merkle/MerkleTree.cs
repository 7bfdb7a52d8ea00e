using System.Security.Cryptography;
using Raktar.Domain;

namespace Raktar.Application.Proofs.Merkle;

/// <summary>
/// A Merkle tree as in RFC 6962, section 2.1 (https://www.rfc-editor.org/rfc/rfc6962#section-2.1): leaves and nodes are hashed behind different first
/// bytes, so that neither can be taken for the other, and a tree of any number of leaves has one shape only.
/// </summary>
public sealed class MerkleTree
{
    // From the leaves' hashes up to the root; the last of an odd number goes up as it is.
    private readonly List<Checksum[]> _levels;

    /// <summary>The tree over the hashes of leaves.</summary>
    public MerkleTree(IEnumerable<Checksum> leaves)
    {
        _levels = [[.. leaves]];
        while (_levels[^1] is { Length: > 1 } below)
        {
            _levels.Add([.. Enumerable.Range(0, (below.Length + 1) / 2).Select(i => (2 * i) + 1 < below.Length ? Node(below[2 * i], below[(2 * i) + 1]) : below[2 * i])]);
        }
    }

    /// <summary>The root of a tree without leaves.</summary>
    public static Checksum Empty { get; } = Checksum.Of([]);

    /// <summary>The number of leaves.</summary>
    public int Count => _levels[0].Length;

    /// <summary>The root.</summary>
    public Checksum Root => Count == 0 ? Empty : _levels[^1][0];

    /// <summary>The hash of a leaf.</summary>
    public static Checksum Leaf(ReadOnlySpan<byte> content) => Checksum.Of([0, .. content]);

    /// <summary>The hash of a leaf whose content is the 32 bytes of a hash.</summary>
    public static Checksum Leaf(Checksum content) => Leaf(content.Bytes());

    /// <summary>The hashes that lead from the leaf at <paramref name="index"/> to the root, from below.</summary>
    public IReadOnlyList<Checksum> Path(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        var path = new List<Checksum>();
        foreach (var level in _levels)
        {
            if ((index ^ 1) < level.Length)
            {
                path.Add(level[index ^ 1]);
            }

            index >>= 1;
        }

        return path;
    }

    /// <summary>The root to which a path leads from a leaf's hash at its place in a tree of <paramref name="count"/> leaves; null: it is no path from there.</summary>
    public static Checksum? RootFrom(Checksum leaf, long index, long count, IReadOnlyList<Checksum> path)
    {
        if (index < 0 || index >= count)
        {
            return null;
        }

        var (hash, used) = (leaf, 0);
        for (; count > 1; index >>= 1, count = (count + 1) / 2)
        {
            if ((index ^ 1) >= count)
            {
                continue;
            }

            if (used == path.Count)
            {
                return null;
            }

            hash = (index & 1) == 0 ? Node(hash, path[used]) : Node(path[used], hash);
            used++;
        }

        return used == path.Count ? hash : null;
    }

    internal static Checksum Node(Checksum left, Checksum right)
    {
        Span<byte> content = stackalloc byte[1 + (2 * SHA256.HashSizeInBytes)];
        content[0] = 1;
        left.Bytes().CopyTo(content[1..]);
        right.Bytes().CopyTo(content[(1 + SHA256.HashSizeInBytes)..]);
        return Checksum.Of(content);
    }
}

/// <summary>A Merkle tree that grows: knows its root after every leaf, and of the leaves no more than that takes.</summary>
public sealed class GrowingMerkleTree
{
    // The roots of the complete trees of which it is made, the largest first.
    private readonly List<Checksum> _complete = [];

    /// <summary>The number of leaves so far.</summary>
    public long Count { get; private set; }

    /// <summary>The root over all leaves so far.</summary>
    public Checksum Root => _complete.Count == 0 ? MerkleTree.Empty : _complete.AsEnumerable().Reverse().Aggregate((right, left) => MerkleTree.Node(left, right));

    /// <summary>Adds the hash of a leaf.</summary>
    public void Add(Checksum leaf)
    {
        // As in adding one to a binary number: two trees of one size become one.
        for (var bits = Count; (bits & 1) == 1; bits >>= 1)
        {
            leaf = MerkleTree.Node(_complete[^1], leaf);
            _complete.RemoveAt(_complete.Count - 1);
        }

        _complete.Add(leaf);
        Count++;
    }
}
