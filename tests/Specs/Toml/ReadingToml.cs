using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using Raktar.Application;
using Raktar.Application.Publishing.Toml;

namespace Raktar.Specs.Toml;

public class ReadingToml
{
    public static TheoryData<string> Invalid => [.. TomlCorpus.Invalid];

    public static TheoryData<string> OnlyToml11 => [.. TomlCorpus.OnlyToml11];

    public static TheoryData<string, string> Valid
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var (document, json) in TomlCorpus.Valid)
            {
                data.Add(document, json);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Valid))]
    public void A_valid_document_means_what_it_says(string document, string json)
    {
        var read = Read(document);

        Assert.Null(read.Refusal);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(json), Json(read.Value)), Json(read.Value)!.ToJsonString());
    }

    [Theory]
    [MemberData(nameof(Invalid))]
    public void An_invalid_document_is_refused_with_its_line(string document) =>
        Assert.Matches(@"^Cargo\.toml is invalid: line \d+: .", Read(document).Refusal?.Sentence);

    // Not TOML 1.0, but neither a duplicate nor another value; cargo 1.95 takes it too.
    [Theory]
    [MemberData(nameof(OnlyToml11))]
    public void Syntax_new_in_TOML_1_1_is_taken(string document) => Assert.Null(Read(document).Refusal);

    [Theory]
    [InlineData("a = 1\nb = 2\nb = 3", 3, "`b` is defined twice")]
    [InlineData("[a]\n\n[b]\n[a]", 4, "`a` is defined twice")]
    [InlineData("a = {b = 1}\n[a.c]", 2, "`a` is already defined and cannot be extended")]
    public void The_line_is_the_offending_one(string document, int line, string problem) =>
        Assert.Equal($"Cargo.toml is invalid: line {line}: {problem}", Read(document).Refusal?.Sentence);

    [Theory]
    [InlineData("a = \"\uFEFF\"")]
    [InlineData("\uFEFFa = \"\uFEFF\"")]
    public void A_byte_order_mark_is_skipped_at_the_start_and_kept_elsewhere(string document) =>
        Assert.Equal("\uFEFF", Read(document).Value["a"]);

    [Theory]
    [InlineData(new byte[] { 0x61, 0x3D, 0x22, 0xFF, 0x22 })]
    [InlineData(new byte[] { 0x23, 0xC0, 0x80 })]
    [InlineData(new byte[] { 0x61, 0x3D, 0x22, 0xED, 0xA0, 0x80, 0x22 })]
    [InlineData(new byte[] { 0xFF, 0xFE, 0x61, 0x00 })]
    public void Bytes_that_are_no_UTF8_are_refused(byte[] bytes) =>
        Assert.Equal("Cargo.toml is invalid: it is not UTF-8", TomlDocument.Read(bytes).Refusal?.Sentence);

    [Theory]
    [InlineData("[", "]")]
    [InlineData("{a = ", "}")]
    public void Containers_nest_to_a_limit(string open, string close)
    {
        Assert.Null(Read(Nested(TomlDocument.MaxDepth - 1)).Refusal);
        Assert.NotNull(Read(Nested(TomlDocument.MaxDepth + 1)).Refusal);

        string Nested(int depth) =>
            "a = " + string.Concat(Enumerable.Repeat(open, depth)) + "1" + string.Concat(Enumerable.Repeat(close, depth));
    }

    [Theory]
    [InlineData("", "a = {}")]
    [InlineData("[", "a]")]
    public void Dotted_keys_nest_to_the_same_limit(string start, string end)
    {
        Assert.Null(Read(Dotted(TomlDocument.MaxDepth - 1)).Refusal);
        Assert.EndsWith("nested too deep (max 32)", Read(Dotted(TomlDocument.MaxDepth)).Refusal?.Sentence, StringComparison.Ordinal);

        string Dotted(int parents) => start + string.Concat(Enumerable.Repeat("a.", parents)) + end;
    }

    [Theory]
    [InlineData("", "[", 100_000)]
    [InlineData("a = ", "[", 500_000)]
    [InlineData("a = ", "{a = ", 200_000)]
    [InlineData("[", "a.", 500_000)]
    [InlineData("", "a.", 500_000)]
    [InlineData("", "=\n", 500_000)]
    [InlineData("", "\"", 1_000_000)]
    [InlineData("a = ", "1", 1_000_000)]
    [Trait("Needs", "seconds")]
    public void A_hostile_megabyte_is_refused_in_time(string start, string repeated, int times)
    {
        var watch = Stopwatch.StartNew();

        Assert.NotNull(Read(start + string.Concat(Enumerable.Repeat(repeated, times))).Refusal);
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 10);
    }

    [Fact]
    public void A_refusal_does_not_repeat_the_document() =>
        Assert.InRange(Read("a = " + new string('1', 100_000)).Refusal!.Sentence.Length, 10, 200);

    private static Outcome<TomlTable> Read(string document) => TomlDocument.Read(Encoding.UTF8.GetBytes(document));

    private static JsonNode? Json(object value) => value switch
    {
        TomlTable table => new JsonObject(table.Entries.Select(entry => KeyValuePair.Create(entry.Key, Json(entry.Value)))),
        TomlArray array => new JsonArray([.. array.Select(Json)]),
        TomlDate date => date.Text,
        _ => JsonValue.Create(value),
    };
}
