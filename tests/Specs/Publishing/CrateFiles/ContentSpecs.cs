using System.Text;
using Raktar.Application.Publishing.CrateFiles;
using Raktar.Application.Publishing.Rules;
using Raktar.Domain;

namespace Raktar.Specs.Publishing.CrateFiles;

public sealed class ContentSpecs : CrateFileSpecs
{
    private const string Root = TestTar.Root;
    private const string Sha = "0123456789abcdef0123456789abcdef01234567";

    [Fact]
    public async Task A_crate_file_without_a_manifest_is_refused()
    {
        const string Sentence = "crate file has no Cargo.toml";
        await Refused(Sentence, TestTar.Archive());
        await Refused(Sentence, TestTar.Archive(TestTar.File("sub/Cargo.toml"), TestTar.File("Cargo.toml.orig")));
        await Refused(Sentence, TestTar.Archive(TestEntry.Directory($"{Root}/Cargo.toml")));
    }

    [Fact]
    public async Task Several_manifests_are_refused() =>
        await Refused("crate file has several manifests: `Cargo.toml`, `cargo.TOML`", TestTar.Crate(TestTar.File("cargo.TOML")));

    [Fact]
    public async Task Two_equal_manifests_are_refused() => await Refused("path `Cargo.toml` occurs twice", TestTar.Crate(TestTar.Manifest));

    [Fact]
    public async Task A_manifest_in_another_spelling_is_refused()
    {
        var lower = With(new PublishPolicy { AllowLowercaseManifest = true });
        var tar = TestTar.Archive(TestTar.File("cargo.toml", "x"));
        await Refused("manifest is named `cargo.toml`; it must be `Cargo.toml`", tar);
        Assert.Equal("x"u8.ToArray(), (await Accepted(tar, lower)).Manifest.ToArray());
        await Refused("manifest is named `CARGO.toml`; it must be `Cargo.toml`", TestTar.Archive(TestTar.File("CARGO.toml")), lower);
    }

    [Fact]
    public async Task A_manifest_over_its_limit_is_too_large()
    {
        var tar = TestTar.Archive(TestTar.File("Cargo.toml", new string('#', 100)));
        Assert.Equal(100, (await Accepted(tar, With(new PublishLimits { ManifestBytes = 100 }))).Manifest.Length);
        var refused = await Inspect(TestGzip.Pack(tar), With(new PublishLimits { ManifestBytes = 99 }));
        Assert.Equal(new TooLarge("Cargo.toml is 100 bytes (max 99)"), refused.Refusal);
    }

    [Fact]
    public async Task Kept_files_arrive_whole_across_all_buffers()
    {
        var content = new string('#', 500_000);
        var file = await Accepted(TestTar.Archive(TestTar.File("Cargo.toml", content), TestTar.File("README.md", content + "!")), readme: "README.md");
        Assert.Equal(content, Encoding.UTF8.GetString(file.Manifest.Span));
        Assert.Equal(content + "!", Encoding.UTF8.GetString(file.Readme!.Value.Span));
    }

    [Theory]
    [InlineData("README.md", "README.md")]
    [InlineData("./README.md", "README.md")]
    [InlineData("../README.md", "README.md")]
    [InlineData("/anywhere/README.md", "README.md")]
    [InlineData("docs/README.md", "docs/README.md")]
    [InlineData("docs\\README.md", "docs/README.md")]
    [InlineData("Cargo.toml", "Cargo.toml")]
    [InlineData("readme.md", null)]
    [InlineData("docs/other.md", null)]
    [InlineData("docs", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public async Task The_readme_is_found_at_its_path_or_at_the_root(string? path, string? found)
    {
        TestEntry[] entries = [TestTar.File("README.md", "root"), TestTar.File("docs/README.md", "docs"), TestTar.File("x/other.md")];
        foreach (var order in new[] { entries, [.. entries.Reverse()] })
        {
            var file = await Accepted(TestTar.Crate(order), readme: path);
            Assert.Equal(found, file.ReadmePath);
            Assert.Equal(found is null, file.Readme is null);
            Assert.True(found is not "README.md" || file.Readme!.Value.Span.SequenceEqual("root"u8));
            Assert.True(found is not "docs/README.md" || file.Readme!.Value.Span.SequenceEqual("docs"u8));
        }
    }

    [Fact]
    public async Task An_empty_readme_is_empty_and_not_absent() =>
        Assert.Equal(0, (await Accepted(TestTar.Crate(TestTar.File("README.md")), readme: "README.md")).Readme!.Value.Length);

    [Fact]
    public async Task A_readme_over_1_MiB_is_not_kept()
    {
        const int Most = InspectedCrateFile.MaxReadmeBytes;
        Assert.Equal(Most, (await Accepted(TestTar.Crate(TestTar.File("README.md", new string('a', Most))), readme: "README.md")).Readme!.Value.Length);
        var file = await Accepted(TestTar.Crate(TestTar.File("README.md", new string('a', Most + 1))), readme: "README.md");
        Assert.Null(file.Readme);
        Assert.Equal("README.md", file.ReadmePath);
        Assert.Equal(["readme `README.md` is 1048577 bytes and will not be shown (max 1048576)"], file.Warnings);
    }

    [Fact]
    public async Task The_commit_is_read()
    {
        Assert.Equal(new VcsInfo(Sha, "crates/demo", false), await Vcs($$"""{"git":{"sha1":"{{Sha}}"},"path_in_vcs":"crates/demo"}"""));
        Assert.Equal(new VcsInfo(Sha, string.Empty, true), await Vcs($$"""{"git":{"sha1":"{{Sha}}","dirty":true},"path_in_vcs":"","more":1}"""));
        Assert.Equal(new VcsInfo(Sha + Sha[..24], null, false), await Vcs($$"""{"git":{"sha1":"{{Sha + Sha[..24]}}"} }"""));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"git":null}""")]
    [InlineData("""{"git":{"sha1":1}}""")]
    [InlineData("""{"git":{"sha1":"abc"} }""")]
    [InlineData("""{"git":{"sha1":"\ud800"} }""")]
    [InlineData("""{"git":{"sha1":"<script>alert(1)</script>000000000000000"} }""")]
    public async Task An_unusable_commit_is_ignored(string json) => Assert.Null(await Vcs(json));

    [Theory]
    [InlineData("/etc")]
    [InlineData("a/../b")]
    [InlineData("..")]
    [InlineData("a\\\\b")]
    [InlineData("javascript:alert(1)")]
    [InlineData("a\\nb")]
    [InlineData("\\udc00")]
    public async Task An_unusable_folder_in_the_repository_is_ignored(string path) =>
        Assert.Null((await Vcs($$"""{"git":{"sha1":"{{Sha}}"},"path_in_vcs":"{{path}}"}"""))?.PathInVcs);

    [Fact]
    public async Task Commit_information_over_64_KiB_is_ignored() =>
        Assert.Null(await Vcs($$"""{"git":{"sha1":"{{Sha}}"} }""".PadRight(VcsInfo.MaxBytes + 1)));

    [Fact]
    public async Task A_dirty_work_tree_is_judged_by_policy()
    {
        var dirty = TestTar.Crate(TestTar.File(".cargo_vcs_info.json", $$"""{"git":{"sha1":"{{Sha}}","dirty":true} }"""));
        var clean = TestTar.Crate(TestTar.File(".cargo_vcs_info.json", $$"""{"git":{"sha1":"{{Sha}}"} }"""));
        var (reject, warn) = (With(new PublishPolicy { DirtyWorkTree = Policy.Reject }), With(new PublishPolicy { DirtyWorkTree = Policy.Warn }));
        Assert.Empty((await Accepted(dirty)).Warnings);
        Assert.Empty((await Accepted(clean, reject)).Warnings);
        Assert.Equal(["crate was packaged from a dirty work tree"], (await Accepted(dirty, warn)).Warnings);
        await Refused("crate was packaged from a dirty work tree", dirty, reject);
        await Refused("crate was packaged without version control information", TestTar.Crate(), reject);
    }

    [Theory]
    [InlineData("0000644")]
    [InlineData("0000755")]
    [InlineData("0000444")]
    [InlineData("0100644")]
    public async Task An_ordinary_mode_is_accepted(string mode) =>
        Assert.Empty((await Accepted(TestTar.Crate(TestTar.File("a") with { Mode = mode }))).Warnings);

    [Theory]
    [InlineData("4755")]
    [InlineData("2755")]
    [InlineData("1755")]
    [InlineData("0000")]
    [InlineData("0200")]
    [InlineData("4775")]
    public async Task An_unsafe_mode_is_refused_unless_policy_allows_any(string mode)
    {
        var tar = TestTar.Crate(TestTar.File("a") with { Mode = "000" + mode });
        await Refused($"entry `a` has unsafe mode `{mode}`", tar);
        await Refused($"entry `a` has unsafe mode `{mode}`", tar, With(new PublishPolicy { UnsafeModes = Policy.Reject }));
        Assert.Empty((await Accepted(tar, With(new PublishPolicy { UnsafeModes = Policy.Allow }))).Warnings);
    }

    [Theory]
    [InlineData("0664")]
    [InlineData("0775")]
    [InlineData("0646")]
    public async Task Files_that_others_may_write_are_one_warning_unless_policy_says_otherwise(string mode)
    {
        var tar = TestTar.Crate(TestTar.File("a") with { Mode = "000" + mode }, TestTar.File("b"), TestTar.File("c") with { Mode = "000" + mode });
        Assert.Equal(["entry `a` is writable by group or others (2 such entries)"], (await Accepted(tar)).Warnings);
        Assert.Empty((await Accepted(tar, With(new PublishPolicy { UnsafeModes = Policy.Allow }))).Warnings);
        await Refused($"entry `a` has unsafe mode `{mode}`", tar, With(new PublishPolicy { UnsafeModes = Policy.Reject }));
    }

    [Fact]
    public async Task A_directory_that_others_may_write_is_a_warning() => Assert.Single(
        (await Accepted(TestTar.Crate(TestEntry.Directory($"{Root}/src") with { Mode = "0000777" }))).Warnings);

    [Theory]
    [InlineData("certs/server.PFX")]
    [InlineData("id_rsa")]
    [InlineData(".env")]
    [InlineData("a/b/.netrc")]
    public async Task A_file_that_looks_like_a_secret_is_judged_by_policy(string path)
    {
        var tar = TestTar.Crate(TestTar.File(path));
        var sentence = $"crate contains `{path}`, whose name looks like a secret's";
        Assert.Equal([sentence], (await Accepted(tar)).Warnings);
        Assert.Empty((await Accepted(tar, With(new PublishPolicy { SecretFiles = Policy.Allow }))).Warnings);
        Assert.Empty((await Accepted(tar, With(new PublishPolicy { SecretFileNames = ["other"] }))).Warnings);
        await Refused(sentence, tar, With(new PublishPolicy { SecretFiles = Policy.Reject }));
    }

    [Theory]
    [InlineData("id_rsa.pub")]
    [InlineData(".env.example")]
    [InlineData(".env/readme")]
    [InlineData("pem")]
    [InlineData("tests/server.pem")]
    [InlineData("tests/server.key")]
    public async Task A_file_that_looks_like_none_is_accepted(string path) => Assert.Empty((await Accepted(TestTar.Crate(TestTar.File(path)))).Warnings);

    [Fact]
    public async Task Warnings_are_limited_in_number()
    {
        var file = await Accepted(TestTar.Crate([.. Enumerable.Range(0, 100).Select(i => TestTar.File($"{i}.p12"))]));
        Assert.Equal(51, file.Warnings.Count);
        Assert.Equal("further warnings are left out", file.Warnings[50]);
    }

    private static async Task<VcsInfo?> Vcs(string json) => (await Accepted(TestTar.Crate(TestTar.File(".cargo_vcs_info.json", json)))).VcsInfo;
}
