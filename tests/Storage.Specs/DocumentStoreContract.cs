using System.Text;
using Raktar.Application.Ports;
using Raktar.LocalAws;

namespace Raktar.Storage.Specs;

/// <summary>What every document store does, whichever it is.</summary>
public abstract class DocumentStoreContract
{
    private static readonly DocumentKey Key = new("index", "foo");

    protected abstract IDocumentStore Store { get; }

    [Fact]
    public async Task A_document_is_read_as_it_was_written()
    {
        await Put(Key, 3, "body", expected: 0);
        var read = await Store.Get(Key, CancellationToken.None);
        Assert.Equal((3, "body"), (read!.Version, Encoding.UTF8.GetString(read.Body.Span)));
        Assert.Null(await Store.Get(new("index", "other"), CancellationToken.None));
        Assert.Null(await Store.Get(new("other", "foo"), CancellationToken.None));
    }

    [Fact]
    public async Task It_is_replaced_only_at_its_version()
    {
        await Put(Key, 1, "one", expected: 0);
        await Assert.ThrowsAsync<DocumentMovedException>(() => Put(Key, 2, "rival", expected: 0));
        await Put(Key, 2, "two", expected: 1);
        await Assert.ThrowsAsync<DocumentMovedException>(() => Put(Key, 3, "late", expected: 1));
        Assert.Equal("two", Encoding.UTF8.GetString((await Store.Get(Key, CancellationToken.None))!.Body.Span));
    }

    [Fact]
    public async Task A_large_document_is_kept_whole()
    {
        var body = new string('x', 3_000_000);
        await Put(Key, 1, body, expected: 0);
        Assert.Equal(body, Encoding.UTF8.GetString((await Store.Get(Key, CancellationToken.None))!.Body.Span));
    }

    [Fact]
    public async Task Its_parts_are_read_with_it_whichever_of_them_changed()
    {
        var versions = 0L;
        string[][] all = [["a", "b"], ["a", "b", "c"], ["a", "x", "c"], ["y"], [], ["a", "", "b"], [.. Enumerable.Range(0, 300).Select(i => $"part {i}")], ["last"]];
        foreach (var parts in all)
        {
            var document = new Document(versions + 1, Encoding.UTF8.GetBytes($"body {versions}")) { Parts = [.. parts.Select(Part)] };
            await Store.Put(Key, document, versions++, CancellationToken.None);
            var read = (await Store.Get(Key, CancellationToken.None))!;
            Assert.Equal($"body {versions - 1}", Encoding.UTF8.GetString(read.Body.Span));
            Assert.Equal(parts, Parts(read));
        }

        await Store.Remove(Key, CancellationToken.None);
        Assert.Null(await Store.Get(Key, CancellationToken.None));
        await Put(Key, 1, "again", expected: 0);
        Assert.Empty((await Store.Get(Key, CancellationToken.None))!.Parts);
    }

    [Fact]
    [Trait("Needs", "seconds")]
    public async Task Body_and_parts_are_always_of_one_version()
    {
        using var stop = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                if (await Store.Get(Key, CancellationToken.None) is { } read)
                {
                    Assert.All(Parts(read), part => Assert.Equal($"{read.Version}", part));
                }
            }
        })).ToList();
        for (var version = 1; version <= 200; version++)
        {
            var parts = Enumerable.Repeat($"{version}", version % 5).Select(Part).ToList();
            await Store.Put(Key, new Document(version, "body"u8.ToArray()) { Parts = parts }, version - 1, CancellationToken.None);
        }

        await stop.CancelAsync();
        await Task.WhenAll(readers);
    }

    [Fact]
    public async Task Of_fifty_writers_at_one_version_one_wins_and_is_what_everybody_reads()
    {
        var wins = await Task.WhenAll(Enumerable.Range(0, 50).Select(async i =>
        {
            try
            {
                await Put(Key, 1, $"writer {i}", expected: 0);
                return $"writer {i}";
            }
            catch (DocumentMovedException)
            {
                return null;
            }
        }));
        var winner = Assert.Single(wins, win => win is not null);
        Assert.Equal(winner, Encoding.UTF8.GetString((await Store.Get(Key, CancellationToken.None))!.Body.Span));
    }

    [Fact]
    [Trait("Needs", "seconds")]
    public async Task A_reader_never_sees_an_older_version_than_one_it_saw()
    {
        using var stop = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            var seen = 0L;
            while (!stop.IsCancellationRequested)
            {
                var version = (await Store.Get(Key, CancellationToken.None))?.Version ?? 0;
                Assert.True(version >= seen, $"version {version} after {seen}");
                seen = version;
            }
        })).ToList();
        for (var version = 1; version <= 500; version++)
        {
            await Put(Key, version, $"{version}", expected: version - 1);
            Assert.Equal(version, (await Store.Get(Key, CancellationToken.None))!.Version);
        }

        await stop.CancelAsync();
        await Task.WhenAll(readers);
    }

    [Fact]
    public async Task Changes_of_a_kind_are_told_to_who_asks_after_the_last()
    {
        await Put(new("catalogue", "ann"), 1, "a", expected: 0);
        await Put(new("catalogue", "bob"), 1, "b", expected: 0);
        await Put(Key, 1, "x", expected: 0);
        var first = await Changes(0);
        Assert.Equal([("ann", 1), ("bob", 1)], first.Select(change => (change.Key, change.Document.Version)).Order());
        var last = first.Max(change => change.Change);
        await Put(new("catalogue", "ann"), 2, "a2", expected: 1);
        Assert.Equal(2, Assert.Single(await Changes(last), change => change.Key == "ann").Document.Version);
    }

    [Fact]
    public async Task Who_follows_a_kind_has_each_document_as_it_is_now()
    {
        using var followed = new Followed<string>(Store, "catalogue", body => Encoding.UTF8.GetString(body.Span));
        Assert.Empty(await followed.Current(CancellationToken.None));
        for (var i = 0; i < 700; i++)
        {
            await Put(new("catalogue", $"c{i}"), 1, $"c{i}", expected: 0);
        }

        Assert.Equal(700, (await followed.Current(CancellationToken.None)).Distinct().Count());
        await Put(new("catalogue", "c7"), 2, "again", expected: 1);
        var now = (await followed.Current(CancellationToken.None)).ToHashSet();
        Assert.Equal((700, true, false), (now.Count, now.Contains("again"), now.Contains("c7")));

        // As a rebuild does, which finds the body wrong and the version right.
        await Store.Put(new("catalogue", "c7"), new Document(2, "mended"u8.ToArray()) { IsFollowed = true }, 2, CancellationToken.None);
        Assert.Contains("mended", await followed.Current(CancellationToken.None));
    }

    [Fact]
    public async Task Of_documents_that_are_not_followed_nobody_hears()
    {
        await Store.Put(new("catalogue", "quiet"), new Document(1, "q"u8.ToArray()), 0, CancellationToken.None);
        Assert.Empty(await Changes(0));
        Assert.True(Store.LastChange("catalogue") is null or 0);
        await Store.Put(new("catalogue", "quiet"), new Document(2, "told"u8.ToArray()) { IsFollowed = true }, 1, CancellationToken.None);
        var change = Assert.Single(await Changes(0));
        Assert.Equal(("quiet", 2), (change.Key, change.Document.Version));
        Assert.True(Store.LastChange("catalogue") is not { } last || last == change.Change);
    }

    [Fact]
    public async Task A_document_is_found_by_its_aliases_also_by_those_of_an_earlier_version()
    {
        await Store.Put(new("account", "ann"), new(1, "one"u8.ToArray()) { Aliases = ["t1"] }, 0, CancellationToken.None);
        Assert.Equal(1, (await Store.Find("account", "t1", CancellationToken.None))!.Version);
        Assert.Null(await Store.Find("account", "t2", CancellationToken.None));
        await Store.Put(new("account", "ann"), new(2, "two"u8.ToArray()) { Aliases = ["t2"] }, 1, CancellationToken.None);
        Assert.Equal(2, (await Store.Find("account", "t2", CancellationToken.None))!.Version);
        await Eventually.Holds(
            async () => (await Store.Find("account", "t1", CancellationToken.None))!.Version == 2,
            TimeSpan.FromSeconds(30),
            () => "the earlier alias still finds the earlier version");
        Assert.Null(await Store.Find("other", "t1", CancellationToken.None));
        Assert.Null(await Store.Get(new("account", "t1"), CancellationToken.None));
    }

    private static DocumentPart Part(string text) => new(Encoding.UTF8.GetBytes(text));

    private static IEnumerable<string> Parts(Document document) => document.Parts.Select(part => Encoding.UTF8.GetString(part.Bytes.Span));

    private async Task<List<ChangedDocument>> Changes(long after) => await Store.Changes("catalogue", after, CancellationToken.None).ToListAsync();

    private Task Put(DocumentKey key, long version, string body, long expected) =>
        Store.Put(key, new Document(version, Encoding.UTF8.GetBytes(body)) { IsFollowed = key.Kind == "catalogue" }, expected, CancellationToken.None);
}
