using System.Globalization;
using Raktar.Api.Web.Crates.Parts;
using Raktar.Domain;
using Raktar.Domain.Crates;

namespace Raktar.Api.Specs.Web;

/// <summary>What features turn on, however they are entangled.</summary>
public sealed class FeatureTrees
{
    [Fact]
    public void A_circle_is_followed_once()
    {
        var all = Features(("a", ["b"]), ("b", ["a", "b", "c"]), ("c", []));
        Assert.Equal("a(b(a... b... c))", Text(FeatureTree.Of(all, [all[0]])[0]));
    }

    [Fact]
    public void A_crate_of_nothing_but_features_stays_small()
    {
        // Each of 300 turns on all 300: unrolled, more than there are atoms.
        var names = Enumerable.Range(0, 300).Select(i => string.Create(CultureInfo.InvariantCulture, $"f{i}")).ToList();
        var all = Features([.. names.Select(name => (name, names.ToArray()))]);
        var trees = FeatureTree.Of(all, [.. all.Take(100)]);
        Assert.Equal(100, trees.Count);
        Assert.InRange(trees.Sum(Size), 100, FeatureTree.MaxNodes);
        Assert.Contains(trees, tree => !tree.IsWhole);
    }

    [Fact]
    public void A_long_chain_is_not_followed_to_its_end()
    {
        var all = Features([.. Enumerable.Range(0, 200).Select(i => ($"f{i}", new[] { $"f{i + 1}" }))]);
        Assert.Equal("f0(f1(f2(f3(f4(f5(f6...))))))", Text(FeatureTree.Of(all, [all[0]])[0]));
    }

    [Fact]
    public void Optional_dependencies_are_features_unless_they_are_named_otherwise()
    {
        Dependency Optional(string name) => new() { Name = name, Req = "^1", Optional = true };
        var package = new Package { Dependencies = [Optional("serde"), Optional("log"), new() { Name = "libc", Req = "^1" }], Features = [new("json", ["dep:serde"])] };
        Assert.Equal(["json", "log"], FeatureTree.All(package).Select(feature => feature.Name));
    }

    private static int Size(FeatureNode node) => 1 + node.Enables.Sum(Size);

    private static string Text(FeatureNode node) =>
        node.Text + (node.IsWhole ? string.Empty : "...") + (node.Enables.Count == 0 ? string.Empty : $"({string.Join(' ', node.Enables.Select(Text))})");

    private static List<Feature> Features(params (string Name, string[] Enables)[] features) =>
        [.. features.Select(feature => new Feature(feature.Name, feature.Enables.ToValueList()))];
}
