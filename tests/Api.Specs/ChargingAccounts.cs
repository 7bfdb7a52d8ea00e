using System.Net;
using System.Net.Http.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Raktar.Api.Access;
using Raktar.Api.Background;
using Raktar.Api.Endpoints.Publishing;
using Raktar.Api.Settings;
using Raktar.Application.Callers;
using Raktar.Application.Ports;
using Raktar.Domain;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;
using Raktar.Testing;

namespace Raktar.Api.Specs;

/// <summary>What costs is counted against whoever causes it, and against nobody else.</summary>
[Trait("Needs", "seconds")]
public sealed class ChargingAccounts
{
    [Fact]
    public async Task An_account_that_changes_too_much_is_slowed_down_and_no_other_and_it_still_reads_and_publishes()
    {
        await using var server = await Server.Start("--Raktar:RateLimits:Change:PerSecond=1", "--Raktar:RateLimits:Change:Burst=5");
        using var busy = await server.Account("busy");
        using var other = await server.Account("other");
        (await RawCrate.Of("toggled", "1.0.0").Publish(busy)).EnsureSuccessStatusCode();
        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < 30; i++)
        {
            using var toggled = i % 2 == 0
                ? await busy.DeleteAsync("api/v1/crates/toggled/1.0.0/yank")
                : await busy.PutAsJsonAsync("api/v1/crates/toggled/visibility", new { restricted = i % 4 == 1 });
            statuses.Add(toggled.StatusCode);
            if (toggled.StatusCode == HttpStatusCode.TooManyRequests)
            {
                Assert.StartsWith("too many changes; retry after ", (await toggled.Error()).Detail, StringComparison.Ordinal);
                Assert.NotNull(toggled.Headers.RetryAfter);
            }
        }

        Assert.All(statuses[..5], status => Assert.Equal(HttpStatusCode.OK, status));
        Assert.Contains(HttpStatusCode.TooManyRequests, statuses);
        await busy.Json("api/v1/crates/toggled");
        (await RawCrate.Of("toggled", "1.0.1").Publish(busy)).EnsureSuccessStatusCode();
        using var another = await other.PutAsJsonAsync("api/v1/me/tokens", new { api_token = new { name = "x" } });
        Assert.NotEqual(HttpStatusCode.TooManyRequests, another.StatusCode);
        for (var i = 0; i < 30; i++)
        {
            (await server.Admin.PutAsJsonAsync($"api/v1/accounts/a{i}", new { role = "reader" })).EnsureSuccessStatusCode();
        }
    }

    [Fact]
    public void Runs_of_one_project_spend_from_one_bucket_and_those_of_others_from_theirs()
    {
        using var rates = new AccountRateLimits(new RaktarOptions { RateLimits = new() { PublishUpdate = new() { PerSecond = 1, Burst = 1 } } });
        Assert.Null(rates.Spend(Rate.PublishUpdate, Run("foo", "run 1")));
        Assert.NotNull(rates.Spend(Rate.PublishUpdate, Run("foo", "run 2")));
        Assert.Null(rates.Spend(Rate.PublishUpdate, Run("bar", "run 3")));
        // Not even somebody of that name could spend for them.
        Assert.Null(rates.Spend(Rate.PublishUpdate, new Caller(Login.Parse("ci"), Role.Publisher, 1)));

        static Caller Run(string crate, string run) => new(Login.TrustedPublisher, Role.Member, Token: null)
        {
            Run = run,
            TrustedBy = [new TrustedCrate(CrateName.Parse(crate), 1)],
        };
    }

    [Fact]
    public async Task However_many_ask_whether_all_is_ready_the_stores_are_asked_once()
    {
        var store = new CountedStore();
        var readiness = new Readiness([store], NullLogger<Readiness>.Instance, TimeProvider.System);
        var asking = Enumerable.Range(0, 100).Select(_ => readiness.States(CancellationToken.None)).ToList();
        using var gone = new CancellationTokenSource();
        var impatient = readiness.States(gone.Token);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient);
        store.Answer.SetResult();
        Assert.All(await Task.WhenAll(asking), states => Assert.Equal("ok", states["counted"]));
        Assert.Equal(1, store.Probes);
    }

    [Theory]
    [InlineData(8, 2)]
    [InlineData(8, 8)]
    [InlineData(3, 1)]
    public async Task An_account_has_never_more_than_its_part_of_what_all_share(int all, int part)
    {
        using var places = new SharedPlaces(all, part, line: 100, ownLine: 100);
        var greedy = Enumerable.Range(0, 50).Select(_ => places.Enter("greedy", 1, CancellationToken.None).AsTask()).ToList();
        Assert.Equal(part, greedy.Count(entered => entered.IsCompleted));
        var others = Enumerable.Range(0, all - part).Select(i => places.Enter($"other{i}", 1, CancellationToken.None).AsTask()).ToList();
        Assert.All(others, entered => Assert.True(entered.IsCompleted));
        // The common line is not full of the greedy one's: whoever comes is the next.
        var next = places.Enter("next", 1, CancellationToken.None).AsTask();
        Assert.False(next.IsCompleted);
        (await greedy[0])!.Dispose();
        using var place = await next.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(part, greedy.Count(entered => entered.IsCompleted));
    }

    private sealed class CountedStore : IDependency
    {
        public TaskCompletionSource Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Probes { get; private set; }

        public string Name => "counted";

        public Task Probe(CancellationToken cancellationToken)
        {
            Probes++;
            return Answer.Task;
        }
    }
}
