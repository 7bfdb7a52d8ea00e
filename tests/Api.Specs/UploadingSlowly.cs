using System.Net;
using Raktar.Testing;

namespace Raktar.Api.Specs;

/// <summary>
/// Who sends slowly keeps nobody else from publishing, is not cut off so long as bytes keep coming, and is told by which setting when they do not.
/// </summary>
[Trait("Needs", "seconds")]
public sealed class UploadingSlowly
{
    // Longer than a publish takes, shorter than any slow client is waited for.
    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    [Fact]
    public async Task Forty_uploads_of_one_account_that_stand_still_do_not_keep_another_account_from_publishing()
    {
        await using var server = await Server.Start("--Raktar:RateLimits:ConcurrentPublishes=4");
        using var slow = await server.Account("slow");
        using var other = await server.Account("other");
        var stalled = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => SlowUpload.Stall(server, slow, RawCrate.Of($"stalled{i}", "1.0.0"), 50_000_000)));
        for (var i = 0; i < 20; i++)
        {
            using var published = await RawCrate.Of("prompt", $"1.0.{i}").Publish(other).WaitAsync(AtOnce);
            Assert.Equal(HttpStatusCode.OK, published.StatusCode);
        }

        foreach (var upload in stalled)
        {
            await upload.DisposeAsync();
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(40)]
    public async Task Uploads_that_stop_before_their_metadata_is_whole_hold_up_nobody(int sent)
    {
        await using var server = await Server.Start("--Raktar:RateLimits:ConcurrentPublishes=2");
        using var member = await server.Account("member", "member");
        var metadata = RawCrate.Of("stopped", "1.0.0").Metadata();
        byte[] beginning = [.. SlowUpload.Length(metadata.Length), .. metadata];
        var stopped = await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            var upload = await SlowUpload.Begin(server, member, 100_000);
            await upload.Send(beginning[..sent]);
            return upload;
        }));
        using var published = await RawCrate.Of("ahead", "1.0.0").Publish(server.Admin).WaitAsync(AtOnce);
        Assert.Equal(HttpStatusCode.OK, published.StatusCode);
        foreach (var upload in stopped)
        {
            await upload.DisposeAsync();
        }
    }

    [Fact]
    public async Task Twelve_clients_of_one_account_that_send_a_byte_at_a_time_do_not_hold_up_that_accounts_own_publish()
    {
        await using var server = await Server.Start("--Raktar:RateLimits:ConcurrentPublishes=2");
        using var account = await server.Account("busy");
        var bodies = Enumerable.Range(0, 12).Select(i => RawCrate.Of($"bytewise{i}", "1.0.0").Body()).ToList();
        var clients = await Task.WhenAll(bodies.Select(body => SlowUpload.Begin(server, account, body.Length)));
        var trickling = clients.Zip(bodies, (client, body) => client.Trickle(body[..40], atATime: 1, Tick)).ToList();
        using var published = await RawCrate.Of("between", "1.0.0").Publish(account).WaitAsync(AtOnce);
        Assert.Equal(HttpStatusCode.OK, published.StatusCode);
        await Task.WhenAll(trickling);
        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }
    }

    [Fact]
    public async Task An_upload_that_takes_longer_than_the_time_is_taken_so_long_as_it_keeps_the_least_rate()
    {
        await using var server = await Server.Start("--Raktar:Limits:UploadSeconds=1", "--Raktar:Limits:LeastBytesPerSecond=20");
        var crate = RawCrate.Of("steady", "1.0.0", new string('x', 100));
        var body = crate.Body();
        await using var upload = await SlowUpload.Begin(server, server.Admin, body.Length);
        var file = body.Length - crate.File.Length;
        await upload.Send(body[..file]);
        // Three times as long as an upload may take that does not go on.
        await upload.Trickle(body[file..], atATime: 1 + (crate.File.Length / 30), Tick);
        Assert.Equal("200", (await upload.Answer()).Status);
    }

    [Fact]
    public async Task An_upload_below_the_least_rate_is_given_up_by_a_sentence_that_names_the_settings()
    {
        await using var server = await Server.Start("--Raktar:Limits:UploadSeconds=1", "--Raktar:Limits:LeastBytesPerSecond=1000");
        await using var upload = await SlowUpload.Stall(server, server.Admin, RawCrate.Of("creeping", "1.0.0"), 100_000);
        await upload.Trickle(new byte[100], atATime: 1, Tick);
        var (status, answer) = await upload.Answer();
        Assert.Equal("408", status);
        Assert.Contains(
            "the crate file came too slowly: fewer than 1000 bytes a second for 1 s (Raktar:Limits:LeastBytesPerSecond, Raktar:Limits:UploadSeconds)",
            answer,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metadata_has_a_time_of_its_own_whatever_the_upload_has()
    {
        await using var server = await Server.Start("--Raktar:Limits:MetadataSeconds=1");
        await using var upload = await SlowUpload.Begin(server, server.Admin, 100_000);
        var (status, answer) = await upload.Answer();
        Assert.Equal("408", status);
        Assert.Contains("the metadata did not arrive in time (Raktar:Limits:MetadataSeconds is 1)", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_account_that_fills_its_own_line_is_told_so_and_no_other_notices()
    {
        // One place for each account, and one more in line.
        await using var server = await Server.Start("--Raktar:RateLimits:ConcurrentUploads=4", "--Raktar:RateLimits:WaitingPublishes=4");
        using var greedy = await server.Account("greedy");
        using var other = await server.Account("other");
        var uploads = await Task.WhenAll(Enumerable.Range(0, 3).Select(i => SlowUpload.Stall(server, greedy, RawCrate.Of($"greedy{i}", "1.0.0"), 100_000)));
        var first = await await Task.WhenAny(uploads.Select(upload => upload.Answer()));
        Assert.Equal("429", first.Status);
        using var published = await RawCrate.Of("modest", "1.0.0").Publish(other).WaitAsync(AtOnce);
        Assert.Equal(HttpStatusCode.OK, published.StatusCode);
        foreach (var upload in uploads)
        {
            await upload.DisposeAsync();
        }
    }

    [Fact]
    public async Task Announced_bytes_beyond_an_accounts_part_wait_and_those_of_another_do_not()
    {
        // Room for a hundred kilobytes of each account.
        await using var server = await Server.Start("--Raktar:RateLimits:StagedBytes=400000");
        using var large = await server.Account("large");
        using var other = await server.Account("other");
        await using var first = await SlowUpload.Stall(server, large, RawCrate.Of("large", "1.0.0"), 90_000);
        Task<HttpResponseMessage> waiting;
        var tries = 0;
        do
        {
            // The first may not have come as far as its announced bytes: whoever comes before it need not wait.
            Assert.InRange(++tries, 1, 50);
            waiting = RawCrate.Of($"waiting-{tries}", "1.0.0").Publish(large);
            using var published = await RawCrate.Of($"small-{tries}", "1.0.0").Publish(other).WaitAsync(AtOnce);
            Assert.Equal(HttpStatusCode.OK, published.StatusCode);
        }
        while (waiting.IsCompleted);
        await first.DisposeAsync();
        using var later = await waiting.WaitAsync(AtOnce);
        Assert.Equal(HttpStatusCode.OK, later.StatusCode);
    }
}
