using System.Text;
using Raktar.Application.Publishing.Rules;

namespace Raktar.Specs.Publishing.CrateFiles;

public sealed class TarSpecs : CrateFileSpecs
{
    private const string Root = TestTar.Root;

    [Fact]
    public async Task Files_and_directories_are_accepted()
    {
        var file = await Accepted(TestTar.Crate(
            TestEntry.Directory($"{Root}/"), TestEntry.Directory($"{Root}/src"), TestTar.File("src/lib.rs", "x"), TestTar.File("old") with { Type = '\0' }));
        Assert.Equal("Cargo.toml old src/lib.rs", string.Join(' ', file.Files.Order(StringComparer.Ordinal)));
        Assert.Equal(TestTar.Manifest.Content, file.Manifest.ToArray());
        Assert.Empty(file.Warnings);
    }

    [Theory]
    [InlineData('1', "hard link")]
    [InlineData('2', "symlink")]
    [InlineData('3', "character device")]
    [InlineData('4', "block device")]
    [InlineData('6', "fifo")]
    [InlineData('7', "contiguous file")]
    [InlineData('S', "sparse file")]
    [InlineData('K', "long link")]
    [InlineData('g', "global pax header")]
    [InlineData('V', "V")]
    [InlineData('Z', "Z")]
    public async Task A_type_other_than_file_and_directory_is_refused(char type, string name) => await Refused(
        $"entry `{Root}/a` has type `{name}`; only files and directories are allowed", TestTar.Crate(TestTar.File("a") with { Type = type }));

    [Fact]
    public async Task A_symlink_with_a_long_name_is_named_by_it() => await Refused(
        $"entry `{Root}/long` has type `symlink`; only files and directories are allowed",
        TestTar.Crate(TestEntry.LongName($"{Root}/long"), TestTar.File("short") with { Type = '2' }));

    [Fact]
    public async Task A_posix_header_with_a_prefix_is_accepted()
    {
        var file = await Accepted(TestTar.Crate(new TestEntry("lib.rs") { Posix = true, Change = header => Put(header, 345, $"{Root}/src") }));
        Assert.Contains("src/lib.rs", file.Files);
    }

    [Fact]
    public async Task A_GNU_header_with_a_prefix_is_refused() => await RefusedTar(
        "a header has bytes behind the end of a field", TestTar.Crate(TestTar.File("a") with { Change = header => Put(header, 345, "evil") }));

    [Fact]
    public async Task Bytes_behind_the_end_of_a_name_are_refused() =>
        await RefusedTar("a header has bytes behind the end of a field", TestTar.Crate(TestTar.File("a\0b")));

    [Fact]
    public async Task A_wrong_header_checksum_is_refused() =>
        await RefusedTar("a header checksum is wrong", TestTar.Crate(TestTar.File("a") with { Damage = header => header[0]++ }));

    [Fact]
    public async Task An_unknown_magic_is_refused() =>
        await RefusedTar("a header is neither POSIX nor GNU", TestTar.Crate(TestTar.File("a") with { Change = header => Array.Clear(header, 257, 8) }));

    [Fact]
    public async Task GNU_long_names_and_pax_paths_are_accepted()
    {
        var name = new string('n', 200);
        var file = await Accepted(TestTar.Crate(
            TestEntry.LongName($"{Root}/a/{name}"), TestTar.File("a/nn"),
            TestEntry.Pax(("path", $"{Root}/b/{name}"), ("mtime", "1.5")), TestTar.File("b/nn"),
            TestEntry.Pax(("mtime", "1.5")), TestEntry.LongName($"{Root}/c/{name}"), TestTar.File("c/nn"),
            TestTar.File("d")));
        Assert.Equal($"Cargo.toml a/{name} b/{name} c/{name} d", string.Join(' ', file.Files.Order(StringComparer.Ordinal)));
    }

    [Fact]
    public async Task A_long_name_with_a_NUL_in_it_is_refused() => await Refused(
        $"invalid path `{Root}/a\\u{{0}}b`", TestTar.Crate(TestEntry.LongName($"{Root}/a\0b"), TestTar.File("a")));

    [Fact]
    public async Task An_empty_long_name_is_refused() =>
        await Refused("invalid path ``", TestTar.Crate(TestEntry.LongName(string.Empty), TestTar.File("a")));

    [Fact]
    public async Task An_entry_with_two_extended_headers_of_a_kind_is_refused()
    {
        const string Problem = "an entry has two extended headers of a kind";
        await RefusedTar(Problem, TestTar.Crate(TestEntry.LongName($"{Root}/a"), TestEntry.LongName($"{Root}/b"), TestTar.File("a")));
        await RefusedTar(Problem, TestTar.Crate(TestEntry.Pax(("mtime", "1")), TestEntry.Pax(("atime", "1")), TestTar.File("a")));
    }

    [Fact]
    public async Task An_entry_that_is_named_twice_is_refused() => await RefusedTar(
        $"entry `{Root}/a` is named twice", TestTar.Crate(TestEntry.Pax(("path", $"{Root}/b")), TestEntry.LongName($"{Root}/a"), TestTar.File("a")));

    [Fact]
    public async Task An_extended_header_without_an_entry_is_refused() =>
        await RefusedTar("an extended header has no entry", TestTar.Crate(TestEntry.LongName($"{Root}/a")));

    [Fact]
    public async Task An_extended_header_over_its_limit_is_refused() => await Refused(
        "an extended header is 65537 bytes (max 65536)", TestTar.Crate(TestEntry.LongName(new string('a', 65536)), TestTar.File("a")));

    [Theory]
    [InlineData("linkpath")]
    [InlineData("hdrcharset")]
    [InlineData("GNU.sparse.major")]
    [InlineData("GNU.sparse.name")]
    [InlineData("SCHILY.realsize")]
    public async Task A_pax_record_that_changes_the_meaning_is_refused(string key) =>
        await RefusedTar($"pax record `{key}` is not allowed", TestTar.Crate(TestEntry.Pax((key, "1")), TestTar.File("a")));

    [Theory]
    [InlineData("x")]
    [InlineData("5 a=b\n")]
    [InlineData("7 a=b\n")]
    [InlineData("06 a=b\n")]
    [InlineData("6 a:b\n")]
    [InlineData("6 =ab\n")]
    [InlineData("6 a=bc")]
    [InlineData("-6 a=b\n")]
    [InlineData("6\ta=b\n")]
    [InlineData("1")]
    [InlineData("99999999999999999999 a=b\n")]
    [InlineData("6 a=b\n\n")]
    public async Task A_malformed_pax_record_is_refused(string content) =>
        await RefusedTar("a pax record is malformed", TestTar.Crate(TestEntry.RawPax(content), TestTar.File("a")));

    [Fact]
    public async Task A_repeated_pax_record_is_refused() => await RefusedTar(
        "pax record `path` is repeated", TestTar.Crate(TestEntry.Pax(("path", $"{Root}/a"), ("path", $"{Root}/a")), TestTar.File("a")));

    [Fact]
    public async Task More_pax_records_than_anyone_writes_are_refused() => await RefusedTar(
        "an entry has too many pax records (max 64)",
        TestTar.Crate(TestEntry.Pax([.. Enumerable.Range(0, 65).Select(i => ($"key{i}", "1"))]), TestTar.File("a")));

    [Fact]
    public async Task An_agreeing_pax_size_is_accepted() => await Accepted(TestTar.Crate(TestEntry.Pax(("size", "3")), TestTar.File("a", "abc")));

    [Theory]
    [InlineData("0")]
    [InlineData("512")]
    [InlineData("18446744073709551615")]
    public async Task A_differing_pax_size_is_refused(string size) =>
        await Refused($"conflicting sizes for `{Root}/a`", TestTar.Crate(TestEntry.Pax(("size", size)), TestTar.File("a", "abc")));

    [Theory]
    [InlineData("")]
    [InlineData("-3")]
    [InlineData("+3")]
    [InlineData("3 ")]
    [InlineData("0x3")]
    [InlineData("18446744073709551616")]
    public async Task A_pax_size_that_is_no_number_is_refused(string size) =>
        await RefusedTar("pax record `size` is not allowed", TestTar.Crate(TestEntry.Pax(("size", size)), TestTar.File("a", "abc")));

    [Fact]
    public async Task A_base_256_size_is_accepted() =>
        await Accepted(TestTar.Crate(TestTar.File("a", "abc") with { Size = [0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3] }));

    [Theory]
    [InlineData(new byte[] { 0xff, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 253 })]
    [InlineData(new byte[] { 0x80, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3 })]
    [InlineData(new byte[] { 0x80, 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 3 })]
    [InlineData(new byte[] { 0x81, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3 })]
    public async Task A_negative_or_overlong_base_256_size_is_refused(byte[] size) =>
        await RefusedTar("a header has a malformed size", TestTar.Crate(TestTar.File("a", "abc") with { Size = size }));

    [Theory]
    [InlineData("00000000003")]
    [InlineData("         3 ")]
    [InlineData("000000000003")]
    public async Task Octal_sizes_of_all_writers_are_accepted(string size) =>
        await Accepted(TestTar.Crate(TestTar.File("a", "abc") with { Size = Encoding.ASCII.GetBytes(size) }));

    [Theory]
    [InlineData("")]
    [InlineData("00000000009")]
    [InlineData("+0000000003")]
    [InlineData("0000 000003")]
    [InlineData("000\0       3")]
    public async Task A_malformed_octal_size_is_refused(string size) => await RefusedTar(
        "a header has a malformed size", TestTar.Crate(TestTar.File("a", "abc") with { Size = Encoding.ASCII.GetBytes(size) }));

    [Fact]
    public async Task A_malformed_mode_is_refused() =>
        await RefusedTar("a header has a malformed mode", TestTar.Crate(TestTar.File("a") with { Mode = "rw-r--r" }));

    [Fact]
    public async Task A_directory_with_content_is_refused() => await Refused(
        "directory `src` has content", TestTar.Crate(TestEntry.Directory($"{Root}/src") with { Content = new byte[512] }));

    [Fact]
    public async Task An_archive_without_a_full_end_marker_is_refused()
    {
        const string Problem = "it ends without an end marker";
        var entries = TestTar.Unended(TestTar.Manifest);
        await RefusedTar(Problem, entries);
        await RefusedTar(Problem, [.. entries, .. new byte[512]]);
        await RefusedTar(Problem, [.. entries, .. new byte[1023]]);
        await RefusedTar(Problem, []);
    }

    [Fact]
    public async Task Zeros_behind_the_end_marker_are_accepted() => await Accepted([.. TestTar.Crate(), .. new byte[9 * 1024]]);

    [Fact]
    public async Task A_second_archive_behind_the_end_marker_is_refused()
    {
        const string Problem = "its end marker is followed by other bytes";
        await RefusedTar(Problem, [.. TestTar.Crate(), .. TestTar.Archive(TestTar.File("hidden"))]);
        await RefusedTar(Problem, [.. TestTar.Crate(), .. new byte[100_000], 1]);
        await RefusedTar(Problem, [.. TestTar.Unended(TestTar.Manifest), .. new byte[512], .. TestTar.Archive(TestTar.File("hidden"))]);
    }

    [Fact]
    public async Task An_archive_that_ends_inside_an_entry_is_refused()
    {
        var entries = TestTar.Unended(TestTar.Manifest, TestTar.File("a", new string('a', 600)));
        await RefusedTar("it ends inside an entry", entries[..^1]);
        await RefusedTar("it ends inside an entry", entries[..^700]);
    }

    [Fact]
    public async Task The_number_of_entries_is_limited()
    {
        var tar = TestTar.Crate(TestEntry.Directory($"{Root}/src"), TestTar.File("src/lib.rs"));
        await Accepted(tar, With(new PublishLimits { Entries = 3 }));
        await Refused("crate file has more than 2 entries", tar, With(new PublishLimits { Entries = 2 }));
    }

    [Fact]
    public async Task The_size_of_a_file_is_limited()
    {
        var tar = TestTar.Crate(TestTar.File("big", new string('a', 1000)));
        await Accepted(tar, With(new PublishLimits { FileBytes = 1000 }));
        await Refused("file `big` is 1000 bytes (max 999)", tar, With(new PublishLimits { FileBytes = 999 }));
    }

    private static void Put(byte[] header, int at, string text) => Encoding.ASCII.GetBytes(text).CopyTo(header, at);
}
