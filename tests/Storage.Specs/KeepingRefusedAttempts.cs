using System.Text.Json;
using Raktar.Application.Audit;
using Raktar.Domain.Accounts;
using Raktar.Storage.Embedded;
using Raktar.Testing;

namespace Raktar.Storage.Specs;

/// <summary>Refused attempts are bounded in rate and end after a time.</summary>
public sealed class KeepingRefusedAttempts : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ManualClock _clock = new();
    private readonly EmbeddedStorage _storage;

    public KeepingRefusedAttempts() => _storage = EmbeddedStorage.Own(_folder.Path, time: _clock);

    [Fact]
    public async Task Past_the_most_of_a_minute_only_their_number_is_kept()
    {
        using var attempts = Attempts(perMinute: 3);
        await Refuse(attempts, 10);
        var kept = await Kept(attempts);
        Assert.Equal(4, kept.Count);
        // At each doubling: 1, 2, 4 of the 7.
        Assert.Equal(4, Assert.Single(kept, row => row.Detail != "{}").NotKept());

        // The next minute keeps again, and the number of the last one is exact.
        _clock.Pass(TimeSpan.FromMinutes(1));
        await Refuse(attempts, 1);
        kept = await Kept(attempts);
        Assert.Equal(5, kept.Count);
        var summary = Assert.Single(kept, row => row.Detail.Contains("not_kept", StringComparison.Ordinal));
        Assert.Equal(
            (7, "7 more attempts of this minute by ann were refused and not kept (max 3)", true), (summary.NotKept(), summary.Sentence, summary.Refused));
        Assert.Equal("ann", summary.Actor?.Text);
    }

    [Fact]
    public async Task Nobodys_attempts_hide_those_of_another()
    {
        using var attempts = Attempts(perMinute: 3, unknownPerMinute: 8);
        for (var host = 0; host < 50; host++)
        {
            await Refuse(attempts, 4, actor: null, address: $"192.0.2.{host}");
        }

        await Refuse(attempts, 5, actor: "mallory");
        await Refuse(attempts, 5, actor: "mallory", ci: "run 1 of mallory/ci");
        await Refuse(attempts, 1);
        _clock.Pass(TimeSpan.FromMinutes(1));
        await Refuse(attempts, 1);

        var kept = await Kept(attempts);
        Assert.Equal(2, kept.Count(row => row.Actor?.Text == "ann"));
        Assert.Equal(6, kept.Count(row => row is { Actor.Text: "mallory", Detail: "{}" }));
        // Two of an address, until those of all are too many.
        Assert.Equal(8, kept.Count(row => row is { Actor: null, Detail: "{}" }));
        Assert.Equal(
            [
                "192 more attempts of this minute by callers without a good token were refused and not kept (max 8)",
                "2 more attempts of this minute by mallory were refused and not kept (max 3)",
                "2 more attempts of this minute by run 1 of mallory/ci were refused and not kept (max 3)",
            ],
            kept.Where(row => row.Detail != "{}").Select(row => row.Sentence).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task One_address_leaves_room_for_the_others()
    {
        using var attempts = Attempts(unknownPerMinute: 8);
        await Refuse(attempts, 100, actor: null, address: "192.0.2.1");
        await Refuse(attempts, 1, actor: null, address: "192.0.2.2");
        Assert.Equal(3, (await Kept(attempts)).Count(row => row.Detail == "{}"));
    }

    [Fact]
    public async Task So_it_is_when_all_come_at_once()
    {
        using var attempts = Attempts(perMinute: 10);
        await Task.WhenAll(Enumerable.Range(0, 500).Select(_ => Task.Run(() => Refuse(attempts, 1))));
        _clock.Pass(TimeSpan.FromMinutes(2));
        await Refuse(attempts, 1);
        var kept = await Kept(attempts);
        Assert.Equal(12, kept.Count);
        Assert.Equal(490, Assert.Single(kept, row => row.Detail.Contains("not_kept", StringComparison.Ordinal)).NotKept());
    }

    [Fact]
    public async Task They_end_when_their_days_are_over()
    {
        using var attempts = Attempts(days: 2);
        await Refuse(attempts, 1);
        _clock.Pass(TimeSpan.FromDays(1.5));
        await Refuse(attempts, 1);
        Assert.Equal(2, (await Kept(attempts)).Count);
        _clock.Pass(TimeSpan.FromDays(1));
        Assert.Single(await Kept(attempts));
        _clock.Pass(TimeSpan.FromDays(1.5));
        Assert.Empty(await Kept(attempts));
    }

    [Fact]
    public async Task None_is_kept_for_no_days()
    {
        using var attempts = Attempts(days: 0);
        await Refuse(attempts, 5);
        Assert.Empty(await Kept(attempts));
    }

    public void Dispose()
    {
        _storage.Dispose();
        _folder.Dispose();
    }

    private RefusedAttempts Attempts(int days = 90, int perMinute = 60, int unknownPerMinute = 20) =>
        new(_storage.Aside, new() { RefusedDays = days, RefusedPerMinute = perMinute, UnknownPerMinute = unknownPerMinute }, _clock);

    private async Task Refuse(RefusedAttempts attempts, int count, string? actor = "ann", string? ci = null, string address = "192.0.2.1")
    {
        for (var i = 0; i < count; i++)
        {
            var stream = RefusedAttempts.NewStream();
            await attempts.Keep(
                new()
                {
                    At = _clock.GetUtcNow(),
                    Kind = AuditRow.RefusedKind,
                    Actor = actor is null ? null : Login.Parse(actor),
                    Ci = ci,
                    Correlation = "kept",
                    Stream = stream,
                    Version = 1,
                    Refused = true,
                    Status = 403,
                    Detail = "{}",
                },
                address,
                CancellationToken.None);
        }
    }

    private static async Task<IReadOnlyList<AuditRow>> Kept(RefusedAttempts attempts) =>
        (await attempts.Read(new(), AuditPlace.Oldest, AuditPlace.Newest, 1000, CancellationToken.None)).Rows;
}

file static class Summaries
{
    public static int NotKept(this AuditRow row)
    {
        using var detail = JsonDocument.Parse(row.Detail);
        return detail.RootElement.GetProperty("not_kept").GetInt32();
    }
}
