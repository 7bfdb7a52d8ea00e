using Raktar.Application.Publishing.Rules;
using Raktar.Domain.Crates;

namespace Raktar.Specs.Publishing;

public class DeclaringFeatures
{
    private const string Dependencies = """
        [dependencies]
        opt = { version = "1", optional = true }
        must = "1"
        [dev-dependencies]
        dev = "1"

        """;

    [Fact]
    public void Features_are_in_the_order_of_their_names() => Assert.Equal(
        [new Feature("Z", []), new Feature("a", ["b", "opt/x"]), new Feature("b", [])],
        Sample.Read("", Dependencies + "[features]\nb = []\na = [\"b\", \"opt/x\"]\nZ = []").Value.Package.Features);

    [Theory]
    [InlineData("a")]
    [InlineData("_a")]
    [InlineData("1")]
    [InlineData("a.b+c-d_2")]
    [InlineData("ä漢x\u0301")]
    [InlineData("𝒳𝟏")]
    public void A_good_name_is_taken(string name) => Assert.Null(Sample.Read("", $"[features]\n\"{name}\" = []").Refusal);

    [Theory]
    [InlineData("", "a feature name is empty")]
    [InlineData("-a", "feature `-a`: character `-` is not allowed")]
    [InlineData("+a", "feature `+a`: character `+` is not allowed")]
    [InlineData(".a", "feature `.a`: character `.` is not allowed")]
    [InlineData("a b", "feature `a b`: character ` ` is not allowed")]
    [InlineData("a/b", "feature `a/b`: character `/` is not allowed")]
    [InlineData("dep:a", "feature `dep:a`: character `:` is not allowed")]
    [InlineData("<img>", "feature `<img>`: character `<` is not allowed")]
    [InlineData("a?", "feature `a?`: character `?` is not allowed")]
    [InlineData("\u0301a", "feature `\u0301a`: character `\u0301` is not allowed")]
    [InlineData("\u0661", "feature `\u0661`: character `\u0661` is not allowed")]
    [InlineData("a\U0001F600", "feature `a\U0001F600`: character `\U0001F600` is not allowed")]
    public void A_bad_name_is_refused(string name, string sentence) => Assert.Equal(sentence, Sample.Read("", $"[features]\n\"{name}\" = []").Sentence());

    [Theory]
    [InlineData("é", "feature `é`: character `é` is not allowed")]
    [InlineData("e", null)]
    public void Names_can_be_limited_to_ASCII(string name, string? sentence) => Assert.Equal(
        sentence, Sample.Read("", $"[features]\n\"{name}\" = []", Sample.Policy(policy => policy with { AsciiFeatureNames = true })).Sentence());

    [Theory]
    [InlineData("b")]
    [InlineData("opt")]
    [InlineData("must/x")]
    [InlineData("dev/x")]
    [InlineData("opt?/x.y")]
    [InlineData("opt/x")]
    public void An_item_that_refers_to_something_is_taken(string item) =>
        Assert.Null(Sample.Read("", $"{Dependencies}[features]\na = [\"{item}\"]\nb = []").Refusal);

    [Theory]
    [InlineData("nope")]
    [InlineData("must")]
    [InlineData("nope/x")]
    [InlineData("nope?/x")]
    [InlineData("must?/x")]
    [InlineData("dep:nope")]
    [InlineData("dep:must")]
    [InlineData("dep:b")]
    public void An_item_that_refers_to_nothing_is_refused(string item)
    {
        var tables = $"{Dependencies}[features]\na = [\"{item}\"]\nb = []";

        Assert.Equal($"feature `a` refers to unknown `{item}`", Sample.Read("", tables).Sentence());
        Assert.Null(Sample.Read("", tables, Sample.Policy(policy => policy with { ValidateFeatureGraph = false })).Refusal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("xdep:opt")]
    [InlineData("dep:")]
    [InlineData("dep:opt/x")]
    [InlineData("opt/")]
    [InlineData("/x")]
    [InlineData("?/x")]
    [InlineData("opt??/x")]
    [InlineData("opt/x/y")]
    [InlineData("opt/dep:x")]
    [InlineData("opt?")]
    [InlineData("1opt/x")]
    [InlineData("dep:<b>")]
    public void An_item_of_another_form_is_refused(string item) => Assert.Equal(
        $"feature `a`: `{item}` is neither `feature`, `dep:name`, `name/feature` nor `name?/feature`",
        Sample.Read("", $"{Dependencies}[features]\na = [\"{item}\"]").Sentence());

    [Fact]
    public void What_dep_hides_is_no_feature() => Assert.Equal(
        "feature `b` refers to unknown `opt`",
        Sample.Read("", $"{Dependencies}[features]\na = [\"dep:opt\"]\nb = [\"opt\"]").Sentence());

    [Theory]
    [InlineData("", null)]
    [InlineData("other = []", null)]
    [InlineData("opt = [\"dep:opt\"]", null)]
    [InlineData("opt = [\"opt/x\"]", null)]
    [InlineData("opt = []\nb = [\"opt?/x\"]", null)]
    [InlineData("opt = []", "optional dependency `opt` is not in any feature")]
    public void An_optional_dependency_is_reachable(string features, string? sentence)
    {
        var tables = $"{Dependencies}[features]\n{features}";

        Assert.Equal(sentence, Sample.Read("", tables).Sentence());
        Assert.Null(Sample.Read("", tables, Sample.Policy(policy => policy with { ValidateFeatureGraph = false })).Refusal);
    }

    [Fact]
    public void An_alias_is_what_features_refer_to() => Assert.Equal(
        "feature `b` refers to unknown `real/x`",
        Sample.Read("", "[dependencies]\nalias = { version = \"1\", package = \"real\" }\n[features]\na = [\"alias/x\"]\nb = [\"real/x\"]").Sentence());

    [Theory]
    [InlineData(2, 9, 9, null)]
    [InlineData(1, 9, 9, "2 features (max 1)")]
    [InlineData(9, 2, 9, null)]
    [InlineData(9, 1, 9, "feature `bb` enables 2 items (max 1)")]
    [InlineData(9, 9, 3, null)]
    [InlineData(9, 9, 1, "feature `bb` is 2 characters (max 1)")]
    public void There_are_only_so_many(int features, int items, int length, string? sentence) => Assert.Equal(
        sentence,
        Sample.Read(
            "",
            Dependencies + "[features]\na = []\nbb = [\"a\", \"opt\"]",
            Sample.Limits(limits => limits with { Features = features, FeatureItems = items, FeatureNameLength = length })).Sentence());

    [Theory]
    [InlineData(7, null)]
    [InlineData(6, "features, what they enable, features of dependencies and programs are 7 in all (max 6)")]
    public void There_are_only_so_many_of_all_together(int items, string? sentence) => Assert.Equal(
        sentence,
        Sample.Read(
            "",
            "[dependencies]\nd = { version = \"1\", features = [\"x\", \"y\"] }\n[[bin]]\nname = \"b\"\n[features]\na = []\nb = [\"a\", \"d/x\"]",
            Sample.Limits(limits => limits with { Items = items })).Sentence());

    [Fact]
    public void What_is_said_twice_is_kept_once()
    {
        var package = Sample.Read(
            "authors = [\"a\", \"a\"]",
            "[dependencies]\nd = { version = \"1\", features = [\"x\", \"y\", \"x\"] }\n[[bin]]\nname = \"b\"\n[[bin]]\nname = \"b\"\n"
            + "[features]\na = []\nb = [" + string.Concat(Enumerable.Repeat("\"a\", ", 10_000)) + "\"d/x\"]").Value.Package;
        Assert.Equal(["a", "d/x"], package.Features[1].Enables);
        Assert.Equal(["x", "y"], package.Dependencies[0].Features);
        Assert.Equal((1, 1), (package.Binaries.Count, package.Authors.Count));
    }

    [Theory]
    [InlineData(256, null)]
    [InlineData(257, "feature `{0}` is 257 characters (max 256)")]
    public void A_name_may_be_long_and_so_may_one_that_is_only_used(int length, string? sentence)
    {
        var name = new string('a', length);
        Assert.Equal(sentence?.Replace("{0}", name, StringComparison.Ordinal), Sample.Read("", $"[features]\n{name} = []").Sentence());
        Assert.Equal(
            sentence is null ? null : "dependency `d`: " + sentence.Replace("{0}", name, StringComparison.Ordinal),
            Sample.Read("", $"[dependencies]\nd = {{ version = \"1\", features = [\"{name}\"] }}").Sentence());
    }

    [Theory]
    [InlineData("[features]\na = \"b\"", "field `features.a` must be a list of strings")]
    [InlineData("[features]\na = [1]", "field `features.a` must be a list of strings")]
    [InlineData("[[features]]\na = []", "field `features` must be a table")]
    public void A_table_of_another_shape_is_refused(string tables, string sentence) => Assert.Equal(sentence, Sample.Read("", tables).Sentence());
}
