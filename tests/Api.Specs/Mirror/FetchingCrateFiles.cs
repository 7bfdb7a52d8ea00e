using System.Net;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Http;
using Raktar.Testing;

namespace Raktar.Api.Specs.Mirror;

public sealed class FetchingCrateFiles
{
    private static readonly RawCrate Small = RawCrate.Of("Small-File", "1.0.0");

    // Larger than what is held back.
    private static readonly RawCrate Large = RawCrate.Of("large-file", "1.0.0+build.1", files: new Dictionary<string, byte[]>(StringComparer.Ordinal)
    {
        ["src/data.bin"] = [.. Enumerable.Range(0, 200_000).SelectMany(i => BitConverter.GetBytes(i * 2_654_435_761))],
    });

    [Fact]
    public async Task A_crate_file_is_fetched_once_and_kept()
    {
        await using var mirror = await Started();
        foreach (var crate in (RawCrate[])[Small, Large])
        {
            using var first = await mirror.Server.Admin.GetAsync(Mirroring.Download(crate));
            Assert.Equal(crate.File, await first.Content.ReadAsByteArrayAsync());
            await Mirroring.Kept(mirror.Server.Data, crate);
            using var second = await mirror.Server.Admin.GetAsync(Mirroring.Download(crate));
            Assert.Equal(crate.File, await second.Content.ReadAsByteArrayAsync());
            Assert.Equal(Headers(first), Headers(second));
            Assert.Contains("immutable", first.Headers.GetValues("Cache-Control").Single(), StringComparison.Ordinal);
            Assert.Equal(1, mirror.Upstream.Asked(FakeUpstream.FilePath(crate)));
        }
    }

    [Fact]
    public async Task It_can_be_asked_for_in_parts_by_version_and_by_head()
    {
        await using var mirror = await Started();
        using var ranged = new HttpRequestMessage(HttpMethod.Get, Mirroring.Download(Large)) { Headers = { Range = new RangeHeaderValue(10, 19) } };
        using var part = await mirror.Server.Admin.SendAsync(ranged);
        Assert.Equal(HttpStatusCode.PartialContent, part.StatusCode);
        Assert.Equal(Large.File[10..20], await part.Content.ReadAsByteArrayAsync());
        using var head = await mirror.Server.Admin.SendAsync(new HttpRequestMessage(HttpMethod.Head, Mirroring.Download(Small)));
        Assert.Equal((HttpStatusCode.OK, (long?)Small.File.Length), (head.StatusCode, head.Content.Headers.ContentLength));
        Assert.Equal(Small.File, await mirror.Server.Admin.GetByteArrayAsync("crates-io/dl/small-file/1.0.0/download"));
    }

    [Fact]
    public async Task A_hundred_readers_share_one_fetch_and_read_along()
    {
        await using var mirror = await Started();
        var (half, go) = (Large.File.Length / 2, new TaskCompletionSource());
        mirror.Upstream.Trouble = async context =>
        {
            if (context.Request.Path != FakeUpstream.FilePath(Large))
            {
                return false;
            }

            context.Response.ContentLength = Large.File.Length;
            await context.Response.Body.WriteAsync(Large.File.AsMemory(0, half));
            await context.Response.Body.FlushAsync();
            await go.Task;
            await context.Response.Body.WriteAsync(Large.File.AsMemory(half));
            return true;
        };
        // All of them have something before upstream has given all of it, and one goes away.
        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Read())).WaitAsync(TimeSpan.FromMinutes(1));
        answers[0].Answer.Dispose();
        go.SetResult();
        foreach (var (answer, stream) in answers.Skip(1))
        {
            var rest = new byte[Large.File.Length - 1000];
            await stream.ReadExactlyAsync(rest);
            Assert.Equal(Large.File[1000..], rest);
            answer.Dispose();
        }

        Assert.Equal(1, mirror.Upstream.Asked(FakeUpstream.FilePath(Large)));

        async Task<(HttpResponseMessage Answer, Stream Stream)> Read()
        {
            var answer = await mirror.Server.Admin.GetAsync(Mirroring.Download(Large), HttpCompletionOption.ResponseHeadersRead);
            var (stream, first) = (await answer.Content.ReadAsStreamAsync(), new byte[1000]);
            await stream.ReadExactlyAsync(first);
            Assert.Equal(Large.File[..1000], first);
            return (answer, stream);
        }
    }

    [Fact]
    public async Task A_fetch_goes_on_when_its_only_reader_leaves()
    {
        await using var mirror = await Started();
        var go = new TaskCompletionSource();
        mirror.Upstream.Trouble = async context =>
        {
            await (context.Request.Path == FakeUpstream.FilePath(Large) ? go.Task : Task.CompletedTask);
            return false;
        };
        using var leaving = new CancellationTokenSource();
        var reading = mirror.Server.Admin.GetAsync(Mirroring.Download(Large), leaving.Token);
        await Mirroring.Eventually(() => mirror.Upstream.Asked(FakeUpstream.FilePath(Large)) == 1);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
        go.SetResult();
        await Mirroring.Kept(mirror.Server.Data, Large);
        Assert.Equal(Large.File, await mirror.Server.Admin.GetByteArrayAsync(Mirroring.Download(Large)));
        Assert.Equal(1, mirror.Upstream.Asked(FakeUpstream.FilePath(Large)));
    }

    [Fact]
    public async Task Bytes_with_another_checksum_are_given_to_nobody_whole_and_kept_apart()
    {
        await using var mirror = await Started();
        foreach (var crate in (RawCrate[])[Small, Large])
        {
            byte[] wrong = [.. crate.File[..^1], (byte)(crate.File[^1] ^ 1)];
            mirror.Upstream.Put(FakeUpstream.FilePath(crate), wrong);
            if (crate == Small)
            {
                var (status, sentence) = await mirror.Ask(Mirroring.Download(crate));
                Assert.Equal(HttpStatusCode.BadGateway, status);
                Assert.Equal("what `crates-io` sends for `Small-File` 1.0.0 has another checksum than its index promises; it is kept apart, and given to nobody", sentence);
            }
            else
            {
                await Assert.ThrowsAnyAsync<HttpRequestException>(() => mirror.Server.Admin.GetByteArrayAsync(Mirroring.Download(crate)));
            }

            var evidence = Directory.GetFiles(Path.Combine(mirror.Server.Data, "blobs", "upstreams", "crates-io", "evidence"), $"*{RawCrate.Checksum(wrong)}");
            Assert.Equal(wrong, await File.ReadAllBytesAsync(Assert.Single(evidence)));

            // Not fetched again at once, but after a while, when upstream may have seen to it.
            Assert.Equal(HttpStatusCode.BadGateway, (await mirror.Ask(Mirroring.Download(crate))).Status);
            Assert.Equal(1, mirror.Upstream.Asked(FakeUpstream.FilePath(crate)));
            mirror.Upstream.Put(FakeUpstream.FilePath(crate), crate.File);
            mirror.Clock.Pass(TimeSpan.FromMinutes(2));
            Assert.Equal(crate.File, await mirror.Server.Admin.GetByteArrayAsync(Mirroring.Download(crate)));
        }

        var health = await mirror.Server.Nobody.Json("health/ready");
        Assert.Equal("sent 2 crate files with a wrong checksum", health.GetProperty("upstreams").GetProperty("crates-io").GetString());
    }

    [Fact]
    public async Task A_file_that_is_cut_off_is_not_kept_and_the_answer_is_cut_off_too()
    {
        await using var mirror = await Started();
        mirror.Upstream.Trouble = async context =>
        {
            if (context.Request.Path != FakeUpstream.FilePath(Large))
            {
                return false;
            }

            context.Response.ContentLength = Large.File.Length;
            await context.Response.Body.WriteAsync(Large.File.AsMemory(0, 300_000));
            await context.Response.Body.FlushAsync();
            await Task.Delay(100);
            context.Abort();
            return true;
        };
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => mirror.Server.Admin.GetByteArrayAsync(Mirroring.Download(Large)));
        mirror.Upstream.Trouble = null;
        Assert.Equal(Large.File, await mirror.Server.Admin.GetByteArrayAsync(Mirroring.Download(Large)));
        await Mirroring.Eventually(() => Directory.GetFiles(Path.Combine(mirror.Server.Data, "blobs", "staging")).Length == 0);
    }

    [Theory]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(500)]
    public async Task What_the_index_lists_and_the_files_lack_is_asked_to_come_again(int answer)
    {
        await using var mirror = await Started();
        mirror.Upstream.Trouble = context =>
        {
            var isFile = context.Request.Path.StartsWithSegments("/files", StringComparison.Ordinal);
            context.Response.StatusCode = isFile ? answer : StatusCodes.Status200OK;
            return Task.FromResult(isFile);
        };
        Assert.Equal((HttpStatusCode.ServiceUnavailable, $"`crates-io` answers {answer}"), await mirror.Ask(Mirroring.Download(Small)));
    }

    [Fact]
    public async Task What_the_index_does_not_list_is_404_and_no_file_is_asked_for()
    {
        await using var mirror = await Started();
        foreach (var path in (string[])
        [
            "crates-io/dl/Small-File/1.0.1/download", $"crates-io/dl/Small-File/1.0.0/{new string('0', 64)}.crate", "crates-io/dl/unknown/1.0.0/download",
            "crates-io/dl/Small-File/1.0.0/other", "crates-io/dl/Small-File/1/download", "crates-io/dl/sm%2f/1.0.0/download",
        ])
        {
            Assert.Equal(HttpStatusCode.NotFound, (await mirror.Ask(path)).Status);
        }

        Assert.DoesNotContain(mirror.Upstream.Questions, question => question.Path.StartsWith("/files", StringComparison.Ordinal));
        // A version that came after the copy is found at once.
        var newer = RawCrate.Of("Small-File", "1.1.0");
        mirror.Upstream.Publish(newer);
        mirror.Clock.Pass(TimeSpan.FromSeconds(20));
        Assert.Equal(newer.File, await mirror.Server.Admin.GetByteArrayAsync(Mirroring.Download(newer)));
    }

    [Theory]
    [InlineData("/files", "/files/Small-File/1.0.0/download")]
    [InlineData("/files/", "/files/Small-File/1.0.0/download")]
    [InlineData("/f/{crate}-{version}.crate", "/f/Small-File-1.0.0.crate")]
    [InlineData("/f/{prefix}/{crate}", "/f/Sm/al/Small-File")]
    [InlineData("/f/{lowerprefix}/{crate}", "/f/sm/al/Small-File")]
    [InlineData("/f/{sha256-checksum}", "/f/CHECKSUM")]
    public async Task Upstreams_configuration_says_where_they_are(string dl, string path)
    {
        await using var mirror = await Started();
        mirror.Upstream.Configure(mirror.Upstream.Url + dl);
        mirror.Upstream.Put(path.Replace("CHECKSUM", RawCrate.Checksum(Small.File), StringComparison.Ordinal), Small.File);
        Assert.Equal(Small.File, await mirror.Server.Admin.GetByteArrayAsync(Mirroring.Download(Small)));
    }

    [Fact]
    public async Task Another_host_is_asked_only_if_it_is_allowed_and_never_told_the_token()
    {
        await using var files = await FakeUpstream.Start();
        files.Put(FakeUpstream.FilePath(Small), Small.File);
        foreach (var isRedirected in (bool[])[false, true])
        {
            await using var strict = await Started("--Raktar:Upstreams:0:Token=secret-of-upstream");
            await using var allowing = await Started(
                "--Raktar:Upstreams:0:Token=secret-of-upstream", $"--Raktar:Upstreams:0:AllowedHosts:0={new Uri(files.Url).Authority}", "--Raktar:Upstreams:0:PrivateAddresses=true");
            foreach (var mirror in (Mirroring[])[strict, allowing])
            {
                if (isRedirected)
                {
                    mirror.Upstream.Trouble = context =>
                    {
                        var isFile = context.Request.Path.StartsWithSegments("/files", StringComparison.Ordinal);
                        if (isFile)
                        {
                            context.Response.Redirect(files.Url + context.Request.Path);
                        }

                        return Task.FromResult(isFile);
                    };
                }
                else
                {
                    mirror.Upstream.Configure($"{files.Url}/files/{{crate}}/{{crate}}-{{version}}.crate");
                }
            }

            var before = files.Questions.Count;
            Assert.Equal((HttpStatusCode.BadGateway, $"`crates-io` leads to `{files.Url}`, which is none of its AllowedHosts"), await strict.Ask(Mirroring.Download(Small)));
            Assert.Equal(before, files.Questions.Count);
            Assert.Equal(Small.File, await allowing.Server.Admin.GetByteArrayAsync(Mirroring.Download(Small)));
            Assert.All(files.Questions, question => Assert.True(string.IsNullOrEmpty(question.Authorization)));
        }
    }

    [Fact]
    public async Task An_allowed_name_that_leads_into_the_own_network_is_not_followed()
    {
        await using var files = await FakeUpstream.Start();
        files.Put(FakeUpstream.FilePath(Small), Small.File);
        await using var mirror = await Started($"--Raktar:Upstreams:0:AllowedHosts:0={new Uri(files.Url).Authority}");
        mirror.Upstream.Configure($"{files.Url}/files/{{crate}}/{{crate}}-{{version}}.crate");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "`crates-io` cannot be reached"), await mirror.Ask(Mirroring.Download(Small)));
        Assert.Empty(files.Questions);
    }

    [Theory]
    [InlineData("http://static.crates.io/crates")]
    [InlineData("ftp://127.0.0.1/crates")]
    [InlineData("file:///etc")]
    [InlineData("https://169.254.169.254/latest")]
    public async Task Nothing_but_allowed_https_is_followed(string dl)
    {
        await using var mirror = await Started("--Raktar:Upstreams:0:AllowedHosts:0=static.crates.io");
        mirror.Upstream.Configure(dl);
        var (status, sentence) = await mirror.Ask(Mirroring.Download(Small));
        Assert.Equal(HttpStatusCode.BadGateway, status);
        Assert.Contains("which is none of its AllowedHosts", sentence, StringComparison.Ordinal);
    }

    private static async Task<Mirroring> Started(params string[] settings)
    {
        var mirror = await Mirroring.Start(settings);
        mirror.Upstream.Publish(Small);
        mirror.Upstream.Publish(Large);
        return mirror;
    }

    private static string Headers(HttpResponseMessage answer) => string.Join('\n', answer.Headers.Concat(answer.Content.Headers)
        .Where(header => header.Key != "Date").OrderBy(header => header.Key, StringComparer.Ordinal).Select(header => $"{header.Key}: {string.Join(", ", header.Value)}"));
}
