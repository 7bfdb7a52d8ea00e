using System.Text;
using Raktar.Application.Crates.Views;
using Raktar.Domain;
using Raktar.Domain.Crates;
using Raktar.Projections;
using Raktar.Projections.Crates;

namespace Raktar.Specs.Projections;

public sealed class IndexLines
{
    private const string Line =
        """
        {"name":"Foo-Bar","vers":"1.0.0-rc.1+b.2","deps":[{"name":"alias","req":"^1.0","features":["a"],"optional":true,"default_features":false,"target":null,"kind":"normal","registry":null,"package":"real"},{"name":"serde","req":">=1, <2","features":[],"optional":false,"default_features":true,"target":"cfg(unix)","kind":"build","registry":"https://github.com/rust-lang/crates.io-index","package":null},{"name":"tests","req":"*","features":[],"optional":false,"default_features":true,"target":null,"kind":"dev","registry":null,"package":null}],"cksum":"277089d91c0bdf4f2e6862ba7e4a07605119431f5d13f726dd352b06f1b206a9","features":{"default":["std"],"std":[]},"features2":{"with-alias":["dep:alias"],"all":["with-alias","std"]},"yanked":false,"links":"z","rust_version":"1.70","pubtime":"2026-11-22T12:00:00Z","v":2}

        """;

    private static readonly CrateCreated Created = new(CrateName.Parse("Foo-Bar"), Examples.Ann);

    [Fact]
    public void A_published_version_is_one_line() => Assert.Equal(Line, Fold(Created, Examples.Published));

    [Fact]
    public void Without_the_new_feature_syntax_the_line_is_of_version_1()
    {
        var line = Fold(Created, Examples.Published with { Package = new Package { Features = [new("a", ["b", "c/d"]), new("b", [])] } });
        Assert.Contains("""
            "features":{"a":["b","c/d"],"b":[]},"yanked":false,"pubtime":"2026-11-22T12:00:00Z","v":1}
            """, line, StringComparison.Ordinal);
        Assert.DoesNotContain("features2", line, StringComparison.Ordinal);
    }

    [Fact]
    public void A_chain_of_thousands_of_features_ends_in_the_new_syntax_and_is_followed_once()
    {
        const int Length = 7000;
        var chain = Enumerable.Range(0, Length).Select(i => new Feature($"f{i:D4}", [i == Length - 1 ? "dep:x" : $"f{i + 1:D4}"]));
        var started = System.Diagnostics.Stopwatch.GetTimestamp();
        var line = Fold(Created, Examples.Published with { Package = new Package { Features = [.. chain, new("plain", [])] } });
        Assert.Contains("\"features\":{\"plain\":[]},\"features2\":{\"f0000\":[\"f0001\"],", line, StringComparison.Ordinal);

        // It was a second for each two thousand, squared; now it is some milliseconds.
        Assert.InRange(System.Diagnostics.Stopwatch.GetElapsedTime(started).TotalSeconds, 0, 2);
    }

    [Fact]
    public void A_yank_changes_one_word_of_its_line_and_unyanking_changes_it_back()
    {
        var other = Examples.Published with { Version = SemVersion.Parse("2.0.0") };
        var yanked = Fold(Created, Examples.Published, other, new VersionYanked(Examples.Published.Version, "why"));
        Assert.Equal(Line.Replace("\"yanked\":false", "\"yanked\":true", StringComparison.Ordinal), yanked[..yanked.IndexOf('\n', StringComparison.Ordinal)] + "\n");
        Assert.Contains("\"vers\":\"2.0.0\"", yanked, StringComparison.Ordinal);
        Assert.Equal(
            Fold(Created, Examples.Published, other),
            Fold(Created, Examples.Published, other, new VersionYanked(Examples.Published.Version, null), new VersionUnyanked(Examples.Published.Version)));
    }

    [Fact]
    public void A_deleted_line_is_gone_and_only_the_log_can_bring_it_back()
    {
        DomainEvent[] all =
        [
            Created, Examples.Published,
            .. "2.0.0 3.0.0 4.0.0".Split(' ').Select(text => Examples.Published with { Version = SemVersion.Parse(text) }),
            new VersionYanked(Examples.Published.Version, "why"),
        ];
        DomainEvent[] deletions = [Deleted("3.0.0"), Deleted("1.0.0-rc.1+b.2"), Deleted("4.0.0")];
        Assert.Equal(Fold(all).Split('\n')[1] + "\n", Fold([.. all, .. deletions]));
        Assert.Throws<CannotFoldOnException>(() => Fold([.. all, .. deletions, Restored("4.0.0")]));
    }

    [Fact]
    public void A_file_without_lines_is_no_file()
    {
        var projection = new IndexProjection();
        var file = IndexFile.Parse(projection.ToBytes(projection.Fold(null, Examples.Recorded(Created, Examples.Published, Deleted("1.0.0-rc.1+b.2")))));
        Assert.True(file.IsEmpty);
        Assert.True(file.Body.IsEmpty);
    }

    [Fact]
    public void Every_visible_change_has_another_etag_and_the_same_content_the_same()
    {
        var before = IndexFile.Of("a", Encoding.UTF8.GetBytes(Fold(Created, Examples.Published)));
        var after = IndexFile.Of("a", Encoding.UTF8.GetBytes(Fold(Created, Examples.Published, new VersionYanked(Examples.Published.Version, null))));
        Assert.NotEqual(before.ETag, after.ETag);
        Assert.Equal(before.ETag, IndexFile.Of("a", before.Body).ETag);
        Assert.Matches("^\"[0-9a-f]{32}\"$", before.ETag);
        Assert.NotEqual(before.ETag, before.GzipETag);
    }

    [Fact]
    public void A_file_says_whether_its_crate_is_restricted_and_how_it_is_spelled_now()
    {
        var projection = new IndexProjection();
        var view = projection.Fold(null, Examples.Recorded(Created, new VisibilityChanged(Restricted: true, []), Examples.Published, Deleted("1.0.0-rc.1+b.2")));
        view = projection.Parse(projection.ToBytes(projection.Fold(view, Examples.Recorded(new CrateRespelled(CrateName.Parse("foo_bar"))))));
        var two = Examples.Published with { Version = SemVersion.Parse("2.0.0") };
        var file = IndexFile.Parse(projection.ToBytes(projection.Fold(view, Examples.Recorded(two))));
        Assert.True(file.IsRestricted);
        Assert.Equal("foo_bar", file.Name);
        Assert.StartsWith("""{"name":"foo_bar","vers":"2.0.0",""", Encoding.UTF8.GetString(file.Body.Span), StringComparison.Ordinal);
        Assert.True(file.Lists(two.Version, two.Checksum));
        Assert.False(file.Lists(two.Version, Checksum.Of("other"u8)));
        Assert.False(file.Lists(Examples.Published.Version));
        var opened = IndexFile.Parse(projection.ToBytes(projection.Fold(projection.Parse(file.ToBytes()), Examples.Recorded(new VisibilityChanged(Restricted: false, [])))));
        Assert.False(opened.IsRestricted);
        Assert.Equal(file.ETag, opened.ETag);
    }

    private static VersionDeleted Deleted(string version) => new(SemVersion.Parse(version), "why", Examples.Noon);

    private static VersionRestored Restored(string version) => new(SemVersion.Parse(version));

    /// <summary>A commit per fact, stored and read again after each.</summary>
    private static string Fold(params DomainEvent[] facts)
    {
        var projection = new IndexProjection();
        byte[]? bytes = null;
        foreach (var fact in facts)
        {
            bytes = projection.ToBytes(projection.Fold(bytes is null ? null : projection.Parse(bytes), Examples.Recorded(fact)));
        }

        return Encoding.UTF8.GetString(IndexFile.Parse(bytes).Body.Span);
    }
}
