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
        var file = Stored(projection.Fold(null, Examples.Recorded(Created, Examples.Published, Deleted("1.0.0-rc.1+b.2"))));
        Assert.True(file.IsEmpty);
        Assert.True(file.Body.IsEmpty);
    }

    [Fact]
    public void Every_visible_change_has_another_etag_and_the_same_content_the_same()
    {
        var before = Of(Created, Examples.Published);
        var after = Of(Created, Examples.Published, new VersionYanked(Examples.Published.Version, null));
        Assert.NotEqual(before.ETag, after.ETag);
        Assert.Equal(before.ETag, Of(Created, Examples.Published).ETag);
        Assert.Matches("^\"[0-9a-f]{32}\"$", before.ETag);
        Assert.NotEqual(before.ETag, before.GzipETag);
    }

    [Fact]
    public void A_file_says_whether_its_crate_is_restricted_and_how_it_is_spelled_now()
    {
        var projection = new IndexProjection();
        var view = projection.Fold(null, Examples.Recorded(Created, new VisibilityChanged(Restricted: true, []), Examples.Published, Deleted("1.0.0-rc.1+b.2")));
        view = Stored(projection.Fold(view, Examples.Recorded(new CrateRespelled(CrateName.Parse("foo_bar")))));
        var two = Examples.Published with { Version = SemVersion.Parse("2.0.0") };
        var file = Stored(projection.Fold(view, Examples.Recorded(two)));
        Assert.True(file.IsRestricted);
        Assert.Equal("foo_bar", file.Name);
        Assert.StartsWith("""{"name":"foo_bar","vers":"2.0.0",""", Encoding.UTF8.GetString(file.Body.Span), StringComparison.Ordinal);
        Assert.True(file.Lists(two.Version, two.Checksum));
        Assert.False(file.Lists(two.Version, Checksum.Of("other"u8)));
        Assert.False(file.Lists(Examples.Published.Version));
        var opened = Stored(projection.Fold(Stored(file), Examples.Recorded(new VisibilityChanged(Restricted: false, []))));
        Assert.False(opened.IsRestricted);
        Assert.Equal(file.ETag, opened.ETag);
    }

    private static VersionDeleted Deleted(string version) => new(SemVersion.Parse(version), "why", Examples.Noon);

    private static VersionRestored Restored(string version) => new(SemVersion.Parse(version));

    [Fact]
    public void A_long_history_is_cut_so_that_a_fact_changes_one_piece_and_all_pieces_are_one_gzip_stream()
    {
        var published = Enumerable.Range(0, 400).Select(i => Long(i)).ToList();
        IndexFile? file = Of(Created);
        foreach (var fact in published)
        {
            var before = file.ToParts();
            file = Stored(Folded(file, fact));
            // Only once in a while short pieces are put together.
            Assert.InRange(file.ToParts().Count - before.Count, -20, 1);
        }

        Assert.InRange(file.ToParts().Count, 4, 40);
        Assert.Equal(File(published.Select(fact => (DomainEvent)fact)), Unzipped(file));
        Assert.Equal(Unzipped(file), Encoding.UTF8.GetString(file.Body.Span));
        Assert.Equal(Unzipped(file).Length, file.Length);

        var pieces = file.ToParts();
        var yanked = Stored(Folded(file, new VersionYanked(published[7].Version, null)));
        Assert.Equal(1, pieces.Zip(yanked.ToParts()).Count(pair => !pair.First.Bytes.Span.SequenceEqual(pair.Second.Bytes.Span)));
        Assert.NotEqual(file.ETag, yanked.ETag);
        Assert.Equal(file.ETag, Stored(Folded(yanked, new VersionUnyanked(published[7].Version))).ETag);

        // Without all lines of a piece.
        var rest = published.Take(60).Aggregate(yanked, (view, fact) => Stored(Folded(view, new VersionDeleted(fact.Version, "why", Examples.Noon))));
        Assert.Equal(File(published.Skip(60).Select(fact => (DomainEvent)fact)), Unzipped(rest));
        Assert.True(rest.Lists(published[399].Version, published[399].Checksum));
        Assert.False(rest.Lists(published[59].Version));
    }

    /// <summary>A version as long as those of swc_core.</summary>
    private static VersionPublished Long(int number) => Examples.Published with
    {
        Version = SemVersion.Parse($"1.{number}.0"),
        Checksum = Checksum.Of(Encoding.ASCII.GetBytes($"{number}")),
        Package = new Package { Features = [.. Enumerable.Range(0, 100).Select(i => new Feature($"feature-{i}", [$"of-{number % 9}", $"dep:{i}"]))] },
    };

    private static string File(IEnumerable<DomainEvent> facts) => Encoding.UTF8.GetString(facts.Aggregate(Of(Created), Folded).Body.Span);

    private static string Unzipped(IndexFile file)
    {
        using var gzip = new System.IO.Compression.GZipStream(new MemoryStream([.. file.Gzip.SelectMany(piece => piece.ToArray())]), System.IO.Compression.CompressionMode.Decompress);
        using var text = new StreamReader(gzip);
        return text.ReadToEnd();
    }

    private static IndexFile Folded(IndexFile? file, DomainEvent fact) => new IndexProjection().Fold(file, Examples.Recorded(fact) with { Bytes = 4000 });

    /// <summary>The file as it is after it was stored and read again.</summary>
    private static IndexFile Stored(IndexFile file) => IndexFile.Parse(new(1, file.ToBytes()) { Parts = file.ToParts() });

    /// <summary>A commit per fact, stored and read again after each.</summary>
    private static IndexFile Of(params DomainEvent[] facts) => facts.Aggregate((IndexFile?)null, (file, fact) => Stored(new IndexProjection().Fold(file, Examples.Recorded(fact))))!;

    private static string Fold(params DomainEvent[] facts) => Encoding.UTF8.GetString(Of(facts).Body.Span);
}
