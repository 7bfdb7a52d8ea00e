using System.Text;
using Raktar.Application;
using Raktar.Application.Publishing.Manifest;
using Raktar.Domain;
using Raktar.Domain.Crates;

namespace Raktar.Specs.Publishing;

public class ReadingMetadata
{
    [Fact]
    public void Name_and_version_suffice()
    {
        var read = Read("""{"name":"Foo-bar","vers":"1.0.0-rc.1+b.2"}""").Value;

        Assert.Equal(("Foo-bar", "1.0.0-rc.1+b.2"), (read.Name.Text, read.Version.ToString()));
        Assert.Null(read.Dependencies);
        Assert.Null(read.Features);
        Assert.Null(read.Readme);
    }

    [Fact]
    public void Null_is_as_good_as_absent_and_unknown_keys_are_ignored() => Assert.Null(Read(
        """{"name":"a","vers":"1.0.0","deps":null,"features":null,"links":null,"readme":null,"future":{"a":[1,{}]}}""").Refusal);

    [Fact]
    public void Dependencies_are_normalised()
    {
        var read = Read(
            """
            {"name":"a","vers":"1.0.0","features":{"f":["dep:x","y?/z"]},"readme":"# a\r\n\tb\u001b","links":"l","rust_version":"1.70","deps":[
              {"name":"real","explicit_name_in_toml":"alias","version_req":">=1,<2","kind":"dev","target":"cfg( unix )","default_features":false,
               "optional":true,"features":["f"],"registry":"https://example.com/","artifact":["bin"]},
              {"name":"same","explicit_name_in_toml":"same","version_req":"^1"}]}
            """).Value;

        Assert.Equal(
            [
                new Dependency
                {
                    Name = "alias",
                    Package = "real",
                    Req = ">=1, <2",
                    Kind = DependencyKind.Dev,
                    Target = "cfg(unix)",
                    DefaultFeatures = false,
                    Optional = true,
                    Features = ["f"],
                    Registry = "https://example.com/",
                },
                new Dependency { Name = "same", Req = "^1" },
            ],
            read.Dependencies);
        Assert.Equal([new Feature("f", ["dep:x", "y?/z"])], read.Features);
        Assert.Equal(("# a\r\n\tb\u001b", "l", "1.70"), (read.Readme, read.Links, read.RustVersion));
    }

    [Theory]
    [InlineData("", "metadata is not valid JSON: line 1, byte 1")]
    [InlineData("{", "metadata is not valid JSON: line 1, byte 2")]
    [InlineData("[]", "metadata is not valid JSON: it must be an object")]
    [InlineData("null", "metadata is not valid JSON: it must be an object")]
    [InlineData("{} {}", "metadata is not valid JSON: line 1, byte 4")]
    [InlineData("{\"name\":\"a\",}", "metadata is not valid JSON: line 1, byte 13")]
    [InlineData("{/**/}", "metadata is not valid JSON: line 1, byte 2")]
    [InlineData("\uFEFF{}", "metadata is not valid JSON: line 1, byte 1")]
    [InlineData("{\"name\":\"a\nb\"}", "metadata is not valid JSON: line 1, byte 11")]
    [InlineData("""{"name":"\ud800","vers":"1.0.0"}""", "metadata field `name` has a wrong type or text")]
    [InlineData("""{"name":"a","vers":"1.0.0","readme":"\udc00"}""", "metadata field `readme` has a wrong type or text")]
    [InlineData("""{"\ud800":1,"name":"a","vers":"1.0.0"}""", "metadata is not valid JSON: a key holds half a surrogate pair")]
    [InlineData("""{"name":"a"}""", "metadata field `vers` is missing")]
    [InlineData("""{"vers":"1.0.0"}""", "metadata field `name` is missing")]
    [InlineData("""{"name":null,"vers":"1.0.0"}""", "metadata field `name` is missing")]
    [InlineData("""{"name":1,"vers":"1.0.0"}""", "metadata field `name` has a wrong type or text")]
    [InlineData("""{"name":"a","vers":{}}""", "metadata field `vers` has a wrong type or text")]
    [InlineData("""{"name":"a","vers":"1.0.0","readme":1}""", "metadata field `readme` has a wrong type or text")]
    [InlineData("""{"name":"a","vers":"1.0.0","readme":"a\u0000"}""", "metadata field `readme` contains a control character")]
    [InlineData("""{"name":"a","vers":"1.0.0","deps":{}}""", "metadata field `deps` has a wrong type or text")]
    [InlineData("""{"name":"a","vers":"1.0.0","deps":[null]}""", "metadata field `deps[0]` is missing")]
    [InlineData("""{"name":"a","vers":"1.0.0","deps":[{}]}""", "metadata field `deps[0].name` is missing")]
    [InlineData("""{"name":"a","vers":"1.0.0","deps":[{"name":"b"}]}""", "metadata field `deps[0].version_req` is missing")]
    [InlineData("""{"name":"a","vers":"1.0.0","deps":[{"name":"b","version_req":"1","optional":"no"}]}""", "metadata field `deps[0].optional` has a wrong type or text")]
    [InlineData("""{"name":"a","vers":"1.0.0","deps":[{"name":"b","version_req":"1","kind":"x"}]}""", "metadata field `deps[0].kind` is none of normal, build, dev")]
    [InlineData("""{"name":"a","vers":"1.0.0","deps":[{"name":"b","version_req":"1","features":[null]}]}""", "metadata field `deps[0].features` has a wrong type or text")]
    [InlineData("""{"name":"a","vers":"1.0.0","features":{"f":[null]}}""", "metadata field `features` has a wrong type or text")]
    [InlineData("""{"name":"a","vers":"1.0.0","features":{"f":null}}""", "metadata field `features` has a wrong type or text")]
    [InlineData("""{"name":"a","vers":"1.0.0","features":{"f":"g"}}""", "metadata field `features.f` has a wrong type or text")]
    [InlineData("""{"name":"a","vers":"1.0.0","links":1}""", "metadata field `links` has a wrong type or text")]
    [InlineData("""{"name":"a","vers":"1.0.0","rust_version":1.70}""", "metadata field `rust_version` has a wrong type or text")]
    [InlineData("""{"name":"a","vers":"1.0.0","readme_file":[]}""", "metadata field `readme_file` has a wrong type or text")]
    [InlineData("""{"name":"a","vers":"1.0.0","description":{"a":1}}""", "metadata field `description` has a wrong type or text")]
    [InlineData("""{"name":"a","vers":"1.0.0","documentation":1}""", "metadata field `documentation` has a wrong type or text")]
    [InlineData("""{"name":"a","vers":"1.0.0","homepage":true}""", "metadata field `homepage` has a wrong type or text")]
    [InlineData("""{"name":"a","vers":"1.0.0","repository":[]}""", "metadata field `repository` has a wrong type or text")]
    [InlineData("""{"name":"a","vers":"1.0.0","license":5}""", "metadata field `license` has a wrong type or text")]
    [InlineData("""{"name":"a","vers":"1.0.0","license_file":false}""", "metadata field `license_file` has a wrong type or text")]
    [InlineData("""{"name":"a","vers":"1.0.0","authors":"x"}""", "metadata field `authors` has a wrong type or text")]
    [InlineData("""{"name":"a","vers":"1.0.0","authors":[null]}""", "metadata field `authors` has a wrong type or text")]
    [InlineData("""{"name":"a","vers":"1.0.0","keywords":"x"}""", "metadata field `keywords` has a wrong type or text")]
    [InlineData("""{"name":"a","vers":"1.0.0","keywords":[1]}""", "metadata field `keywords[0]` has a wrong type or text")]
    [InlineData("""{"name":"a","vers":"1.0.0","keywords":[null]}""", "metadata field `keywords` has a wrong type or text")]
    [InlineData("""{"name":"a","vers":"1.0.0","categories":{}}""", "metadata field `categories` has a wrong type or text")]
    [InlineData("""{"name":"a","vers":"1.0.0","categories":[null]}""", "metadata field `categories` has a wrong type or text")]
    [InlineData("""{"name":"a","vers":"1.0.0","badges":[]}""", "metadata field `badges` has a wrong type or text")]
    [InlineData("""{"name":"a","vers":"1.0.0","badges":{"b":null}}""", "metadata field `badges` has a wrong type or text")]
    [InlineData("""{"name":"a","vers":"1.0.0","badges":{"b":{"c":1}}}""", "metadata field `badges.b.c` has a wrong type or text")]
    [InlineData("""{"name":"a","vers":"1.0.0","deps":[{"name":"b","version_req":"1","artifact":"bin"}]}""", "metadata field `deps[0].artifact` has a wrong type or text")]
    [InlineData("""{"name":"a","vers":"1.0.0","deps":[{"name":"b","version_req":"1","artifact":[null]}]}""", "metadata field `deps[0].artifact` has a wrong type or text")]
    [InlineData("""{"name":"a","vers":"1.0.0","deps":[{"name":"b","version_req":"1","bindep_target":1}]}""", "metadata field `deps[0].bindep_target` has a wrong type or text")]
    [InlineData("""{"name":"a","vers":"1.0.0","deps":[{"name":"b","version_req":"1","lib":"yes"}]}""", "metadata field `deps[0].lib` has a wrong type or text")]
    [InlineData("""{"name":"a","vers":"1.0.0","deps":[{"name":"b","version_req":"1","registry":1}]}""", "metadata field `deps[0].registry` has a wrong type or text")]
    [InlineData("""{"name":"","vers":"1.0.0"}""", "crate name is empty")]
    [InlineData("""{"name":"1a","vers":"1.0.0"}""", "crate name `1a` starts with a digit; it must start with an ASCII letter")]
    [InlineData("""{"name":"_a","vers":"1.0.0"}""", "crate name `_a` must start with an ASCII letter")]
    [InlineData("""{"name":"a/b","vers":"1.0.0"}""", "crate name `a/b` contains `/`; use ASCII letters, digits, `-` and `_`")]
    [InlineData("""{"name":"a","vers":"1.0"}""", "`1.0` is not a valid semantic version")]
    [InlineData("""{"name":"a","vers":"v1.0.0"}""", "`v1.0.0` is not a valid semantic version")]
    public void Bad_metadata_is_refused(string json, string sentence) => Assert.Equal(new InvalidInput(sentence), Read(json).Refusal);

    [Theory]
    [InlineData("""{"name":"a","name":"b","vers":"1.0.0"}""", "name")]
    [InlineData("""{"name":"a","vers":"1.0.0","x":1,"x":1}""", "x")]
    [InlineData("""{"name":"a","vers":"1.0.0","features":{"f":[],"\u0066":["g"]}}""", "f")]
    public void A_key_that_is_there_twice_is_refused(string json, string key) =>
        Assert.Matches($"^metadata has a duplicate key: .*'{key}'", Read(json).Sentence());

    [Fact]
    public void Bytes_that_are_no_UTF8_are_refused() => Assert.Equal(
        "metadata is not valid JSON: it is not UTF-8",
        PublishMetadata.Read(new byte[] { (byte)'{', (byte)'"', 0xFF, (byte)'"', (byte)':', (byte)'1', (byte)'}' }, new()).Sentence());

    [Theory]
    [InlineData(30, null)]
    [InlineData(32, "metadata is not valid JSON: line 1, byte ")]
    [InlineData(200_000, "metadata is not valid JSON: line 1, byte ")]
    public void Objects_nest_to_a_limit(int depth, string? sentence)
    {
        var refusal = Read($$"""{"name":"a","vers":"1.0.0","x":{{new string('[', depth)}}{{new string(']', depth)}}}""").Sentence();

        Assert.Equal(sentence is null, refusal is null);
        Assert.StartsWith(sentence ?? "", refusal ?? "", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(64, null)]
    [InlineData(65, "crate name is 65 characters (max 64)")]
    public void A_name_has_at_most_64_characters(int length, string? sentence) =>
        Assert.Equal(sentence, Read($$"""{"name":"{{new string('a', length)}}","vers":"1.0.0"}""").Sentence());

    [Theory]
    [InlineData(150, null)]
    [InlineData(151, "version is 151 characters (max 150)")]
    public void A_version_has_at_most_150_characters(int length, string? sentence) =>
        Assert.Equal(sentence, Read($$"""{"name":"a","vers":"1.0.0-{{new string('a', length - 6)}}"}""").Sentence());

    [Fact]
    public void Metadata_over_the_limit_is_too_large() => Assert.Equal(
        new TooLarge("metadata is 27 bytes (max 26)"),
        PublishMetadata.Read(Encoding.UTF8.GetBytes("""{"name":"a","vers":"1.0.0"}"""), Sample.Limits(limits => limits with { MetadataBytes = 26 })).Refusal);

    [Theory]
    [InlineData(5, null)]
    [InlineData(4, "features, what they enable, features of dependencies and programs are 5 in all (max 4)")]
    public void Too_many_items_are_refused_before_the_crate_file_comes(int items, string? sentence) => Assert.Equal(
        sentence,
        PublishMetadata.Read(
            Encoding.UTF8.GetBytes("""{"name":"a","vers":"1.0.0","deps":[{"name":"d","version_req":"1","features":["x","x"]}],"features":{"a":[],"b":["a"]}}"""),
            Sample.Limits(limits => limits with { Items = items })).Sentence());

    private static Outcome<PublishMetadata> Read(string json) => PublishMetadata.Read(Encoding.UTF8.GetBytes(json), new());
}
