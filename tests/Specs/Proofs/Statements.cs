using System.Security.Cryptography;
using System.Text;
using Raktar.Application.Log;
using Raktar.Application.Ports;
using Raktar.Application.Proofs;
using Raktar.Application.Proofs.Merkle;
using Raktar.Domain;

namespace Raktar.Specs.Proofs;

public sealed class Statements
{
    private static readonly StreamLeaf[] Leaves =
    [
        new(StreamName.Parse("account/ann"), 1, 1, Checksum.Of("a"u8), Checksum.Of("b"u8)),
        new(StreamName.Parse("crate/foo_bar"), 12, 5, Checksum.Of("c"u8), Checksum.Of("d"u8)),
    ];

    [Fact]
    public void A_statement_is_these_lines()
    {
        var statement = Signed();
        Assert.Equal(
            $"""
            raktar-checkpoint 1
            number 7
            at 2026-11-22T12:00:00.1230000Z
            streams 2
            commits 6
            root {statement.Root}
            previous {Checksum.Zero}
            key {statement.Key}
            signature {statement.Signature}

            """,
            statement.Text);
        Assert.Equal(statement, CheckpointStatement.Find(statement.Text));
        Assert.True(statement.IsSigned());
    }

    [Fact]
    public void A_change_of_any_character_is_no_statement_or_not_signed()
    {
        var text = Signed().Text;
        for (var i = 0; i < text.Length; i++)
        {
            foreach (var changed in (string[])[$"{text[..i]}{(char)(text[i] ^ 1)}{text[(i + 1)..]}", text.Remove(i, 1), text.Insert(i, "1")])
            {
                // Equal neighbours: the same text again.
                Assert.False(changed != text && CheckpointStatement.Find(changed)?.IsSigned() == true, changed);
            }
        }
    }

    [Fact]
    public void A_file_is_read_back_and_holds_what_its_statement_says()
    {
        var file = new CheckpointFile(Signed(), Leaves);
        foreach (var bytes in (byte[][])[file.ToBytes(), Gzip.Expand(file.ToBytes())])
        {
            var read = CheckpointFile.Find(bytes)!;
            Assert.Equal(file.Statement, read.Statement);
            Assert.Equal(file.Leaves, read.Leaves);
            Assert.Null(read.Contradiction());
        }

        Assert.Equal("it says 2 streams and has the leaves of 1", new CheckpointFile(Signed(), [Leaves[0]]).Contradiction());
        Assert.Equal("its leaves are not in their order", new CheckpointFile(Signed(), [Leaves[1], Leaves[0]]).Contradiction());
        Assert.Equal("its leaves do not hash to its root", new CheckpointFile(Signed(), [Leaves[0], Leaves[1] with { Version = 13 }]).Contradiction());
        Assert.Equal("it says 6 commits and its leaves have 7", new CheckpointFile(Signed(), [Leaves[0], Leaves[1] with { Commits = 6 }]).Contradiction());
        Assert.Null(CheckpointFile.Find(Encoding.UTF8.GetBytes("nonsense")));
        Assert.Null(CheckpointFile.Find(Encoding.UTF8.GetBytes(Signed().Text + "\ncrate/foo 1 1\n")));
    }

    [Fact]
    [Trait("Needs", "seconds")]
    public void A_file_that_unpacks_to_a_hundred_times_as_much_is_no_checkpoint_and_costs_little()
    {
        var bomb = Gzip.Compress(Encoding.UTF8.GetBytes(Signed().Text + "\n" + new string('a', 100_000_000)));
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Null(CheckpointFile.Find(bomb));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 20_000_000);
    }

    [Fact]
    public void What_contradicts_a_leaf_is_told()
    {
        (long, Checksum)[] commits = [(1, Checksum.Of("1"u8)), (3, Checksum.Of("2"u8)), (4, Checksum.Of("3"u8))];
        var leaf = Leaf(commits);
        Assert.Null(Told(commits, leaf));
        Assert.Null(Told([.. commits, (5, Checksum.Of("4"u8))], leaf));
        Assert.Equal("the stream is gone; checkpoint 1 has it up to version 4", Told([], leaf));
        Assert.Equal("it ends at version 3; checkpoint 1 has it up to version 4", Told(commits[..2], leaf));
        Assert.Equal("its first 3 commits end at version 5; checkpoint 1 has them end at version 4", Told([.. commits[..2], (5, Checksum.Of("3"u8))], leaf));
        Assert.Equal("its commit that ends at version 4 is not the one that checkpoint 1 signed", Told([.. commits[..2], (4, Checksum.Of("4"u8))], leaf));
        Assert.Equal("its commits up to version 4 are not those that checkpoint 1 signed", Told([(1, Checksum.Of("0"u8)), .. commits[1..]], leaf));

        static string? Told((long, Checksum)[] commits, StreamLeaf leaf) => SignedLeaf.FirstContradiction(commits, [new("checkpoint 1", leaf)]);

        static StreamLeaf Leaf((long LastVersion, Checksum Hash)[] commits)
        {
            var tree = new MerkleTree(commits.Select(commit => MerkleTree.Leaf(commit.Hash)));
            return new(StreamName.Parse("crate/foo"), commits[^1].LastVersion, commits.Length, commits[^1].Hash, tree.Root);
        }
    }

    [Theory]
    [InlineData("checkpoints/00000001-{0}.gz", true)]
    [InlineData("checkpoints/1-{0}.gz", false)]
    [InlineData("checkpoints/00000001-{0}", false)]
    [InlineData("checkpoints/00000001-{0}.gz.gz", false)]
    [InlineData("checkpoints/", false)]
    [InlineData("crates/00000001-{0}.gz", false)]
    public void Only_the_path_of_a_checkpoint_is_one(string path, bool expected)
    {
        var full = path.Replace("{0}", Checksum.Zero.Hex, StringComparison.Ordinal);
        Assert.Equal(expected ? full : null, BlobKey.FindCheckpoint(full)?.Path);
    }

    private static CheckpointStatement Signed()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var unsigned = new CheckpointStatement(
            7,
            Examples.Noon,
            2,
            6,
            new MerkleTree(Leaves.Select(leaf => leaf.Hash)).Root,
            Checksum.Zero,
            CheckpointStatement.KeyText(key.ExportSubjectPublicKeyInfo()),
            string.Empty);
        var signature = key.SignData(Encoding.UTF8.GetBytes(unsigned.SignedText), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        return unsigned with { Signature = Convert.ToBase64String(signature) };
    }
}
