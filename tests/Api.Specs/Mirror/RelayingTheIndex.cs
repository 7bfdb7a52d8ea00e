using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Raktar.Testing;

namespace Raktar.Api.Specs.Mirror;

public sealed class RelayingTheIndex : IAsyncLifetime
{
    private Mirroring _mirror = null!;

    public async Task InitializeAsync() => _mirror = await Mirroring.Start();

    public async Task DisposeAsync() => await _mirror.DisposeAsync();

    private static string Line(string version, string more = "") =>
        $$"""{"name":"Odd-Lines","vers":"{{version}}","deps":[],"cksum":"{{new string('a', 64)}}","features":{},"yanked":false{{more}}}""";

    [Fact]
    public async Task The_configuration_leads_here()
    {
        var config = await _mirror.Server.Admin.Json("crates-io/config.json");
        Assert.Equal($$"""{"dl":"{{_mirror.Server.Url}}/crates-io/dl/{crate}/{version}/{sha256-checksum}.crate","auth-required":true}""", config.GetRawText());
        Assert.Empty(_mirror.Upstream.Questions);
    }

    public static TheoryData<string, string> Shapes => new()
    {
        { "as crates.io writes it", Line("1.0.0") + "\n" + Line("1.1.0") + "\n" },
        { "no final newline", Line("1.0.0") + "\n" + Line("1.1.0") },
        { "CRLF", Line("1.0.0") + "\r\n" + Line("1.1.0") + "\r\n" },
        { "blank lines", "\n\n" + Line("1.0.0") + "\n  \n\r\n" + Line("1.1.0") + "\n\n" },
        { "duplicate lines", Line("1.0.0") + "\n" + Line("1.0.0") + "\n" },
        { "v 3, unknown fields, no pubtime or a malformed one", Line("1.0.0", ",\"v\":3,\"features2\":{},\"mood\":[{\"x\":null}],\"pubtime\":\"yesterday\"") + "\n" },
        { "blanks and another order of keys", "{ \"vers\" : \"1.0.0\", \"yanked\": true, \"cksum\": \"" + new string('a', 64) + "\", \"name\":\"odd-lines\" , \"deps\" : [] }\n" },
        { "a line that cargo drops", "{}\n" + Line("1.0.0") + "\n{\"name\":7,\"vers\":[]}\n" },
        { "letters beyond ASCII", Line("1.0.0", ",\"links\":\"žluťoučký \\u0000\"") + "\n" },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task What_upstream_writes_is_relayed_byte_for_byte(string shape, string text)
    {
        Assert.NotEmpty(shape);
        foreach (var gzips in (bool[])[false, true])
        {
            await using var mirror = await Mirroring.Start();
            mirror.Upstream.Gzips = gzips;
            mirror.Upstream.Put("/od/d-/odd-lines", text);
            Assert.Equal(Encoding.UTF8.GetBytes(text), await mirror.Bytes("odd-lines"));
            Assert.Equal(text, await Zipped(mirror));
        }
    }

    [Fact]
    public async Task A_file_of_25_MB_is_relayed_like_any()
    {
        await using var mirror = await Mirroring.Start("--Raktar:Upstreams:0:TimeoutSeconds=20");
        var lines = new StringBuilder();
        for (var i = 0; lines.Length < 25_000_000; i++)
        {
            lines.Append(Line($"1.{i}.0", $$""","filler":"{{new string((char)('a' + (i % 26)), 12_000)}}" """)).Append('\n');
        }

        mirror.Upstream.Put("/od/d-/odd-lines", lines.ToString());
        Assert.Equal(lines.ToString(), Encoding.UTF8.GetString(await mirror.Bytes("odd-lines")));
        Assert.Equal(lines.ToString(), await Zipped(mirror));
        Assert.Equal(1, mirror.Upstream.Asked("/od/d-/odd-lines"));
    }

    [Fact]
    public async Task What_has_not_changed_is_304_and_the_etag_is_of_what_is_served()
    {
        _mirror.Upstream.Put("/od/d-/odd-lines", Line("1.0.0"));
        using var first = await _mirror.File("odd-lines");
        Assert.False(first.Headers.ETag!.IsWeak);
        Assert.Equal("text/plain; charset=utf-8", first.Content.Headers.ContentType!.ToString());
        Assert.Equal("no-cache, private", first.Headers.CacheControl!.ToString());
        Assert.Equal(HttpStatusCode.NotModified, await Conditional(first.Headers.ETag));

        _mirror.Upstream.Put("/od/d-/odd-lines", Line("1.0.0") + "\n" + Line("1.1.0"));
        Assert.Equal(HttpStatusCode.NotModified, await Conditional(first.Headers.ETag));
        _mirror.Clock.Pass(TimeSpan.FromMinutes(11));
        Assert.Equal(HttpStatusCode.OK, await Conditional(first.Headers.ETag));

        async Task<HttpStatusCode> Conditional(EntityTagHeaderValue etag)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "crates-io/od/d-/odd-lines") { Headers = { IfNoneMatch = { etag } } };
            using var answer = await _mirror.Server.Admin.SendAsync(request);
            return answer.StatusCode;
        }
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task It_is_good_for_as_long_as_upstream_says_then_one_question_tells_whether_it_changed(bool etags, bool dates)
    {
        (_mirror.Upstream.HasETags, _mirror.Upstream.HasDates, _mirror.Upstream.CacheControl) = (etags, dates, "max-age=60");
        _mirror.Upstream.Put("/od/d-/odd-lines", Line("1.0.0"));
        await _mirror.Bytes("odd-lines");
        _mirror.Clock.Pass(TimeSpan.FromSeconds(59));
        await _mirror.Bytes("odd-lines");
        Assert.Equal(1, _mirror.Upstream.Asked("/od/d-/odd-lines"));

        _mirror.Clock.Pass(TimeSpan.FromSeconds(2));
        Assert.Equal(Line("1.0.0"), Encoding.UTF8.GetString(await _mirror.Bytes("odd-lines")));
        await _mirror.Bytes("odd-lines");
        Assert.Equal(2, _mirror.Upstream.Asked("/od/d-/odd-lines"));
        var second = _mirror.Upstream.Questions[^1];
        Assert.Equal((etags, dates), (second.IfNoneMatch is { Length: > 0 }, second.IfModifiedSince is { Length: > 0 }));

        _mirror.Upstream.Put("/od/d-/odd-lines", Line("1.0.0") + "\n" + Line("2.0.0"));
        _mirror.Clock.Pass(TimeSpan.FromSeconds(61));
        Assert.Contains("2.0.0", Encoding.UTF8.GetString(await _mirror.Bytes("odd-lines")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_upstream_does_not_say_it_is_good_for_ten_minutes()
    {
        _mirror.Upstream.CacheControl = null;
        _mirror.Upstream.Put("/od/d-/odd-lines", Line("1.0.0"));
        await _mirror.Bytes("odd-lines");
        _mirror.Clock.Pass(TimeSpan.FromSeconds(599));
        await _mirror.Bytes("odd-lines");
        Assert.Equal(1, _mirror.Upstream.Asked("/od/d-/odd-lines"));
        _mirror.Clock.Pass(TimeSpan.FromSeconds(2));
        await _mirror.Bytes("odd-lines");
        Assert.Equal(2, _mirror.Upstream.Asked("/od/d-/odd-lines"));
    }

    [Fact]
    public async Task A_hundred_first_readers_are_one_question()
    {
        _mirror.Upstream.Put("/od/d-/odd-lines", Line("1.0.0"));
        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => _mirror.Bytes("odd-lines")));
        Assert.All(answers, answer => Assert.Equal(Line("1.0.0"), Encoding.UTF8.GetString(answer)));
        Assert.Equal(1, _mirror.Upstream.Asked("/od/d-/odd-lines"));
    }

    [Fact]
    public async Task What_upstream_does_not_have_is_404_and_remembered_for_minutes()
    {
        var missing = (HttpStatusCode.NotFound, "`crates-io` has no crate `nothing`");
        Assert.Equal(missing, await _mirror.Ask("crates-io/no/th/nothing"));
        Assert.Equal(missing, await _mirror.Ask("crates-io/no/th/nothing"));
        Assert.Equal(1, _mirror.Upstream.Asked("/no/th/nothing"));
        _mirror.Upstream.Publish(RawCrate.Of("nothing", "1.0.0"));
        _mirror.Clock.Pass(TimeSpan.FromMinutes(6));
        Assert.Equal(HttpStatusCode.OK, (await _mirror.Ask("crates-io/no/th/nothing")).Status);
    }

    [Theory]
    [InlineData("crates-io/Od/d-/odd-lines")]
    [InlineData("crates-io/od/d-/Odd-Lines")]
    [InlineData("crates-io/od/d_/odd-lines")]
    [InlineData("crates-io/1/odd-lines")]
    [InlineData("crates-io/od/d-/odd%2Dlines")]
    public async Task Only_the_path_that_cargo_computes_is_asked_for(string path)
    {
        _mirror.Upstream.Put("/od/d-/odd-lines", Line("1.0.0"));
        var (status, _) = await _mirror.Ask(path.Replace("%2D", "%252D", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.NotFound, status);
        Assert.Empty(_mirror.Upstream.Questions);
    }

    [Fact]
    public async Task Nobody_reads_it_who_may_not_read_the_registry()
    {
        _mirror.Upstream.Publish(RawCrate.Of("kept-in", "1.0.0"));
        foreach (var path in (string[])["crates-io/config.json", "crates-io/ke/pt/kept-in", "crates-io/dl/kept-in/1.0.0/download"])
        {
            using var answer = await _mirror.Server.Nobody.GetAsync(path);
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        }

        Assert.Empty(_mirror.Upstream.Questions);
    }

    [Fact]
    public async Task Upstream_and_own_crates_are_never_mixed()
    {
        _mirror.Upstream.Publish(RawCrate.Of("theirs", "1.0.0"));
        (await RawCrate.Of("ours-alone", "1.0.0").Publish(_mirror.Server.Admin)).EnsureSuccessStatusCode();
        Assert.Equal(HttpStatusCode.NotFound, (await _mirror.Ask("th/ei/theirs")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await _mirror.Ask("crates-io/ou/rs/ours-alone")).Status);
        Assert.Equal(0, _mirror.Upstream.Asked("/files/ours-alone/ours-alone-1.0.0.crate"));
    }

    [Fact]
    public async Task Internal_names_are_never_asked_for()
    {
        await using var mirror = await Mirroring.Start("--Raktar:Upstreams:0:Internal:0=acme-*", "--Raktar:Upstreams:0:Internal:1=secret");
        mirror.Upstream.Publish(RawCrate.Of("acme-core", "1.0.0"));
        foreach (var name in (string[])["acme-core", "acme_core", "secret"])
        {
            Assert.Equal((HttpStatusCode.NotFound, $"`{name}` is an internal name here: `crates-io` is never asked for it"), await mirror.Ask($"crates-io{FakeUpstream.IndexPath(name)}"));
            Assert.Equal(HttpStatusCode.NotFound, (await mirror.Ask($"crates-io/dl/{name}/1.0.0/download")).Status);
        }

        Assert.Empty(mirror.Upstream.Questions);
    }

    [Fact]
    public async Task Upstream_learns_who_asks_and_whom_to_write_to()
    {
        await using var mirror = await Mirroring.Start("--Raktar:Upstreams:0:Contact=ops@example.com", "--Raktar:Upstreams:0:Token=secret-of-upstream");
        mirror.Upstream.Publish(RawCrate.Of("elsewhere", "1.0.0"));
        await mirror.Bytes("elsewhere");
        var question = Assert.Single(mirror.Upstream.Questions);
        Assert.Matches(@"^raktar/\d+\.\d+\.\d+ \(ops@example\.com\)$", question.UserAgent);
        Assert.Equal("secret-of-upstream", question.Authorization);
    }

    private static async Task<string> Zipped(Mirroring mirror)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "crates-io/od/d-/odd-lines");
        request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("gzip"));
        using var response = await mirror.Server.Admin.SendAsync(request);
        Assert.Equal(["gzip"], response.Content.Headers.ContentEncoding);
        await using var gzip = new GZipStream(await response.Content.ReadAsStreamAsync(), CompressionMode.Decompress);
        using var text = new StreamReader(gzip, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true));
        return await text.ReadToEndAsync();
    }
}
