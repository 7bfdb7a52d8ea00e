using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Raktar.Running;

namespace Raktar.Cargo.Specs;

/// <summary>Many at once.</summary>
public sealed class RaceSpecs
{
    [Fact]
    public async Task Of_a_hundred_publishes_of_one_version_one_wins_and_the_others_hear_that_it_exists()
    {
        await using var raktar = await RunningRegistry.Start();
        var crates = Enumerable.Range(0, 100).Select(number => RawCrate.Of("contested", "1.0.0", $"by client {number}")).ToList();
        Assert.Equal(100, crates.Select(crate => RawCrate.Checksum(crate.File)).Distinct(StringComparer.Ordinal).Count());
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var answers = crates.Select(async crate =>
        {
            using var client = Protocols.Client(raktar.Protocol, raktar.Url, raktar.AdminToken);
            using var warm = await client.GetAsync("health");
            await gate.Task;
            using var response = await crate.Publish(client);
            return (Crate: crate, response.StatusCode, Body: await response.Content.ReadAsStringAsync());
        }).ToList();
        gate.SetResult();
        var all = await Task.WhenAll(answers);

        var winner = Assert.Single(all, answer => answer.StatusCode == HttpStatusCode.OK).Crate;
        Assert.All(all.Where(answer => answer.StatusCode != HttpStatusCode.OK), answer => Assert.Equal(
            (HttpStatusCode.Conflict, """{"errors":[{"detail":"crate version `contested@1.0.0` is already uploaded"}]}"""),
            (answer.StatusCode, answer.Body)));
        var line = Assert.Single(await raktar.Lines("contested"));
        Assert.Equal(RawCrate.Checksum(winner.File), line.GetProperty("cksum").GetString());
        Assert.Equal(winner.File, await raktar.Download(line));
    }

    [Fact]
    public async Task Fifty_versions_of_one_crate_at_once_are_all_accepted_and_readers_see_only_whole_indexes()
    {
        await using var raktar = await RunningRegistry.Start();
        using var first = await RawCrate.Of("busy", "0.0.0").Publish(raktar.Client);
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        await raktar.Settled();
        using var done = new CancellationTokenSource();
        var bodies = new ConcurrentDictionary<string, string>(StringComparer.Ordinal);
        var readers = Enumerable.Range(0, 8).Select(_ => Task.Run(Read)).ToList();

        var published = await Task.WhenAll(Enumerable.Range(1, 50).Select(async number =>
        {
            using var client = Protocols.Client(raktar.Protocol, raktar.Url, raktar.AdminToken);
            using var response = await RawCrate.Of("busy", $"1.0.{number}").Publish(client);
            return response.StatusCode;
        }));
        await done.CancelAsync();
        var seen = await Task.WhenAll(readers);

        Assert.All(published, status => Assert.Equal(HttpStatusCode.OK, status));
        await raktar.Settled();
        Assert.Equal(51, (await raktar.Lines("busy")).Count);
        Assert.True(seen.Sum() >= (Edition.IsAws ? 5 : 50), $"the readers looked only {seen.Sum()} times");
        Assert.True(bodies.Count > 1, "no reader saw the index grow");

        async Task<int> Read()
        {
            using var client = Protocols.Client(raktar.Protocol, raktar.Url, raktar.AdminToken);
            var (looks, before) = (0, new Dictionary<string, string>(StringComparer.Ordinal));
            while (!done.IsCancellationRequested)
            {
                using var response = await client.GetAsync(RunningRegistry.IndexPath("busy"));
                Assert.Equal(HttpStatusCode.OK, response.StatusCode);
                var body = await response.Content.ReadAsStringAsync();
                Assert.Equal(response.Content.Headers.ContentLength, body.Length);

                // One tag names one body, for every reader.
                Assert.Equal(body, bodies.GetOrAdd(response.Headers.ETag!.Tag, body));
                var now = RunningRegistry.Parse(body).ToDictionary(
                    line => line.GetProperty("vers").GetString()!, line => line.GetRawText(), StringComparer.Ordinal);

                // Nothing that was there goes, or changes.
                Assert.All(before, line => Assert.Equal(line.Value, now.GetValueOrDefault(line.Key)));
                foreach (var (_, line) in now.Where(line => !before.ContainsKey(line.Key)))
                {
                    var entry = JsonSerializer.Deserialize<JsonElement>(line);
                    Assert.Equal(entry.GetProperty("cksum").GetString(), RawCrate.Checksum(await raktar.Download(entry)));
                }

                (looks, before) = (looks + 1, now);
            }

            return looks;
        }
    }
}
