using Raktar.Application.Publishing.Manifest;
using Raktar.Application.Publishing.Rules;
using Raktar.Domain;
using Raktar.Domain.Crates;

namespace Raktar.Specs.Publishing;

public class AgreeingWithTheMetadata
{
    private const string CratesIo = "https://github.com/rust-lang/crates.io-index";

    private const string Manifest = """
        links = "l"
        rust-version = "1.70"
        [dependencies]
        a = { version = "1", features = ["y", "x"] }
        [dependencies.ours]
        version = "2"
        registry-index = "sparse+http://localhost:8080/index/"
        [features]
        f = ["a/z", "ours/z"]
        """;

    private static readonly Dependency A = new() { Name = "a", Req = "^1", Features = ["x", "y"], Registry = CratesIo };

    private static readonly Dependency Ours = new() { Name = "ours", Req = "^2" };

    private static readonly PublishMetadata Told = Sample.Metadata with
    {
        Dependencies = [Ours, A],
        Features = [new Feature("f", ["ours/z", "a/z"])],
        Links = "l",
        RustVersion = "1.70",
    };

    public static TheoryData<string, PublishMetadata> Lies => new()
    {
        { "dependency `a`", Told with { Dependencies = [Ours] } },
        { "dependency `b`", Told with { Dependencies = [Ours, A, A with { Name = "b" }] } },
        { "dependency `a`", Told with { Dependencies = [Ours, A with { Req = "^1.0" }] } },
        { "dependency `a`", Told with { Dependencies = [Ours, A with { Registry = null }] } },
        { "dependency `a`", Told with { Dependencies = [Ours, A with { Registry = "https://strangers.example/" }] } },
        { "dependency `ours`", Told with { Dependencies = [Ours with { Registry = CratesIo }, A] } },
        { "dependency `a`", Told with { Dependencies = [Ours, A with { Package = "b" }] } },
        { "dependency `a`", Told with { Dependencies = [Ours, A with { Features = ["x"] }] } },
        { "dependency `a`", Told with { Dependencies = [Ours, A with { Optional = true }] } },
        { "dependency `a`", Told with { Dependencies = [Ours, A with { DefaultFeatures = false }] } },
        { "dependency `a`", Told with { Dependencies = [Ours, A with { Target = "cfg(unix)" }] } },
        { "dependency `a`", Told with { Dependencies = [Ours, A with { Kind = DependencyKind.Build }] } },
        { "feature `f`", Told with { Features = [] } },
        { "feature `f`", Told with { Features = [new Feature("f", ["ours/z"])] } },
        { "feature `g`", Told with { Features = [new Feature("f", ["ours/z", "a/z"]), new Feature("g", [])] } },
        { "`links`", Told with { Links = "m" } },
        { "`rust-version`", Told with { RustVersion = "1.71" } },
    };

    public static TheoryData<PublishMetadata> Truths =>
    [
        Told,
        Told with { Dependencies = [Ours with { Registry = Sample.IndexUrl }, A with { Registry = "sparse+https://index.crates.io/" }] },
        Told with { RustVersion = null, Links = null },
        Sample.Metadata,
    ];

    [Theory]
    [MemberData(nameof(Truths))]
    public void Metadata_that_says_the_same_or_nothing_agrees(PublishMetadata metadata)
    {
        var outcome = Sample.Read(Manifest, "", metadata: metadata);

        Assert.Null(outcome.Refusal);
        Assert.Empty(outcome.Value.Warnings);
    }

    [Theory]
    [MemberData(nameof(Lies))]
    public void Metadata_that_says_something_else_is_a_matter_of_policy(string what, PublishMetadata metadata)
    {
        var sentence = $"metadata and Cargo.toml disagree on {what}";

        Assert.Equal(new InvalidInput(sentence), Sample.Read(Manifest, "", metadata: metadata).Refusal);
        Assert.Equal([sentence], Sample.Read(Manifest, "", Sample.Policy(policy => policy with { ManifestMismatch = Policy.Warn }), metadata).Value.Warnings);
        Assert.Empty(Sample.Read(Manifest, "", Sample.Policy(policy => policy with { ManifestMismatch = Policy.Allow }), metadata).Value.Warnings);
    }

    // Uploaded by cargo 1.95 and, byte for byte the same, by a nightly 1.97, to a registry at http://127.0.0.1:7788/.
    [Theory]
    [InlineData("plain")]
    [InlineData("devstrip")]
    [InlineData("Odd-Crate")]
    public void What_cargo_uploads_agrees(string crate)
    {
        var metadata = PublishMetadata.Read(Captured(crate, "json"), new()).Value;

        var outcome = CargoManifest.Read(Captured(crate, "toml"), metadata, "sparse+http://127.0.0.1:7788/", new());

        Assert.Null(outcome.Refusal);
        Assert.Equal(metadata.Features!.OrderBy(feature => feature.Name, StringComparer.Ordinal), outcome.Value.Package.Features);
        Assert.Equal(metadata.Dependencies!.ToHashSet(), outcome.Value.Package.Dependencies.ToHashSet());
    }

    [Fact]
    public void What_cargo_uploads_is_read_whole()
    {
        var read = CargoManifest.Read(
            Captured("Odd-Crate", "toml"),
            PublishMetadata.Read(Captured("Odd-Crate", "json"), new()).Value,
            "sparse+http://127.0.0.1:7788/",
            new()).Value;

        Assert.Equal(("README.md", "LICENSE", "non-standard"), (read.ReadmePath, read.Package.LicenseFile, read.Package.License));
        Assert.Equal(("Odd_Crate", "oddlib", "1.70", "2021"), (read.Package.Library, read.Package.Links, read.Package.RustVersion, read.Package.Edition));
        Assert.Equal(["odd-tool"], read.Package.Binaries);
        Assert.Equal(["dependency `Dep-F` accepts any version"], read.Warnings);
        Assert.All(read.Package.Dependencies, dependency => Assert.Null(dependency.Registry));
        Assert.Contains(
            new Dependency { Name = "dep-e", Req = "^1", Target = "cfg(all(unix, not(target_os = \"linux\")))" },
            read.Package.Dependencies);
    }

    private static byte[] Captured(string crate, string extension) =>
        File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Publishing", "Captured", $"{crate}.{extension}"));
}
