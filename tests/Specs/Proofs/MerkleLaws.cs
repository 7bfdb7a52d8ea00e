using FsCheck;
using FsCheck.Fluent;
using Raktar.Application.Proofs.Merkle;
using Raktar.Domain;

namespace Raktar.Specs.Proofs;

public sealed class MerkleLaws
{
    /// <summary>The leaves and roots with which implementations of RFC 6962 are compared.</summary>
    [Theory]
    [InlineData(0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData(1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d")]
    [InlineData(2, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125")]
    [InlineData(3, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77")]
    [InlineData(4, "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7")]
    [InlineData(5, "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4")]
    [InlineData(6, "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef")]
    [InlineData(7, "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c")]
    [InlineData(8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328")]
    public void Roots_are_those_of_the_standard(int count, string root)
    {
        string[] leaves = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
        Assert.Equal(root, new MerkleTree(leaves.Take(count).Select(leaf => MerkleTree.Leaf(Convert.FromHexString(leaf)))).Root.Hex);
    }

    [Fact]
    public void A_tree_that_grows_has_the_same_roots()
    {
        var (growing, leaves) = (new GrowingMerkleTree(), new List<Checksum>());
        for (var i = 0; i < 300; i++)
        {
            Assert.Equal(new MerkleTree(leaves).Root, growing.Root);
            leaves.Add(Leaf(i));
            growing.Add(leaves[^1]);
        }
    }

    [Fact]
    public void Every_leaf_leads_to_the_root_and_from_no_other_place() => ForAll((count, index, _) =>
    {
        var tree = new MerkleTree(Enumerable.Range(0, count).Select(Leaf));
        var path = tree.Path(index);
        return path.Count <= Math.Ceiling(Math.Log2(Math.Max(2, count)))
            && Enumerable.Range(-1, count + 2).All(place => MerkleTree.RootFrom(Leaf(index), place, count, path) == tree.Root == (place == index));
    });

    [Fact]
    public void A_change_of_any_bit_leads_elsewhere() => ForAll((count, index, bit) =>
    {
        var tree = new MerkleTree(Enumerable.Range(0, count).Select(Leaf));
        var path = tree.Path(index);
        var leaf = Leaf(index);
        var changed = Enumerable.Range(0, path.Count).Select(i => (leaf, path: path.Select((hash, at) => at == i ? Flip(hash, bit) : hash).ToList()))
            .Append((leaf: Flip(leaf, bit), path: [.. path]));
        return changed.All(each => MerkleTree.RootFrom(each.leaf, index, count, each.path) is { } root && root != tree.Root);
    });

    [Fact]
    public void A_path_that_is_longer_shorter_or_in_another_order_is_none() => ForAll((count, index, bit) =>
    {
        var tree = new MerkleTree(Enumerable.Range(0, count).Select(Leaf));
        var path = tree.Path(index);
        return MerkleTree.RootFrom(Leaf(index), index, count, [.. path, Leaf(bit)]) is null
            && (path.Count == 0 || MerkleTree.RootFrom(Leaf(index), index, count, [.. path.Skip(1)]) is null)
            && (path.Count < 2 || MerkleTree.RootFrom(Leaf(index), index, count, [.. path.Reverse()]) != tree.Root);
    });

    [Fact]
    public void A_leaf_is_not_a_node_and_another_number_of_leaves_is_another_root()
    {
        var (left, right) = (Leaf(1), Leaf(2));
        Assert.NotEqual(new MerkleTree([left, right]).Root, MerkleTree.Leaf([.. left.Bytes(), .. right.Bytes()]));
        var roots = Enumerable.Range(0, 200).Select(count => new MerkleTree(Enumerable.Repeat(left, count)).Root).ToList();
        Assert.Equal(roots.Count, roots.Distinct().Count());
    }

    private static void ForAll(Func<int, int, int, bool> holds) => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(200),
        Prop.ForAll(
            Gen.Choose(1, 70).SelectMany(count => Gen.Choose(0, count - 1).SelectMany(index => Gen.Choose(0, 255).Select(bit => (count, index, bit)))).ToArbitrary(),
            each => holds(each.count, each.index, each.bit)));

    private static Checksum Leaf(int i) => MerkleTree.Leaf(BitConverter.GetBytes(i));

    private static Checksum Flip(Checksum hash, int bit)
    {
        var bytes = hash.Bytes();
        bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        return Checksum.FromHash(bytes);
    }
}
