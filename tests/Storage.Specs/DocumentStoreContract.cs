using System.Text;
using Raktar.Application.Ports;

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
    public async Task Changes_of_a_kind_are_told_once_each()
    {
        await Put(new("account", "ann"), 1, "a", expected: 0);
        await Put(new("account", "bob"), 1, "b", expected: 0);
        await Put(Key, 1, "x", expected: 0);
        var first = await Store.Changes("account", 0, CancellationToken.None);
        Assert.Equal(["ann", "bob"], first.Select(change => change.Key));
        Assert.Empty(await Store.Changes("account", first[^1].Change, CancellationToken.None));
        await Put(new("account", "ann"), 2, "a2", expected: 1);
        var second = Assert.Single(await Store.Changes("account", first[^1].Change, CancellationToken.None));
        Assert.Equal(("ann", 2), (second.Key, second.Document.Version));
    }

    private Task Put(DocumentKey key, long version, string body, long expected) =>
        Store.Put(key, new Document(version, Encoding.UTF8.GetBytes(body)), expected, CancellationToken.None);
}
