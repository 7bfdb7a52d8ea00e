using System.Text;
using Raktar.Application.Ports;
using Raktar.Testing;

namespace Raktar.Storage.Specs;

/// <summary>What every store beside the log does, whichever it is.</summary>
public abstract class AsideStoreContract
{
    private const string Kind = "session";

    /// <summary>The time that the store sees.</summary>
    protected ManualClock Clock { get; } = new();

    protected abstract IAsideStore Store { get; }

    [Fact]
    public async Task A_value_is_read_as_it_was_put_until_another_takes_its_place_or_it_is_removed()
    {
        Assert.Null(await Get("a"));
        await Put("a", "one");
        Assert.Equal("one", await Get("a"));
        Assert.Null(await Get("b"));
        Assert.Null(await Store.Get("other", "a", CancellationToken.None));
        await Put("a", "two");
        Assert.Equal("two", await Get("a"));
        await Store.Remove(Kind, "a", CancellationToken.None);
        await Store.Remove(Kind, "a", CancellationToken.None);
        Assert.Null(await Get("a"));
    }

    [Fact]
    public async Task Nothing_is_answered_after_its_end()
    {
        await Put("ends", "value", Clock.GetUtcNow().AddMinutes(1));
        await Put("stays", "value");
        Clock.Pass(TimeSpan.FromSeconds(59));
        Assert.Equal("value", await Get("ends"));
        Assert.Equal(["stays", "ends"], await Newest());
        Clock.Pass(TimeSpan.FromSeconds(2));
        Assert.Null(await Get("ends"));
        Assert.Equal(["stays"], await Newest());
        await Put("ends", "again", Clock.GetUtcNow().AddMinutes(1));
        Assert.Equal("again", await Get("ends"));
    }

    [Fact]
    public async Task An_end_within_a_second_is_not_before_its_time()
    {
        await Put("ends", "value", Clock.GetUtcNow().AddMilliseconds(500));
        Assert.Equal("value", await Get("ends"));
        Clock.Pass(TimeSpan.FromSeconds(1.5));
        Assert.Null(await Get("ends"));
    }

    [Fact]
    public async Task What_is_there_is_not_put_again_before_it_ended()
    {
        Assert.True(await PutIfAbsent("a", "one", Clock.GetUtcNow().AddMinutes(1)));
        Assert.False(await PutIfAbsent("a", "two"));
        Assert.Equal("one", await Get("a"));
        Clock.Pass(TimeSpan.FromMinutes(2));
        Assert.True(await PutIfAbsent("a", "three"));
        Clock.Pass(TimeSpan.FromDays(400));
        Assert.False(await PutIfAbsent("a", "four"));
        Assert.Equal("three", await Get("a"));
    }

    [Fact]
    public async Task Of_fifty_at_once_one_puts()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => PutIfAbsent("a", $"{i}", Clock.GetUtcNow().AddMinutes(1))));
        var winner = Assert.Single(Enumerable.Range(0, 50), i => answers[i]);
        Assert.Equal($"{winner}", await Get("a"));
    }

    [Fact]
    [Trait("Needs", "seconds")]
    public async Task The_newest_come_first_and_all_of_them()
    {
        await Parallel.ForEachAsync(Enumerable.Range(0, 450), async (i, _) => await Put($"{i:0000}", $"{i}"));
        await Store.Put("other", "9999", "x"u8.ToArray(), null, CancellationToken.None);
        Assert.Equal(Enumerable.Range(0, 450).Select(i => $"{i:0000}").Reverse(), await Newest());
        Assert.Equal(["0099", "0098", "0097"], (await Newest("0100")).Take(3));
        Assert.Equal(100, (await Newest("0100")).Count);
        Assert.Empty(await Newest("0000"));
        Assert.Equal("449", Encoding.UTF8.GetString((await Store.Newest(Kind, null, CancellationToken.None).FirstAsync()).Value));
    }

    [Fact]
    public async Task Keys_are_in_ordinal_order()
    {
        string[] keys = ["a", "B", "_", "1", "10", "2", "aa", "a-"];
        foreach (var key in keys)
        {
            await Put(key, "value");
        }

        Assert.Equal(keys.OrderDescending(StringComparer.Ordinal), await Newest());
    }

    [Fact]
    public async Task A_value_may_be_empty_or_large_but_not_too_large()
    {
        await Put("empty", "");
        Assert.Equal("", await Get("empty"));
        var large = new string('x', IAsideStore.MaxValueBytes);
        await Put("large", large);
        Assert.Equal(large, await Get("large"));
        await Assert.ThrowsAsync<ArgumentException>(() => Put("large", large + "x"));
    }

    protected async Task<string?> Get(string key) =>
        await Store.Get(Kind, key, CancellationToken.None) is { } value ? Encoding.UTF8.GetString(value) : null;

    protected Task Put(string key, string value, DateTimeOffset? until = null) =>
        Store.Put(Kind, key, Encoding.UTF8.GetBytes(value), until, CancellationToken.None);

    private Task<bool> PutIfAbsent(string key, string value, DateTimeOffset? until = null) =>
        Store.PutIfAbsent(Kind, key, Encoding.UTF8.GetBytes(value), until, CancellationToken.None);

    private Task<List<string>> Newest(string? before = null) =>
        Store.Newest(Kind, before, CancellationToken.None).Select(item => item.Key).ToListAsync().AsTask();
}
