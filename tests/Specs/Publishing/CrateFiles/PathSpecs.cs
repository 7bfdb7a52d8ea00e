using System.Text;
using Raktar.Application.Publishing.Rules;

namespace Raktar.Specs.Publishing.CrateFiles;

public sealed class PathSpecs : CrateFileSpecs
{
    private const string Root = TestTar.Root;

    [Theory]
    [InlineData("src/lib.rs")]
    [InlineData("with space/ünïcødé/日本語.rs")]
    [InlineData("..a/b..c/...d")]
    [InlineData(".hidden/~tilde$@#%^&()[]{}'`!;,=+")]
    [InlineData("console.rs")]
    [InlineData("com/common.rs")]
    public async Task An_ordinary_path_is_accepted(string path)
    {
        var file = await Accepted(TestTar.Crate(TestTar.File(path)));
        Assert.Equal(2, file.Files.Count);
        Assert.Empty(file.Warnings);
    }

    [Theory]
    [InlineData("a\u0001b", "a\\u{1}b")]
    [InlineData("a\nb", "a\\u{a}b")]
    [InlineData("a\u001b[31m", "a\\u{1b}[31m")]
    [InlineData("a\u007f", "a\\u{7f}")]
    [InlineData("a\u0085", "a\\u{85}")]
    public async Task A_control_character_in_a_path_is_refused_and_shown_escaped(string path, string shown) =>
        await Refused($"invalid path `{Root}/{shown}`", TestTar.Crate(TestTar.File(path)));

    [Fact]
    public async Task A_path_that_is_not_UTF8_is_refused()
    {
        byte[] raw = [.. Encoding.UTF8.GetBytes($"{Root}/a"), 0xff];
        await Refused($"invalid path `{Root}/a\ufffd`", TestTar.Crate(TestTar.File("a") with { RawPath = raw }));
        await Refused($"invalid path `{Root}/a\ufffd`", TestTar.Crate(TestEntry.LongName(string.Empty) with { Content = raw }, TestTar.File("a")));
    }

    [Fact]
    public async Task A_text_direction_override_is_shown_escaped() =>
        await Refused($"path `{Root}/a\\u{{202e}}b:c` cannot be extracted on Windows", TestTar.Crate(TestTar.File("a\u202eb:c")));

    [Theory]
    [InlineData("other-1.0.0/a")]
    [InlineData("demo-1.0.0x/a")]
    [InlineData("demo-1.0.0+build/a")]
    [InlineData("Demo-1.0.0/a")]
    [InlineData("demo-1.0/a")]
    [InlineData("a")]
    public async Task A_path_outside_the_root_is_refused(string path) =>
        await Refused($"path `{path}` is outside `demo-1.0.0/`", TestTar.Crate(new TestEntry(path)));

    [Fact]
    public async Task The_root_as_a_file_is_refused() =>
        await Refused($"path `{Root}` must be a directory", TestTar.Crate(new TestEntry(Root)));

    [Theory]
    [InlineData("demo-1.0.0/../a", "contains `..`")]
    [InlineData("../a", "contains `..`")]
    [InlineData("demo-1.0.0/a/..", "contains `..`")]
    [InlineData("./demo-1.0.0/a", "contains `.`")]
    [InlineData("demo-1.0.0/./a", "contains `.`")]
    [InlineData("demo-1.0.0//a", "is absolute or has an empty component")]
    [InlineData("/demo-1.0.0/a", "is absolute or has an empty component")]
    [InlineData("demo-1.0.0/a/", "is absolute or has an empty component")]
    public async Task A_path_that_leads_elsewhere_is_refused(string path, string problem) =>
        await Refused($"path `{path}` {problem}", TestTar.Crate(new TestEntry(path)));

    [Fact]
    public async Task A_directory_ends_with_at_most_one_slash() =>
        await Refused($"path `{Root}/a//` is absolute or has an empty component", TestTar.Crate(TestEntry.Directory($"{Root}/a//")));

    [Theory]
    [InlineData("a\\b")]
    [InlineData("c:a")]
    [InlineData("a.txt:stream")]
    public async Task A_path_that_leads_elsewhere_on_Windows_is_refused(string path) =>
        await Refused($"path `{Root}/{path}` cannot be extracted on Windows", TestTar.Crate(TestTar.File(path)));

    [Theory]
    [InlineData("aux.rs")]
    [InlineData("src/CON")]
    [InlineData("nul .tar.gz")]
    [InlineData("com1/a")]
    [InlineData("Lpt9.txt")]
    [InlineData("a.")]
    [InlineData("a ")]
    [InlineData("a./b")]
    [InlineData("what?")]
    [InlineData("a|b")]
    public async Task What_Windows_cannot_unpack_is_judged_by_policy(string path)
    {
        var sentence = $"path `{path}` cannot be extracted on Windows";
        var tar = TestTar.Crate(TestTar.File(path));
        Assert.Equal([sentence], (await Accepted(tar)).Warnings);
        Assert.Empty((await Accepted(tar, With(new PublishPolicy { WindowsDeviceNames = Policy.Allow }))).Warnings);
        await Refused(sentence, tar, With(new PublishPolicy { WindowsDeviceNames = Policy.Reject }));
    }

    [Fact]
    public async Task The_length_of_a_path_is_limited()
    {
        var longest = $"{Root}/{string.Join('/', Enumerable.Repeat("123456789", 101))}/123";
        Assert.Equal(1024, longest.Length);
        await Accepted(TestTar.Crate(Long(longest)), With(new PublishLimits { PathDepth = 200 }));
        var outcome = await Inspect(TestGzip.Pack(TestTar.Crate(Long(longest + "4"))), With(new PublishLimits { PathDepth = 200 }));
        Assert.EndsWith("…` is 1025 bytes (max 1024)", outcome.Refusal!.Sentence, StringComparison.Ordinal);
        Assert.True(outcome.Refusal.Sentence.Length < 200);
    }

    [Fact]
    public async Task The_length_of_a_component_is_limited()
    {
        await Accepted(TestTar.Crate(Long($"{Root}/{new string('a', 255)}")));
        await Accepted(TestTar.Crate(Long($"{Root}/{new string('日', 85)}")));
        foreach (var name in new[] { new string('a', 256), new string('日', 85) + "a" })
        {
            var outcome = await Inspect(TestGzip.Pack(TestTar.Crate(Long($"{Root}/{name}"))));
            Assert.EndsWith("has a component of 256 bytes (max 255)", outcome.Refusal!.Sentence, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_depth_of_a_path_is_limited()
    {
        var deepest = $"{Root}{string.Concat(Enumerable.Repeat("/a", 63))}";
        await Accepted(TestTar.Crate(Long(deepest)));
        var outcome = await Inspect(TestGzip.Pack(TestTar.Crate(Long(deepest + "/a"))));
        Assert.EndsWith("has 65 components (max 64)", outcome.Refusal!.Sentence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(".cargo-ok")]
    [InlineData(".Cargo-OK")]
    [InlineData(".cargo-ok/a")]
    public async Task Cargos_own_marker_is_refused(string path) =>
        await Refused($"path `{Root}/{path}` is reserved by cargo", TestTar.Crate(TestTar.File(path)));

    [Fact]
    public async Task Cargos_marker_below_a_folder_is_an_ordinary_file() => await Accepted(TestTar.Crate(TestTar.File("src/.cargo-ok")));

    [Theory]
    [InlineData("a", "a")]
    [InlineData("src/lib.rs", "src/lib.rs")]
    public async Task A_path_that_occurs_twice_is_refused_whatever_the_policy(string one, string other)
    {
        await Refused($"path `{other}` occurs twice", TestTar.Crate(TestTar.File(one), TestTar.File(other)), With(new PublishPolicy { CaseCollisions = Policy.Allow }));
        await Refused($"path `{other}` occurs twice", TestTar.Crate(TestTar.File(one), TestEntry.Directory($"{Root}/{other}/")));
        await Refused($"path `{other}` occurs twice", TestTar.Crate(TestEntry.Directory($"{Root}/{one}"), TestEntry.Directory($"{Root}/{other}/")));
    }

    [Theory]
    [InlineData("src/a.rs", "src/A.rs")]
    [InlineData("ÉTÉ", "été")]
    [InlineData("Σίσυφος", "ΣΊΣΥΦΟΣ")]
    [InlineData("src", "SRC/lib.rs")]
    [InlineData("\u00e9", "e\u0301")]
    [InlineData("\u1e69", "S\u0307\u0323")]
    [InlineData("\ud55c\uae00", "\u1112\u1161\u11ab\u1100\u1173\u11af")]
    [InlineData("\u212a", "k")]
    [InlineData("\ufa30", "\u4fae")]
    public async Task Paths_that_differ_only_in_case_or_composition_are_judged_by_policy(string one, string other)
    {
        var tar = TestTar.Crate(TestTar.File("zz"), TestTar.File(one), TestTar.File("srb"), TestTar.File(other), TestTar.File("src-1"));
        await Refused($"paths `{one}` and `{other}` collide", tar, With(new PublishPolicy { CaseCollisions = Policy.Reject }));
        Assert.Equal([$"paths `{one}` and `{other}` collide"], (await Accepted(tar)).Warnings);
        Assert.Empty((await Accepted(tar, With(new PublishPolicy { CaseCollisions = Policy.Allow }))).Warnings);
    }

    [Theory]
    [InlineData(Policy.Allow)]
    [InlineData(Policy.Warn)]
    [InlineData(Policy.Reject)]
    public async Task What_collides_with_the_manifest_is_refused_whatever_the_policy(Policy policy)
    {
        var tar = TestTar.Crate(TestTar.File("a"), TestTar.File("A"), TestTar.File("cargo.TOML/x"));
        await Refused("paths `Cargo.toml` and `cargo.TOML/x` collide", tar, With(new PublishPolicy { CaseCollisions = policy }));
    }

    [Fact]
    public async Task All_paths_together_are_limited()
    {
        // Each has its root and a slash before it.
        var tar = TestTar.Crate(TestTar.File("a"), TestTar.File("b"));
        await Accepted(tar, With(new PublishLimits { PathBytes = 45 }));
        await Refused("the paths in the crate file have more than 44 bytes", tar, With(new PublishLimits { PathBytes = 44 }));
    }

    [Theory]
    [InlineData(Policy.Allow)]
    [InlineData(Policy.Warn)]
    [InlineData(Policy.Reject)]
    public async Task A_file_with_a_path_below_it_is_refused_whatever_the_policy(Policy policy)
    {
        var rules = With(new PublishPolicy { CaseCollisions = policy });
        await Refused("paths `a` and `a/b/c` collide", TestTar.Crate(TestTar.File("a/b/c"), TestTar.File("a-b"), TestTar.File("a")), rules);
    }

    [Fact]
    public async Task A_file_below_a_path_is_found_behind_one_that_differs_in_case() => await Refused(
        "paths `a` and `a/b` collide",
        TestTar.Crate(TestTar.File("a"), TestTar.File("A"), TestTar.File("a/b")),
        With(new PublishPolicy { CaseCollisions = Policy.Warn }));

    [Theory]
    [InlineData("e", "\u00e9")]
    [InlineData("\ud55c", "\ud558")]
    [InlineData("stra\u00dfe", "strasse")]
    public async Task Paths_that_only_look_alike_are_accepted(string one, string other) =>
        await Accepted(TestTar.Crate(TestTar.File(one), TestTar.File(other)));

    private static TestEntry[] Long(string path) => [TestEntry.LongName(path), TestTar.File("x")];
}
