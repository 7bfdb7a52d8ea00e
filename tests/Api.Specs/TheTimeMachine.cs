using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Raktar.Testing;

namespace Raktar.Api.Specs;

/// <summary><c>/at/{timestamp}/</c>: the registry as it was.</summary>
public sealed class TheTimeMachine(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private readonly Server _server = fixture.Server;

    [Fact]
    public async Task Its_configuration_has_downloads_of_its_own_and_no_api()
    {
        foreach (var time in (string[])["2026-11-20", "2026-11-20T09:30:00.1234567Z", "2020-01-01T00:00:00+02:00", "0001-01-01"])
        {
            Assert.Equal(
                $$"""{"dl":"{{_server.Url}}/at/{{time}}/dl/{crate}/{version}/{sha256-checksum}.crate","auth-required":true}""",
                await _server.Admin.GetStringAsync($"at/{time}/config.json"));
        }
    }

    [Theory]
    [InlineData("yesterday", "`yesterday` is not a time; write 2026-11-20T09:30:00Z (RFC 3339, up to 7 digits of a fraction), or 2026-11-20, when that day began in UTC\n")]
    [InlineData("2026-11-20T09:30:00", "`2026-11-20T09:30:00` is not a time; write 2026-11-20T09:30:00Z (RFC 3339, up to 7 digits of a fraction), or 2026-11-20, when that day began in UTC\n")]
    [InlineData("9000-01-01", "`9000-01-01` is in the future\n")]
    public async Task What_is_no_time_of_the_past_is_a_sentence(string time, string sentence)
    {
        foreach (var path in (string[])["config.json", "1/a", "fo/ob/foobar", $"dl/foo/1.0.0/{new string('0', 64)}.crate"])
        {
            using var answer = await _server.Admin.GetAsync($"at/{time}/{path}");
            Assert.Equal((HttpStatusCode.BadRequest, sentence), (answer.StatusCode, await answer.Content.ReadAsStringAsync()));
        }
    }

    [Fact]
    public async Task It_serves_what_was_there_and_how_it_was()
    {
        var before = Now();
        var one = await Publish("history", "1.0.0");
        var afterOne = Now();
        var two = await Publish("history", "2.0.0");
        var afterTwo = Now();
        (await _server.Admin.DeleteAsync("api/v1/crates/history/2.0.0/yank")).EnsureSuccessStatusCode();
        var afterYank = Now();
        var live = await _server.Admin.GetStringAsync("hi/st/history");

        Assert.Equal(HttpStatusCode.NotFound, await Status($"at/{before}/hi/st/history"));
        Assert.Equal(HttpStatusCode.NotFound, await Status("at/2001-01-01/hi/st/history"));
        Assert.Equal(live.Split('\n')[0] + "\n", await _server.Admin.GetStringAsync($"at/{afterOne}/hi/st/history"));
        Assert.Equal(live.Replace("\"yanked\":true", "\"yanked\":false", StringComparison.Ordinal), await _server.Admin.GetStringAsync($"at/{afterTwo}/hi/st/history"));
        Assert.Equal(live, await _server.Admin.GetStringAsync($"at/{afterYank}/hi/st/history"));

        Assert.Equal(HttpStatusCode.NotFound, await Status($"at/{before}/{DownloadOf(one)}"));
        Assert.Equal(one.File, await _server.Admin.GetByteArrayAsync($"at/{afterOne}/{DownloadOf(one)}"));
        Assert.Equal(HttpStatusCode.NotFound, await Status($"at/{afterOne}/{DownloadOf(two)}"));
        Assert.Equal(two.File, await _server.Admin.GetByteArrayAsync($"at/{afterYank}/{DownloadOf(two)}"));

        (await _server.Admin.DeleteAsync("api/v1/crates/history/1.0.0?message=why")).EnsureSuccessStatusCode();
        Assert.Equal(HttpStatusCode.NotFound, await Status($"at/{afterOne}/hi/st/history"));
        Assert.Equal(HttpStatusCode.NotFound, await Status($"at/{afterOne}/{DownloadOf(one)}"));
        Assert.Equal(live.Split('\n')[1] + "\n", await _server.Admin.GetStringAsync($"at/{afterYank}/hi/st/history"));
        (await _server.Admin.PutAsync("api/v1/crates/history/1.0.0/restore", null)).EnsureSuccessStatusCode();
        Assert.Equal(live, await _server.Admin.GetStringAsync($"at/{afterYank}/hi/st/history"));
        Assert.Equal(one.File, await _server.Admin.GetByteArrayAsync($"at/{afterOne}/{DownloadOf(one)}"));
    }

    [Fact]
    public async Task Its_answers_are_those_of_the_live_index_byte_for_byte()
    {
        await Publish("same", "1.0.0");
        await Publish("same", "1.1.0");
        var now = Now();
        foreach (var accept in (string[])["", "gzip"])
        {
            using var live = await Get("sa/me/same", accept);
            using var past = await Get($"at/{now}/sa/me/same", accept);
            Assert.Equal(await live.Content.ReadAsByteArrayAsync(), await past.Content.ReadAsByteArrayAsync());
            foreach (var headers in new Func<HttpResponseMessage, HttpHeaders>[] { answer => answer.Headers, answer => answer.Content.Headers })
            {
                Assert.Equal(
                    headers(live).Where(header => header.Key != "Date").Select(header => $"{header.Key}: {string.Join(',', header.Value)}"),
                    headers(past).Where(header => header.Key != "Date").Select(header => $"{header.Key}: {string.Join(',', header.Value)}"));
            }

            using var cached = await Get($"at/{now}/sa/me/same", accept, live.Headers.ETag);
            Assert.Equal((HttpStatusCode.NotModified, live.Headers.ETag), (cached.StatusCode, cached.Headers.ETag));
        }

        using var head = await _server.Admin.SendAsync(new HttpRequestMessage(HttpMethod.Head, $"at/{now}/sa/me/same"));
        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        foreach (var path in (string[])["sa/me/Same", "Sa/me/same", "sa/xx/same", "1/same", "2/same", "sa/me/sa_me", "nothing/here/at/all", ""])
        {
            Assert.Equal(HttpStatusCode.NotFound, await Status($"at/{now}/{path}"));
        }
    }

    [Fact]
    public async Task An_offset_is_written_with_a_plus_and_means_the_same_instant()
    {
        await Publish("offset", "1.0.0");
        var now = TimeProvider.System.GetUtcNow();
        var there = now.ToOffset(TimeSpan.FromHours(2)).ToString("yyyy-MM-dd'T'HH:mm:ss.fffffffzzz", CultureInfo.InvariantCulture);
        Assert.Contains('+', there);
        Assert.Equal(await _server.Admin.GetStringAsync("of/fs/offset"), await _server.Admin.GetStringAsync($"at/{there}/of/fs/offset"));
        var earlier = now.AddHours(-1).ToOffset(TimeSpan.FromHours(2)).ToString("yyyy-MM-dd'T'HH:mm:ss.fffffffzzz", CultureInfo.InvariantCulture);
        Assert.Equal(HttpStatusCode.NotFound, await Status($"at/{earlier}/of/fs/offset"));
    }

    [Theory]
    [InlineData("at", "2/at")]
    [InlineData("atom-core", "at/om/atom-core")]
    [InlineData("at20-x", "at/20/at20-x")]
    public async Task Crates_whose_paths_begin_like_it_are_found(string name, string path)
    {
        await Publish(name, "1.0.0");
        Assert.StartsWith($$"""{"name":"{{name}}",""", await _server.Admin.GetStringAsync(path), StringComparison.Ordinal);
        Assert.Equal(await _server.Admin.GetStringAsync(path), await _server.Admin.GetStringAsync($"at/{Now()}/{path}"));
    }

    [Fact]
    public async Task Who_may_see_a_crate_is_todays_question()
    {
        var stranger = await _server.Account("time-traveller", "reader");
        var crate = await Publish("confidential", "1.0.0");
        var now = Now();
        Assert.Equal(await _server.Admin.GetStringAsync("co/nf/confidential"), await stranger.GetStringAsync($"at/{now}/co/nf/confidential"));
        (await _server.Admin.PutAsJsonAsync("api/v1/crates/confidential/visibility", new { restricted = true })).EnsureSuccessStatusCode();
        foreach (var (path, sentence) in ((string, string)[])
        [
            ("co/nf/confidential", "crate `confidential` does not exist\n"),
            // The words of a download of a crate that never was.
            (DownloadOf(crate), "crate `confidential` has no version `1.0.0`\n"),
        ])
        {
            using var answer = await stranger.GetAsync($"at/{now}/{path}");
            Assert.Equal((HttpStatusCode.NotFound, sentence), (answer.StatusCode, await answer.Content.ReadAsStringAsync()));
            Assert.Equal(HttpStatusCode.OK, await Status($"at/{now}/{path}"));
        }
    }

    private static string Now() => TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture);

    private static string DownloadOf(RawCrate crate) => $"dl/{crate.Name}/{crate.Version}/{RawCrate.Checksum(crate.File)}.crate";

    private async Task<HttpStatusCode> Status(string path)
    {
        using var answer = await _server.Admin.GetAsync(path);
        return answer.StatusCode;
    }

    private async Task<HttpResponseMessage> Get(string path, string acceptEncoding, EntityTagHeaderValue? known = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (known is not null)
        {
            request.Headers.IfNoneMatch.Add(known);
        }

        if (acceptEncoding.Length > 0)
        {
            request.Headers.AcceptEncoding.ParseAdd(acceptEncoding);
        }

        return await _server.Admin.SendAsync(request);
    }

    private async Task<RawCrate> Publish(string name, string version)
    {
        var crate = RawCrate.Of(name, version);
        using var response = await crate.Publish(_server.Admin);
        response.EnsureSuccessStatusCode();
        return crate;
    }
}
