using Raktar.Application.Events;
using Raktar.Application.Ports;
using Raktar.Domain;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;

namespace Raktar.Storage.Specs;

/// <summary>What every event store does, whichever it is.</summary>
public abstract class EventStoreContract
{
    private static readonly StreamName Stream = StreamName.Of(CrateName.Parse("foo"));
    private static readonly DateTimeOffset Noon = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    protected abstract IEventStore Store { get; }

    [Fact]
    public async Task What_is_appended_is_read_back_in_order()
    {
        var first = await Append(StreamHead.Start(Stream), Owner("a"), Owner("b"));
        var second = await Append(first.Head, Owner("c"));
        var read = await Read(Stream, 0);
        Assert.Equal([first, second], read);
        Assert.Equal((1, 2, 3), (read[0].Commit.FirstVersion, read[0].Commit.LastVersion, read[1].Commit.FirstVersion));
        Assert.Equal([second], await Read(Stream, 2));
        Assert.Empty(await Read(Stream, 3));
    }

    [Fact]
    public async Task A_stream_that_nobody_wrote_is_empty() => Assert.Empty(await Read(StreamName.Parse("crate/nothing"), 0));

    [Fact]
    public async Task Each_commit_continues_the_chain()
    {
        var first = await Append(StreamHead.Start(Stream), Owner("a"));
        var second = await Append(first.Head, Owner("b"));
        Assert.Equal(Checksum.Zero, first.Commit.PreviousHash);
        Assert.Equal(first.Hash, second.Commit.PreviousHash);
    }

    [Fact]
    public async Task Time_never_runs_back_in_a_stream()
    {
        var first = await Append(StreamHead.Start(Stream), Owner("a"));
        var second = await Store.Append(first.Head, [Owner("b")], Stamp(Noon.AddHours(-1)), CancellationToken.None);
        Assert.Equal(Noon, second.Commit.At);
    }

    [Fact]
    public async Task An_append_to_an_old_head_is_refused_and_leaves_nothing()
    {
        var start = StreamHead.Start(Stream);
        var first = await Append(start, Owner("a"));
        await Assert.ThrowsAsync<StreamMovedException>(() => Append(start, Owner("b")));
        Assert.Equal([first], await Read(Stream, 0));
    }

    [Fact]
    public async Task An_append_past_the_end_is_refused()
    {
        var first = await Append(StreamHead.Start(Stream), Owner("a"));
        await Assert.ThrowsAsync<StreamMovedException>(() => Append(first.Head with { Version = 5 }, Owner("b")));
    }

    [Fact]
    public async Task Of_fifty_writers_at_one_head_one_wins()
    {
        var start = StreamHead.Start(Stream);
        var results = await Task.WhenAll(Enumerable.Range(0, 50).Select(async i =>
        {
            try
            {
                return await Append(start, Owner($"w{i}"));
            }
            catch (StreamMovedException)
            {
                return null;
            }
        }));
        var winner = Assert.Single(results, result => result is not null)!;
        Assert.Equal([winner], await Read(Stream, 0));
    }

    [Fact]
    public async Task A_thousand_commits_are_read_whole_and_in_order()
    {
        var head = StreamHead.Start(Stream);
        for (var i = 0; i < 1001; i++)
        {
            head = (await Append(head, Owner($"o{i}"))).Head;
        }

        var read = await Read(Stream, 0);
        Assert.Equal(Enumerable.Range(1, 1001).Select(i => (long)i), read.Select(r => r.Commit.FirstVersion));
        Assert.Equal(head, read[^1].Head);
    }

    [Fact]
    public async Task The_whole_log_is_read_in_the_order_of_appending()
    {
        var streams = Enumerable.Range(0, 30).Select(i => StreamName.Parse($"crate/c{i % 7}")).ToList();
        var heads = new Dictionary<StreamName, StreamHead>();
        foreach (var stream in streams)
        {
            heads[stream] = (await Append(heads.GetValueOrDefault(stream) ?? StreamHead.Start(stream), Owner("a"))).Head;
        }

        var all = new List<StoredCommit>();
        await foreach (var stored in Store.ReadAll(0, CancellationToken.None))
        {
            all.Add(stored);
        }

        Assert.Equal(streams, all.Select(stored => stored.Stream));
        Assert.Equal(all.Select(stored => stored.Position).Order(), all.Select(stored => stored.Position));
        await foreach (var stored in Store.ReadAll(all[9].Position, CancellationToken.None))
        {
            Assert.Equal(all[10].Position, stored.Position);
            break;
        }
    }

    protected static Stamp Stamp(DateTimeOffset at) => new(new Actor(Login.Parse("ann"), 1, "cargo/1.95.0"), "request", at);

    protected static OwnerAdded Owner(string login) => new(Login.Parse(login));

    protected Task<RecordedCommit> Append(StreamHead head, params DomainEvent[] facts) =>
        Store.Append(head, facts.ToValueList(), Stamp(Noon), CancellationToken.None);

    private async Task<List<RecordedCommit>> Read(StreamName stream, long after)
    {
        var read = new List<RecordedCommit>();
        await foreach (var recorded in Store.Read(stream, after, CancellationToken.None))
        {
            read.Add(recorded);
        }

        return read;
    }
}
