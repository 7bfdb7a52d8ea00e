using FsCheck;
using FsCheck.Fluent;
using Raktar.Application;
using Raktar.Application.Audit;
using Raktar.Application.Callers;
using Raktar.Application.Log;
using Raktar.Application.Ports;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;

namespace Raktar.Storage.Specs;

/// <summary>What every store of the audit's rows does, whichever it is, and what a page is made of on top of it.</summary>
public abstract class AuditStoreContract
{
    private static readonly DateTimeOffset Start = new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset NewYear = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly string[] Kinds = ["crate-created", "version-published", "version-yanked", "owner-added"];
    private static readonly Login[] Actors = [Login.Parse("ann"), Login.Parse("bob")];

    protected abstract IAuditStore Store { get; }

    protected abstract IAsideStore Aside { get; }

    [Fact]
    public async Task A_row_is_read_as_it_was_written()
    {
        var full = Row(Start, "crate/foo", 3, "version-published", "ann", 7) with
        {
            Ci = "a workflow",
            Client = "cargo \"1\" 'é'",
            Account = "x",
            Team = "t",
            Commit = Domain.Checksum.Of("c"u8),
            Status = 403,
            Sentence = "no `x`",
            Refused = true,
            Detail = """{"version":"1.0.0","reason":"<&\">"}""",
        };
        var bare = Row(Start.AddTicks(1), "crate/foo", 4, "owner-added", null, null);
        await Put(full, bare);
        Assert.Equal([bare, full], await Read(new(AuditIndex.Stream, "crate/foo")));
    }

    [Fact]
    public async Task Rows_of_every_lane_come_newest_first_from_where_they_are_asked_for()
    {
        // Across a year's end, and two at the same moment.
        var rows = Enumerable.Range(0, 40).Select(i => Row(
            NewYear.AddHours((i / 2) - 10), $"crate/c{i % 3}", i + 1, Kinds[i % 4], Actors[i % 2].Text, i % 5)).ToArray();
        await Put(rows);
        AuditLane[] lanes =
        [
            AuditLane.All,
            new(AuditIndex.Stream, "crate/c1"),
            new(AuditIndex.Actor, "bob"),
            new(AuditIndex.Kind, "version-yanked"),
            new(AuditIndex.Actor, "ann") { Token = 3, Kinds = ["crate-created", "version-yanked"] },
            new(AuditIndex.Stream, "crate/c2") { Actor = Actors[0], Kinds = ["crate-created"] },
        ];
        foreach (var lane in lanes)
        {
            var expected = rows.Where(row => In(lane, row)).OrderByDescending(row => row.Place).ToList();
            Assert.NotEmpty(expected);
            Assert.Equal(expected, await Read(lane));
            var middle = expected[expected.Count / 2].Place;
            Assert.Equal(expected.Where(row => row.Place < middle), (await Store.Read(lane, AuditPlace.Oldest, middle, 100, CancellationToken.None)).Rows);
            Assert.Equal(expected.Where(row => row.Place >= middle), (await Store.Read(lane, middle, AuditPlace.Newest, 100, CancellationToken.None)).Rows);
            Assert.Empty((await Store.Read(lane, middle, middle, 100, CancellationToken.None)).Rows);
        }
    }

    [Fact]
    public async Task No_more_are_looked_at_than_is_said_and_it_says_how_far_that_reached()
    {
        const int Count = (2 * IAuditStore.MaxExamined) + 500;
        var rows = Enumerable.Range(1, Count).Select(i => Row(Start.AddMinutes(i), $"crate/c{i % 16}", i, Kinds[i % 2], "ann", i % 800)).ToArray();
        await Put(rows);
        var lane = new AuditLane(AuditIndex.Actor, "ann") { Token = 700 };
        var (seen, slices) = (new List<long>(), 0);
        for (AuditPlace? next = AuditPlace.Newest; next is { } before; slices++)
        {
            var slice = await Store.Read(lane, AuditPlace.Oldest, before, 5, CancellationToken.None);
            Assert.All(slice.Rows, row => Assert.True(row.Place < before));
            Assert.All(slice.Rows, row => Assert.True(slice.Reached is null || row.Place >= slice.Reached));
            seen.AddRange(slice.Rows.Select(row => row.Version));
            next = slice.Reached;
        }

        Assert.Equal([2300, 1500, 700], seen);
        Assert.InRange(slices, 3, 4);
        var none = await Store.Read(lane with { Token = 900 }, AuditPlace.Oldest, AuditPlace.Newest, 5, CancellationToken.None);
        Assert.Empty(none.Rows);
        Assert.InRange(none.Reached!.Value.Version, Count - IAuditStore.MaxExamined - 100, Count - IAuditStore.MaxExamined + 500);
        var many = await Store.Read(lane with { Token = null, Kinds = [Kinds[0]] }, AuditPlace.Oldest, AuditPlace.Newest, 5, CancellationToken.None);
        Assert.InRange(many.Rows.Count, 5, IAuditStore.MaxExamined);
    }

    [Fact]
    public async Task A_row_takes_the_place_of_the_one_that_stands_there_and_can_be_deleted()
    {
        var row = Row(Start, "crate/foo", 1, "crate-created", "ann", 1);
        await Put(row);
        await Put(row with { Kind = "owner-added", Actor = Actors[1] });
        Assert.Empty(await Read(new(AuditIndex.Kind, "crate-created")));
        Assert.Empty(await Read(new(AuditIndex.Actor, "ann")));
        Assert.Single(await Read(AuditLane.All));
        Assert.Single(await Read(new(AuditIndex.Actor, "bob")));
        await Store.Delete(row.Stream, [row.Place], CancellationToken.None);
        await Store.Delete(row.Stream, [row.Place], CancellationToken.None);
        Assert.Empty(await Read(AuditLane.All));
        Assert.Empty(await Read(new(AuditIndex.Actor, "bob")));
    }

    [Fact]
    [Trait("Needs", "seconds")]
    public Task Pages_one_after_another_are_all_rows_that_the_filter_admits()
    {
        var run = 0;
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(Runs),
            Prop.ForAll(Gen.Choose(0, 99_999).ArrayOf(60).ToArbitrary(), numbers => Pages(numbers, run++).GetAwaiter().GetResult()));
        return Task.CompletedTask;
    }

    /// <summary>How many random audits are tried.</summary>
    protected abstract int Runs { get; }

    /// <summary>A random audit, a random filter, a random page size; while pages are read new rows arrive, some of them late.</summary>
    private async Task<bool> Pages(int[] numbers, int run)
    {
        // Days of its own, those of the first runs at a year's end.
        var (prefix, since, random) = ($"r{run}", NewYear.AddDays(3 - (2 * run)).AddHours(-1), new Random(numbers[1]));
        var attempts = new RefusedAttempts(Aside, new(), TimeProvider.System);
        var rows = new List<AuditRow>();
        var versions = new Dictionary<string, (long Version, DateTimeOffset At)>(StringComparer.Ordinal);
        foreach (var number in numbers)
        {
            rows.Add(await Add(number));
        }

        var kinds = Kinds.Append(AuditRow.RefusedKind).Where(_ => random.Next(3) == 0).ToList();
        var filter = new AuditFilter
        {
            Crate = random.Next(3) == 0 ? CrateName.Parse($"{prefix}-c1") : null,
            Actor = random.Next(2) == 0 ? Actors[random.Next(2)] : null,
            Kinds = kinds.Count > 2 ? [] : kinds,
            Since = since.AddMinutes(random.Next(10)),
            Until = random.Next(2) == 0 ? since.AddMinutes(30) : since.AddHours(12),
            Outcome = (AuditOutcome)random.Next(3),
        };
        filter = filter with { Token = filter.Actor is not null && random.Next(2) == 0 ? 1 : null };
        var handler = new GetAuditHandler(Store, attempts, crates: null!);
        var (seen, late) = (new List<AuditRow>(), new List<AuditRow>());
        var admin = new Caller(Login.Admin, Role.Admin, 1);
        var limit = 1 + (numbers[2] % 15);
        for (AuditPlace? next = AuditPlace.Newest; next is { } before;)
        {
            var page = (await handler.Handle(new(admin, filter, before, limit), CancellationToken.None)).Value;
            Assert.InRange(page.Rows.Count, 0, limit);
            seen.AddRange(page.Rows);
            next = page.Next;
            if (late.Count < 10)
            {
                late.Add(await Add(random.Next(100_000)));
            }
        }

        Assert.Equal(seen.OrderByDescending(row => row.Place), seen);
        Assert.Equal(seen.Count, seen.Select(row => row.Place).Distinct().Count());
        Assert.Equal(rows.Where(filter.Admits).OrderByDescending(row => row.Place), seen.Except(late));
        return true;

        async Task<AuditRow> Add(int number)
        {
            var name = number % 7 == 0 ? AuditRow.RefusedKind : $"crate/{prefix}_c{number % 3}";
            var (version, at) = versions.GetValueOrDefault(name, (0, since));
            // Times of one stream never go back, those of different ones do.
            at = at.AddMinutes(number / 10 % 4);
            versions[name] = (version + 1, at);
            var row = number % 7 == 0
                ? Row(at, RefusedAttempts.NewStream().ToString(), 1, AuditRow.RefusedKind, number % 14 == 0 ? null : "bob", 1) with { Refused = true, Crate = $"{prefix}_c1", First = 0 }
                : Row(at, name, version + 1, Kinds[number % 4], Actors[number / 50 % 2].Text, number / 100 % 2);
            await (row.Refused ? Aside.Put(AuditRow.RefusedKind, row.Place.ToString(), row.ToBytes(), null, CancellationToken.None) : Put(row));
            return row;
        }
    }

    protected static AuditRow Row(DateTimeOffset at, string stream, long version, string kind, string? actor, int? token) => new()
    {
        At = at,
        Stream = StreamName.Parse(stream),
        Version = version,
        First = version,
        Kind = kind,
        Crate = stream.StartsWith("crate/", StringComparison.Ordinal) ? stream["crate/".Length..] : null,
        Actor = actor is null ? null : Login.Parse(actor),
        Token = token,
        Correlation = "request-1",
        Detail = "{}",
    };

    private static bool In(AuditLane lane, AuditRow row) => lane.Admits(row.Kind, row.Actor?.Text, row.Token) && lane.By switch
    {
        AuditIndex.Stream => row.Stream.ToString() == lane.Key,
        AuditIndex.Actor => row.Actor?.Text == lane.Key,
        AuditIndex.Kind => row.Kind == lane.Key,
        _ => true,
    };

    private Task Put(params AuditRow[] rows) =>
        Task.WhenAll(rows.GroupBy(row => row.Stream).Select(stream => Store.Put(stream.Key, [.. stream], CancellationToken.None)));

    private async Task<IReadOnlyList<AuditRow>> Read(AuditLane lane)
    {
        var slice = await Store.Read(lane, AuditPlace.Oldest, AuditPlace.Newest, 100, CancellationToken.None);
        Assert.Null(slice.Reached);
        return slice.Rows;
    }
}
