using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Raktar.Testing;

namespace Raktar.Api.Specs.Mirror;

/// <summary>Builds go on while an upstream does not: the last good copy is served, and what nobody has is not said to be missing.</summary>
public sealed class UpstreamInTrouble
{
    private const string Index = "/tr/ou/troubled";

    private static readonly RawCrate Crate = RawCrate.Of("troubled", "1.0.0");

    private static readonly Dictionary<string, Func<HttpContext, Task<bool>>> Troubles = new(StringComparer.Ordinal)
    {
        ["500"] = context => Status(context, 500),
        ["502"] = context => Status(context, 502),
        ["429"] = context => Status(context, 429),
        ["403"] = context => Status(context, 403),
        ["a redirect to nowhere"] = context => Status(context, 302),
        ["slow"] = async context =>
        {
            await Task.Delay(TimeSpan.FromSeconds(30), context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
            return true;
        },
        ["reset"] = context =>
        {
            context.Abort();
            return Task.FromResult(true);
        },
        ["half a body"] = async context =>
        {
            var line = Encoding.UTF8.GetBytes(FakeUpstream.Line(Crate));
            context.Response.ContentLength = line.Length;
            await context.Response.Body.WriteAsync(line.AsMemory(0, line.Length / 2));
            await context.Response.Body.FlushAsync();
            context.Abort();
            return true;
        },
        ["half a gzip stream"] = async context =>
        {
            context.Response.Headers.ContentEncoding = "gzip";
            var zipped = Application.Log.Gzip.Compress(Encoding.UTF8.GetBytes(FakeUpstream.Line(Crate) + FakeUpstream.Line(Crate)));
            await context.Response.Body.WriteAsync(zipped.AsMemory(0, zipped.Length - 12));
            return true;
        },
        ["half a line"] = context => Text(context, FakeUpstream.Line(Crate)[..40]),
        ["a page"] = context => Text(context, "<!DOCTYPE html><title>Sign in</title>"),
        ["an error in JSON"] = context => Text(context, """{"error":"try again"}"""),
        ["another crate's file"] = context => Text(context, FakeUpstream.Line(RawCrate.Of("another", "1.0.0"))),
        ["nothing"] = context => Text(context, string.Empty),
    };

    public static TheoryData<string> Names => [.. Troubles.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task The_last_good_copy_is_served_and_says_so(string trouble)
    {
        await using var mirror = await Mirroring.Start(PatienceFor(trouble));
        mirror.Upstream.Publish(Crate);
        var good = await mirror.Bytes("troubled");
        mirror.Clock.Pass(TimeSpan.FromMinutes(11));
        mirror.Upstream.Trouble = Troubles[trouble];
        for (var i = 0; i < 3; i++)
        {
            using var stale = await mirror.File("troubled");
            Assert.Equal(HttpStatusCode.OK, stale.StatusCode);
            Assert.Equal(good, await stale.Content.ReadAsByteArrayAsync());
            Assert.Equal("2026-11-25T12:00:00Z", stale.Headers.GetValues("raktar-stale").Single());
        }

        mirror.Upstream.Trouble = null;
        mirror.Clock.Pass(TimeSpan.FromMinutes(1));
        using var fresh = await mirror.File("troubled");
        Assert.False(fresh.Headers.Contains("raktar-stale"));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Where_nothing_is_kept_it_is_asked_to_come_again_and_never_told_that_there_is_none(string trouble)
    {
        await using var mirror = await Mirroring.Start(PatienceFor(trouble));
        mirror.Upstream.Publish(Crate);
        mirror.Upstream.Trouble = Troubles[trouble];
        using var answer = await mirror.File("troubled");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Contains("`crates-io`", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.InRange(answer.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 10);

        mirror.Upstream.Trouble = null;
        mirror.Clock.Pass(TimeSpan.FromMinutes(1));
        Assert.Equal(HttpStatusCode.OK, (await mirror.Ask($"crates-io{Index}")).Status);
    }

    [Fact]
    public async Task An_upstream_that_is_down_is_left_alone_and_tried_again_and_health_says_so()
    {
        await using var mirror = await Mirroring.Start();
        mirror.Upstream.Publish(Crate);
        mirror.Upstream.Trouble = context => Status(context, 503);
        for (var i = 0; i < 20; i++)
        {
            using var answer = await mirror.File("troubled");
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        }

        // Three times two tries, then a pause.
        Assert.Equal(6, mirror.Upstream.Asked(Index));
        var health = await mirror.Server.Nobody.Json("health/ready");
        Assert.Equal(("ready", "failing since 2026-11-25T12:00:00Z"), (health.GetProperty("status").GetString(), health.GetProperty("upstreams").GetProperty("crates-io").GetString()));

        mirror.Clock.Pass(TimeSpan.FromSeconds(2));
        await mirror.File("troubled");
        Assert.Equal(8, mirror.Upstream.Asked(Index));
        await mirror.File("troubled");
        Assert.Equal(8, mirror.Upstream.Asked(Index));

        mirror.Upstream.Trouble = null;
        mirror.Clock.Pass(TimeSpan.FromSeconds(30));
        Assert.Equal(HttpStatusCode.OK, (await mirror.Ask($"crates-io{Index}")).Status);
        Assert.Equal("ok", (await mirror.Server.Nobody.Json("health/ready")).GetProperty("upstreams").GetProperty("crates-io").GetString());
    }

    [Fact]
    public async Task Copies_are_there_after_a_restart_and_what_upstream_took_away_is_404()
    {
        await using var upstream = await FakeUpstream.Start();
        var folder = Directory.CreateTempSubdirectory("raktar-");
        try
        {
            var data = Path.Combine(folder.FullName, "kept");
            upstream.Publish(Crate);
            var clock = new ManualClock();
            string[] settings = [.. Mirroring.Settings(upstream), "--Raktar:Public=true", $"--Raktar:DataFolder={data}"];
            await using (var first = await Server.StartWith(clock, settings))
            {
                Assert.Equal(FakeUpstream.Line(Crate), await first.Nobody.GetStringAsync($"crates-io{Index}"));
                Assert.Equal(Crate.File, await first.Nobody.GetByteArrayAsync(Mirroring.Download(Crate)));
                await Mirroring.Kept(data, Crate);
            }

            clock.Pass(TimeSpan.FromHours(1));
            upstream.Trouble = context => Status(context, 500);
            await using (var second = await Server.StartWith(clock, settings))
            {
                Assert.Equal(FakeUpstream.Line(Crate), await second.Nobody.GetStringAsync($"crates-io{Index}"));
                Assert.Equal(Crate.File, await second.Nobody.GetByteArrayAsync(Mirroring.Download(Crate)));
            }

            upstream.Trouble = null;
            upstream.Remove(Index);
            await using (var third = await Server.StartWith(clock, settings))
            {
                using var gone = await third.Nobody.GetAsync($"crates-io{Index}");
                Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Switched_off_it_serves_what_is_kept_and_says_why_there_is_no_more()
    {
        await using var upstream = await FakeUpstream.Start();
        var folder = Directory.CreateTempSubdirectory("raktar-");
        try
        {
            var data = Path.Combine(folder.FullName, "kept");
            upstream.Publish(Crate);
            string[] settings = [.. Mirroring.Settings(upstream), "--Raktar:Public=true", $"--Raktar:DataFolder={data}"];
            await using (var online = await Server.Start(settings))
            {
                await online.Nobody.GetByteArrayAsync(Mirroring.Download(Crate));
                await Mirroring.Kept(data, Crate);
            }

            var asked = upstream.Questions.Count;
            await using var offline = await Server.Start([.. settings, "--Raktar:Upstreams:0:Offline=true"]);
            using var kept = await offline.Nobody.GetAsync($"crates-io{Index}");
            Assert.Equal(FakeUpstream.Line(Crate), await kept.Content.ReadAsStringAsync());
            Assert.Equal(Crate.File, await offline.Nobody.GetByteArrayAsync(Mirroring.Download(Crate)));
            foreach (var path in (string[])["crates-io/un/kn/unknown", "crates-io/dl/unknown/1.0.0/download"])
            {
                using var missing = await offline.Nobody.GetAsync(path);
                Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
                Assert.Equal("`unknown` was not fetched from `crates-io` before it was switched off here (Offline)\n", await missing.Content.ReadAsStringAsync());
            }

            Assert.Equal("offline", (await offline.Nobody.Json("health/ready")).GetProperty("upstreams").GetProperty("crates-io").GetString());
            Assert.Equal(asked, upstream.Questions.Count);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string PatienceFor(string trouble) => $"--Raktar:Upstreams:0:TimeoutSeconds={(trouble == "slow" ? 1 : 5)}";

    private static Task<bool> Status(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        return Task.FromResult(true);
    }

    private static async Task<bool> Text(HttpContext context, string text)
    {
        await context.Response.WriteAsync(text);
        return true;
    }
}
