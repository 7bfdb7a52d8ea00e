using System.Text.Json.Nodes;

namespace Raktar.LocalAws.Specs;

public sealed class EventPatterns
{
    private const string Moved = """
        {"source": "raktar", "detail-type": "stream-moved", "account": "1",
         "detail": {"stream": "crate/foo", "types": ["crate-claimed", "version-published"], "nothing": null, "count": 3, "deep": {"er": "x"}}}
        """;

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{"source": ["raktar"]}""")]
    [InlineData("""{"source": ["other", "raktar"], "detail-type": ["stream-moved"]}""")]
    [InlineData("""{"detail": {"stream": [{"prefix": "crate/"}]}}""")]
    [InlineData("""{"detail": {"stream": [{"prefix": "account/"}, {"suffix": "foo"}]}}""")]
    [InlineData("""{"detail": {"stream": [{"equals-ignore-case": "CRATE/FOO"}]}}""")]
    [InlineData("""{"detail": {"stream": [{"anything-but": "crate/bar"}]}}""")]
    [InlineData("""{"detail": {"stream": [{"anything-but": ["crate/bar", "crate/baz"]}]}}""")]
    [InlineData("""{"detail": {"stream": [{"anything-but": {"prefix": "account/"}}]}}""")]
    [InlineData("""{"detail": {"stream": [{"exists": true}], "absent": [{"exists": false}]}}""")]
    [InlineData("""{"detail": {"types": ["version-published"]}}""")]
    [InlineData("""{"detail": {"types": [{"prefix": "version-"}]}}""")]
    [InlineData("""{"detail": {"count": [3], "nothing": [null], "deep": {"er": ["x"]}}}""")]
    public void Match(string pattern) => Assert.True(Matches(pattern));

    [Theory]
    [InlineData("""{"source": ["Raktar"]}""")]
    [InlineData("""{"source": ["raktar"], "account": ["2"]}""")]
    [InlineData("""{"source": []}""")]
    [InlineData("""{"detail": {"stream": [{"prefix": "account/"}]}}""")]
    [InlineData("""{"detail": {"stream": [{"anything-but": ["crate/foo"]}]}}""")]
    [InlineData("""{"detail": {"stream": [{"anything-but": {"prefix": "crate/"}}]}}""")]
    [InlineData("""{"detail": {"stream": [{"exists": false}]}}""")]
    [InlineData("""{"detail": {"absent": [{"exists": true}]}}""")]
    [InlineData("""{"detail": {"absent": [{"anything-but": "x"}]}}""")]
    [InlineData("""{"detail": {"absent": [null]}}""")]
    [InlineData("""{"detail": {"deep": [{"exists": true}]}}""")]
    [InlineData("""{"detail": {"count": ["3"]}}""")]
    [InlineData("""{"absent": {"deep": ["x"]}}""")]
    public void Do_not_match(string pattern) => Assert.False(Matches(pattern));

    [Fact]
    public void Are_never_guessed_at() =>
        Assert.Throws<NotSupportedException>(() => Matches("""{"detail": {"count": [{"numeric": [">", 1]}]}}"""));

    private static bool Matches(string pattern) => EventPattern.Matches(JsonNode.Parse(pattern)!.AsObject(), JsonNode.Parse(Moved));
}
