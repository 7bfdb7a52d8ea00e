using Raktar.Application.Publishing.Rules;
using Raktar.Domain;
using Raktar.Domain.Crates;

namespace Raktar.Specs.Publishing;

public class Depending
{
    private const string CratesIo = "https://github.com/rust-lang/crates.io-index";

    [Fact]
    public void A_dependency_in_short_comes_from_crates_io() => Assert.Equal(
        [new Dependency { Name = "a", Req = "^1.2", Registry = CratesIo }],
        Sample.Read("", "[dependencies]\na = \" 1.2\"").Value.Package.Dependencies);

    [Fact]
    public void A_dependency_tells_all_it_wants() => Assert.Equal(
        [
            new Dependency
            {
                Name = "alias",
                Package = "Real-name",
                Req = "=1.2.3",
                Features = ["z", "a"],
                Optional = true,
                DefaultFeatures = false,
                Target = "cfg(any(unix, target_os = \"wasi\"))",
                Kind = DependencyKind.Build,
                Registry = null,
            },
        ],
        Sample.Read("", $$"""
            [target.'cfg( any(unix,target_os="wasi",) )'.build-dependencies.alias]
            package = "Real-name"
            version = "=1.2.3+meta"
            features = ["z", "a"]
            optional = true
            default-features = false
            registry-index = "{{Sample.IndexUrl}}"
            """).Value.Package.Dependencies);

    [Fact]
    public void They_are_in_index_order() => Assert.Equal(
        "Z Normal, a Normal, a Normal cfg(unix), a Build, a Dev, b Dev, b Dev x86_64-pc-windows-msvc",
        string.Join(", ", Sample.Read("", """
            [dev-dependencies]
            b = "1"
            a = "1"
            [build-dependencies]
            a = "1"
            [target.x86_64-pc-windows-msvc.dev-dependencies]
            b = "1"
            [target.'cfg(unix)'.dependencies]
            a = "1"
            [dependencies]
            a = "1"
            Z = "1"
            """).Value.Package.Dependencies.Select(dependency => $"{dependency.Name} {dependency.Kind} {dependency.Target}".TrimEnd())));

    [Theory]
    [InlineData("[dev_dependencies]\na = \"1\"", DependencyKind.Dev)]
    [InlineData("[build_dependencies]\na = \"1\"", DependencyKind.Build)]
    [InlineData("[dev_dependencies]\nb = \"1\"\n[dev-dependencies]\na = \"1\"", DependencyKind.Dev)]
    [InlineData("[target.t.dev_dependencies]\na = \"1\"", DependencyKind.Dev)]
    public void Old_table_names_are_known_and_give_way_to_new_ones(string tables, DependencyKind kind)
    {
        var dependency = Assert.Single(Sample.Read("", tables).Value.Package.Dependencies);

        Assert.Equal(("a", kind), (dependency.Name, dependency.Kind));
    }

    [Theory]
    [InlineData("", true)]
    [InlineData(", default-features = false", false)]
    [InlineData(", default_features = false", false)]
    [InlineData(", default-features = true, default_features = false", true)]
    public void Default_features_are_on_unless_said(string field, bool on) => Assert.Equal(
        on, Sample.Read("", $"[dependencies]\na = {{ version = \"1\"{field} }}").Value.Package.Dependencies[0].DefaultFeatures);

    [Theory]
    [InlineData("a = {}", "dependency `a` has no version")]
    [InlineData("a = { path = \"../a\" }", "dependency `a` has no version")]
    [InlineData("a = { git = \"https://example.com/a\" }", "dependency `a` has no version")]
    [InlineData("a = \"1.x.2\"", "`1.x.2` is not a valid version requirement (dependency `a`, max 256 characters)")]
    [InlineData("a = 1", "field `dependencies.a` must be a table")]
    [InlineData("a = { version = 1 }", "field `dependencies.a.version` must be a string")]
    [InlineData("a = { version = \"1\", optional = \"yes\" }", "field `dependencies.a.optional` must be true or false")]
    [InlineData("a = { version = \"1\", features = \"x\" }", "field `dependencies.a.features` must be a list of strings")]
    [InlineData("a = { version = \"1\", features = [1] }", "field `dependencies.a.features` must be a list of strings")]
    [InlineData("a = { version = \"1\", features = [\"\"] }", "dependency `a`: a feature name is empty")]
    [InlineData("a = { version = \"1\", features = [\"b/c\"] }", "dependency `a`: feature `b/c`: character `/` is not allowed")]
    [InlineData("a = { version = \"1\", features = [\"dep:c\"] }", "dependency `a`: feature `dep:c`: character `:` is not allowed")]
    [InlineData("\"a.b\" = \"1\"", "dependency `a.b`: crate name `a.b` contains `.`; use ASCII letters, digits, `-` and `_`")]
    [InlineData("_a = \"1\"", "dependency `_a`: crate name `_a` must start with an ASCII letter")]
    [InlineData("a = { version = \"1\", package = \"b/c\" }", "dependency `a`: crate name `b/c` contains `/`; use ASCII letters, digits, `-` and `_`")]
    [InlineData("1a = { version = \"1\", package = \"b\" }", "dependency name `1a` is invalid: use ASCII letters, digits, `-` and `_`, no digit first (max 64)")]
    [InlineData("\"ä\" = { version = \"1\", package = \"b\" }", "dependency name `ä` is invalid: use ASCII letters, digits, `-` and `_`, no digit first (max 64)")]
    public void A_bad_dependency_is_refused(string line, string sentence) =>
        Assert.Equal(sentence, Sample.Read("", $"[dependencies]\n{line}").Sentence());

    [Fact]
    public void A_dev_dependency_without_a_version_is_refused_too() =>
        Assert.Equal("dependency `a` has no version", Sample.Read("", "[dev-dependencies]\na = { path = \"a\" }").Sentence());

    [Fact]
    public void An_alias_may_start_with_an_underscore() => Assert.Equal(
        ("_a", "b"),
        Sample.Read("", "[dependencies]\n_a = { version = \"1\", package = \"b\" }").Value.Package.Dependencies[0] is var dependency
            ? (dependency.Name, dependency.Package)
            : default);

    [Fact]
    public void An_alias_equal_to_the_name_is_none() =>
        Assert.Null(Sample.Read("", "[dependencies]\na = { version = \"1\", package = \"a\" }").Value.Package.Dependencies[0].Package);

    [Theory]
    [InlineData("[dependencies]\na = { version = \"1\", optional = true }", null)]
    [InlineData("[dev-dependencies]\na = { version = \"1\", optional = true }", "dev-dependency `a` cannot be optional")]
    public void Only_dev_dependencies_cannot_be_optional(string tables, string? sentence) =>
        Assert.Equal(sentence, Sample.Read("", tables).Sentence());

    [Theory]
    [InlineData(3, null)]
    [InlineData(2, "3 dependencies (max 2)")]
    public void There_are_only_so_many(int max, string? sentence) => Assert.Equal(
        sentence,
        Sample.Read(
            "",
            "[dependencies]\na = \"1\"\n[dev-dependencies]\na = \"1\"\n[target.t.dependencies]\na = \"1\"",
            Sample.Limits(limits => limits with { Dependencies = max })).Sentence());

    [Theory]
    [InlineData(256, true)]
    [InlineData(257, false)]
    public void A_requirement_is_short(int length, bool accepted) =>
        Assert.Equal(accepted, Sample.Read("", $"[dependencies]\na = \"1{new string(' ', length - 1)}\"").Refusal is null);

    [Theory]
    [InlineData("[target.'cfg(unix)'.dependencies]\na = \"1\"\n[target.'cfg( unix )'.dependencies]\na = \"1\"", 1, null)]
    [InlineData("[target.'cfg(unix)'.dependencies]\na = \"1\"\n[target.'cfg( unix )'.dependencies]\na = \"2\"", 0, "dependency `a` is declared twice")]
    [InlineData("[target.'cfg(unix)'.dependencies]\na = \"1\"\n[target.'cfg(windows)'.dependencies]\na = \"2\"", 2, null)]
    public void Two_spellings_of_a_target_are_one(string tables, int count, string? sentence)
    {
        var outcome = Sample.Read("", tables);

        Assert.Equal(sentence, outcome.Sentence());
        Assert.True(sentence is not null || outcome.Value.Package.Dependencies.Count == count);
    }

    [Theory]
    [InlineData(Policy.Allow, null, "[]")]
    [InlineData(Policy.Warn, null, "[dependency `a` accepts any version]")]
    [InlineData(Policy.Reject, "dependency `a` accepts any version", null)]
    public void A_star_is_a_matter_of_policy(Policy policy, string? sentence, string? warnings)
    {
        var rules = Sample.Policy(defaults => defaults with { WildcardDependencies = policy });
        var outcome = Sample.Read("", "[dependencies]\na = \"*\"", rules);

        Assert.Equal(sentence, outcome.Sentence());
        Assert.Equal(warnings, sentence is null ? outcome.Value.Warnings.ToString() : null);
        Assert.Empty(Sample.Read("", "[dependencies]\na = \"1.*\"\nb = \">=0\"", rules).Value.Warnings);
    }

    [Theory]
    [InlineData("sparse+http://localhost:8080/index/", null)]
    [InlineData("sparse+http://LOCALHOST:8080/index", null)]
    [InlineData("http://localhost:8080/index/", null)]
    [InlineData("https://github.com/rust-lang/crates.io-index", CratesIo)]
    [InlineData("https://github.com:443/rust-lang/crates.io-index/", CratesIo)]
    [InlineData("sparse+https://index.crates.io/", CratesIo)]
    [InlineData("sparse+https://friends.example/index/", "sparse+https://friends.example/index/")]
    public void Where_it_comes_from_is_told_as_the_index_tells_it(string url, string? registry) => Assert.Equal(
        registry,
        Sample.Read(
            "",
            $"[dependencies]\na = {{ version = \"1\", registry-index = \"{url}\" }}",
            Sample.Policy(policy => policy with { AllowedRegistries = ["https://friends.example/index"] })).Value.Package.Dependencies[0].Registry);

    [Theory]
    [InlineData("registry-index = \"sparse+https://strangers.example/\"")]
    [InlineData("registry-index = \"sparse+http://localhost:8080/index.git\"")]
    [InlineData("registry-index = \"sparse+http://localhost:8081/index/\"")]
    [InlineData("registry-index = \"sparse+http://localhost:8080/Index/\"")]
    [InlineData("registry-index = \"sparse+http://ann@localhost:8080/index/\"")]
    [InlineData("registry-index = \"nonsense\"")]
    [InlineData("registry = \"ours\"")]
    [InlineData("registry = \"https://strangers.example/\"")]
    [InlineData("registry = \"ours\", registry-index = \"sparse+http://localhost:8080/index/\"")]
    public void Other_registries_are_refused(string field) => Assert.Equal(
        "dependency `a` comes from a registry that is not allowed",
        Sample.Read("", $"[dependencies]\na = {{ version = \"1\", {field} }}").Sentence());

    [Fact]
    public void An_empty_registry_is_none() =>
        Assert.Equal(CratesIo, Sample.Read("", "[dependencies]\na = { version = \"1\", registry = \"\" }").Value.Package.Dependencies[0].Registry);

    [Theory]
    [InlineData("[dependencies]\na = \"1\"", "dependency `a` comes from a registry that is not allowed")]
    [InlineData("[dependencies]\na = { version = \"1\", registry-index = \"" + Sample.IndexUrl + "\" }", null)]
    public void Crates_io_can_be_closed_off(string tables, string? sentence) =>
        Assert.Equal(sentence, Sample.Read("", tables, Sample.Policy(policy => policy with { AllowCratesIo = false })).Sentence());
}
