using Raktar.Domain;

namespace Raktar.Application.Proofs.Merkle;

/// <summary>What a checkpoint, named <paramref name="By"/>, says of one stream.</summary>
public sealed record SignedLeaf(string By, StreamLeaf Leaf)
{
    /// <summary>
    /// What in a stream's commits (each one's last version and hash) is not as the leaves say, or null. The leaves are in the ascending order of their
    /// <see cref="StreamLeaf.Commits"/>; the first that is contradicted is told.
    /// </summary>
    public static string? FirstContradiction(IEnumerable<(long LastVersion, Checksum Hash)> commits, IReadOnlyList<SignedLeaf> leaves)
    {
        var (tree, end, next) = (new GrowingMerkleTree(), 0L, 0);
        foreach (var (version, hash) in commits)
        {
            tree.Add(MerkleTree.Leaf(hash));
            end = version;
            for (; next < leaves.Count && leaves[next].Leaf.Commits <= tree.Count; next++)
            {
                var (by, leaf) = leaves[next];
                var problem =
                    leaf.Version != version ? $"its first {leaf.Commits} commits end at version {version}; {by} has them end at version {leaf.Version}"
                    : leaf.Head != hash ? $"its commit that ends at version {version} is not the one that {by} signed"
                    : leaf.Root != tree.Root ? $"its commits up to version {version} are not those that {by} signed"
                    : null;
                if (problem is not null)
                {
                    return problem;
                }
            }
        }

        return next == leaves.Count ? null
            : end == 0 ? $"the stream is gone; {leaves[next].By} has it up to version {leaves[^1].Leaf.Version}"
            : $"it ends at version {end}; {leaves[next].By} has it up to version {leaves[next].Leaf.Version}";
    }
}
