using Raktar.Application.Log;
using Raktar.Application.Ports;
using Raktar.Application.State;
using Raktar.Domain;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;

namespace Raktar.Storage.Specs;

/// <summary>What every event store does, whichever it is.</summary>
public abstract class EventStoreContract
{
    protected static readonly StreamName Stream = StreamName.Of(CrateName.Parse("foo"));
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    protected abstract IEventStore Store { get; }

    protected abstract IEventFeed Feed { get; }

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
        var second = NewCommit.After(first.Head, [Owner("b")], Stamp(first.Commit.At.AddHours(-1)));
        await Store.Append(second, CancellationToken.None);
        Assert.Equal([first, second.Recorded], await Read(Stream, 0));
        Assert.Equal(first.Commit.At, second.Commit.At);
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
    [Trait("Needs", "seconds")]
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
    public async Task Every_stream_is_named_once()
    {
        var streams = Enumerable.Range(0, 30).Select(i => StreamName.Parse($"crate/c{i % 7}")).ToList();
        await AppendTo(streams);
        Assert.Equal(
            streams.Distinct().Select(stream => stream.ToString()).Order(),
            (await Store.Streams(CancellationToken.None).ToListAsync()).Select(stream => stream.ToString()).Order());
    }

    [Fact]
    public async Task The_hash_of_every_commit_is_told_once()
    {
        var streams = Enumerable.Range(0, 30).Select(i => StreamName.Parse($"crate/c{i % 7}")).ToList();
        await AppendTo(streams);
        var large = await Append(StreamHead.Start(Stream), Owner("a"), Owner("b"));
        await Append(large.Head, Owner("c"));
        var expected = new List<CommitHash>();
        foreach (var stream in streams.Distinct().Append(Stream))
        {
            expected.AddRange((await Read(stream, 0)).Select(each => new CommitHash(stream, each.Commit.FirstVersion, each.Commit.LastVersion, each.Hash)));
        }

        Assert.Equal(Ordered(expected), Ordered(await Store.Hashes(null, CancellationToken.None).ToListAsync()));
        Assert.Equal(Ordered(expected.Where(each => each.Stream == Stream)), Ordered(await Store.Hashes(Stream, CancellationToken.None).ToListAsync()));
        Assert.Empty(await Store.Hashes(StreamName.Parse("crate/nothing"), CancellationToken.None).ToListAsync());

        static IEnumerable<CommitHash> Ordered(IEnumerable<CommitHash> hashes) => hashes.OrderBy(each => each.Stream.ToString(), StringComparer.Ordinal).ThenBy(each => each.FirstVersion);
    }

    [Fact]
    public async Task The_feed_tells_of_every_stream_and_goes_on_after_a_position()
    {
        await AppendTo([.. Enumerable.Range(0, 30).Select(i => StreamName.Parse($"crate/c{i % 7}"))]);
        var all = await Feed.After(0, CancellationToken.None).ToListAsync();
        Assert.Equal(7, all.DistinctBy(moved => moved.Stream).Count());
        var position = all.Max(moved => moved.Position);

        var later = StreamName.Parse("crate/later");
        await AppendTo([later]);
        var next = await Feed.After(position, CancellationToken.None).ToListAsync();
        Assert.Contains(later, next.Select(moved => moved.Stream));
        Assert.DoesNotContain(later, (await Feed.After(next.Max(moved => moved.Position), CancellationToken.None).ToListAsync()).Select(moved => moved.Stream));
    }

    [Fact]
    public async Task A_large_commit_is_kept_whole()
    {
        var published = new VersionPublished(
            SemVersion.Parse("1.0.0"),
            Checksum.Zero,
            1,
            Login.Parse("ann"),
            new Package { Features = [.. Enumerable.Range(0, 300).Select(i => new Feature($"f{i}", [.. Enumerable.Range(0, 200).Select(j => $"dep:another-{i * j}")]))] });
        var commit = NewCommit.After(StreamHead.Start(Stream), [published], Stamp(Now));
        Assert.True(commit.Body.Length > 400 * 1024, "this is to be larger than an item may be");

        // No publish may write such a one any more; a log from before may hold some.
        Assert.NotNull(commit.RefuseSize());
        await Store.Append(commit, CancellationToken.None);
        Assert.Equal([commit.Recorded], await Read(Stream, 0));
    }

    [Fact]
    public async Task A_commit_as_large_as_it_may_be_is_kept()
    {
        // Nothing compresses random names: as many of them as still fit.
        var random = new Random(1);
        var names = Enumerable.Range(0, 9000).Select(_ => Convert.ToHexString(Enumerable.Range(0, 40).Select(_ => (byte)random.Next(256)).ToArray())).ToList();
        var commit = Enumerable.Range(1, names.Count).Reverse().Where(count => count % 50 == 0)
            .Select(count => NewCommit.After(StreamHead.Start(Stream), [new VersionPublished(
                SemVersion.Parse("1.0.0"), Checksum.Zero, 1, Login.Parse("ann"), new Package { Keywords = [.. names.Take(count)] })], Stamp(Now)))
            .First(commit => commit.RefuseSize() is null);
        Assert.InRange(commit.Body.Length, NewCommit.MaxBytes - 5000, NewCommit.MaxBytes);
        await Store.Append(commit, CancellationToken.None);
        Assert.Equal([commit.Recorded], await Read(Stream, 0));
    }

    protected static Stamp Stamp(DateTimeOffset at) => new(new Actor(Login.Parse("ann"), 1, "cargo/1.95.0"), "request", at);

    protected static OwnerAdded Owner(string login) => new(Domain.Accounts.Owner.Parse(login));

    protected async Task<RecordedCommit> Append(StreamHead head, params DomainEvent[] facts)
    {
        var commit = NewCommit.After(head, facts.ToValueList(), Stamp(TimeProvider.System.GetUtcNow()));
        await Store.Append(commit, CancellationToken.None);
        return commit.Recorded;
    }

    protected async Task<List<RecordedCommit>> Read(StreamName stream, long after) =>
        await Store.Read(stream, after, CancellationToken.None).ToListAsync();

    private async Task AppendTo(List<StreamName> streams)
    {
        var heads = new Dictionary<StreamName, StreamHead>();
        foreach (var stream in streams)
        {
            heads[stream] = (await Append(heads.GetValueOrDefault(stream) ?? StreamHead.Start(stream), Owner("a"))).Head;
        }
    }
}
