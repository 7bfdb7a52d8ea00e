using System.Globalization;
using System.Text;
using Raktar.Application.Log;
using Raktar.Domain;

namespace Raktar.Application.Proofs.Merkle;

/// <summary>
/// What a checkpoint says of one stream: up to which version it goes, in how many commits, the hash of the last of them, and the Merkle root over the hashes
/// of all. The head alone would do to find a change, since commits are chained; the root makes the proof of one commit short.
/// </summary>
public sealed record StreamLeaf(StreamName Stream, long Version, long Commits, Checksum Head, Checksum Root)
{
    /// <summary>Its one line of text: <c>crate/foo 12 5 {head} {root}</c>.</summary>
    public string Line => string.Create(CultureInfo.InvariantCulture, $"{Stream} {Version} {Commits} {Head} {Root}");

    /// <summary>Its hash in the registry's tree.</summary>
    public Checksum Hash => MerkleTree.Leaf(Encoding.UTF8.GetBytes(Line));

    /// <summary>Reads a line; anything that is not exactly one is null.</summary>
    public static StreamLeaf? Find(string line)
    {
        var parts = line.Split(' ');
        return parts is [var stream, var version, var commits, var head, var root]
            && stream.IndexOf('/', StringComparison.Ordinal) > 0
            && Number(version) is { } last
            && Number(commits) is { } count
            && Checksum.TryParse(head, out var headHash)
            && Checksum.TryParse(root, out var rootHash)
            && new StreamLeaf(StreamName.Parse(stream), last, count, headHash, rootHash) is var leaf
            && string.Equals(leaf.Line, line, StringComparison.Ordinal)
                ? leaf
                : null;

        static long? Number(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
    }
}
