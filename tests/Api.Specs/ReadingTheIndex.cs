using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using Raktar.Testing;

namespace Raktar.Api.Specs;

public sealed class ReadingTheIndex(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private readonly Server _server = fixture.Server;

    [Fact]
    public async Task The_configuration_says_where_everything_is()
    {
        var config = await _server.Admin.Json("config.json");
        Assert.Equal($$"""{"dl":"{{_server.Url}}/dl/{crate}/{version}/{sha256-checksum}.crate","api":"{{_server.Url}}","auth-required":true}""", config.GetRawText());
    }

    [Fact]
    public async Task What_has_not_changed_is_304_until_it_changes()
    {
        await Publish("unchanged", "1.0.0");
        using var first = await _server.Admin.GetAsync("un/ch/unchanged");
        var etag = first.Headers.ETag!;
        Assert.False(etag.IsWeak);
        Assert.Equal("text/plain; charset=utf-8", first.Content.Headers.ContentType!.ToString());
        Assert.Equal("no-cache, private", first.Headers.CacheControl!.ToString());
        Assert.Equal(["Authorization", "Accept-Encoding"], first.Headers.Vary);

        foreach (var validator in (string[])[etag.Tag, $"W/{etag.Tag}", $"\"other\", {etag.Tag}"])
        {
            using var second = await Conditional("un/ch/unchanged", validator);
            Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
            Assert.Empty(await second.Content.ReadAsByteArrayAsync());
            Assert.Equal(etag, second.Headers.ETag);
        }

        (await _server.Admin.DeleteAsync("api/v1/crates/unchanged/1.0.0/yank")).EnsureSuccessStatusCode();
        using var third = await Conditional("un/ch/unchanged", etag.Tag);
        Assert.Equal(HttpStatusCode.OK, third.StatusCode);
        Assert.Contains("\"yanked\":true", await third.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_is_gzipped_when_asked_for()
    {
        await Publish("zipped", "1.0.0");
        using var request = new HttpRequestMessage(HttpMethod.Get, "zi/pp/zipped");
        request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("gzip"));
        using var response = await _server.Admin.SendAsync(request);
        Assert.Equal(["gzip"], response.Content.Headers.ContentEncoding);
        await using var gzip = new GZipStream(await response.Content.ReadAsStreamAsync(), CompressionMode.Decompress);
        using var text = new StreamReader(gzip);
        Assert.Equal(await _server.Admin.GetStringAsync("zi/pp/zipped"), await text.ReadToEndAsync());
        using var again = await Conditional("zi/pp/zipped", response.Headers.ETag!.Tag);
        Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
    }

    [Theory]
    [InlineData("mi/xe/Mixed-Case")]
    [InlineData("Mi/xe/mixed-case")]
    [InlineData("mi/xe/mixed_case")]
    [InlineData("mi/xx/mixed-case")]
    [InlineData("3/m/mixed-case")]
    [InlineData("1/mixed-case")]
    [InlineData("mi/xe/mixed-case2")]
    [InlineData("mi/xe/m%C3%A4xed")]
    [InlineData("mi/xe/..%2Fconfig.json")]
    public async Task Only_the_path_that_cargo_computes_is_found(string path)
    {
        await Publish("Mixed-Case", "1.0.0");
        using var found = await _server.Admin.GetAsync("mi/xe/mixed-case");
        Assert.Equal(HttpStatusCode.OK, found.StatusCode);
        using var response = await _server.Admin.GetAsync(path);
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("text/plain; charset=utf-8", response.Content.Headers.ContentType!.ToString());
    }

    [Theory]
    [InlineData("a", "1/a")]
    [InlineData("Bc", "2/bc")]
    [InlineData("dEf", "3/d/def")]
    public async Task Short_names_have_paths_of_their_own(string name, string path)
    {
        await Publish(name, "1.0.0-rc.1+b.2");
        Assert.StartsWith($$"""{"name":"{{name}}","vers":"1.0.0-rc.1+b.2",""", await _server.Admin.GetStringAsync(path), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("new", "3/n/new")]
    [InlineData("dlib", "dl/ib/dlib")]
    [InlineData("atty", "at/ty/atty")]
    [InlineData("me", "2/me")]
    [InlineData("api", "3/a/api")]
    [InlineData("health", "he/al/health")]
    [InlineData("versions", "ve/rs/versions")]
    [InlineData("owners", "ow/ne/owners")]
    public async Task A_crate_may_be_called_like_a_route(string name, string path)
    {
        var crate = await Publish(name, "1.0.0");
        Assert.StartsWith($$"""{"name":"{{name}}",""", await _server.Admin.GetStringAsync(path), StringComparison.Ordinal);
        Assert.Equal(crate.File, await _server.Admin.GetByteArrayAsync($"dl/{name}/1.0.0/{RawCrate.Checksum(crate.File)}.crate"));
        Assert.Equal(name, (await _server.Admin.Json($"api/v1/crates/{name}")).GetProperty("crate").GetProperty("name").GetString());
        (await _server.Admin.DeleteAsync($"api/v1/crates/{name}/1.0.0/yank")).EnsureSuccessStatusCode();
    }

    [Fact]
    public async Task A_crate_file_can_be_asked_for_in_parts_and_kept_for_ever()
    {
        var crate = await Publish("parts", "1.0.0");
        var path = $"dl/parts/1.0.0/{RawCrate.Checksum(crate.File)}.crate";
        using var whole = await _server.Admin.GetAsync(path);
        Assert.Equal(crate.File, await whole.Content.ReadAsByteArrayAsync());
        Assert.Equal(crate.File.Length, whole.Content.Headers.ContentLength);
        Assert.Equal("application/gzip", whole.Content.Headers.ContentType!.ToString());
        Assert.Equal("attachment", whole.Content.Headers.ContentDisposition!.DispositionType);
        Assert.Equal($"\"{RawCrate.Checksum(crate.File)}\"", whole.Headers.ETag!.Tag);
        Assert.Contains("immutable", whole.Headers.GetValues("Cache-Control").Single(), StringComparison.Ordinal);
        Assert.Contains("private", whole.Headers.GetValues("Cache-Control").Single(), StringComparison.Ordinal);
        Assert.Empty(whole.Content.Headers.ContentEncoding);

        using var ranged = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { Range = new RangeHeaderValue(10, 19) } };
        using var part = await _server.Admin.SendAsync(ranged);
        Assert.Equal(HttpStatusCode.PartialContent, part.StatusCode);
        Assert.Equal(crate.File[10..20], await part.Content.ReadAsByteArrayAsync());

        using var head = await _server.Admin.SendAsync(new HttpRequestMessage(HttpMethod.Head, path));
        Assert.Equal((HttpStatusCode.OK, (long?)crate.File.Length), (head.StatusCode, head.Content.Headers.ContentLength));
        using var cached = await Conditional(path, whole.Headers.ETag.Tag);
        Assert.Equal(HttpStatusCode.NotModified, cached.StatusCode);
    }

    [Fact]
    public async Task Small_and_large_crate_files_are_answered_alike()
    {
        var large = RawCrate.Of("large-file", "1.0.0-rc.1+b.2", files: new Dictionary<string, byte[]>(StringComparer.Ordinal)
        {
            ["src/data.bin"] = [.. Enumerable.Range(0, 20_000).SelectMany(i => BitConverter.GetBytes(i * 2_654_435_761))],
        });
        Assert.InRange(large.File.Length, 140_000, 1_000_000);
        (await large.Publish(_server.Admin)).EnsureSuccessStatusCode();
        var answers = new List<string>();
        foreach (var crate in (RawCrate[])[await Publish("small-file", "1.0.0-rc.1+b.2"), large])
        {
            var checksum = RawCrate.Checksum(crate.File);
            using var whole = await _server.Admin.GetAsync($"dl/{crate.Name}/{crate.Version}/{checksum}.crate");
            Assert.Equal(crate.File, await whole.Content.ReadAsByteArrayAsync());
            var headers = whole.Headers.Concat(whole.Content.Headers).Where(header => header.Key != "Date").OrderBy(header => header.Key, StringComparer.Ordinal);
            answers.Add(string.Join('\n', headers.Select(header => $"{header.Key}: {string.Join(", ", header.Value)}"))
                .Replace(checksum, "CHECKSUM", StringComparison.Ordinal)
                .Replace(crate.Name, "NAME", StringComparison.Ordinal)
                .Replace($"Content-Length: {crate.File.Length}", "Content-Length: ALL", StringComparison.Ordinal));
        }

        Assert.Equal(answers[1], answers[0]);
    }

    [Fact]
    public async Task A_crate_file_is_found_only_under_its_own_name_version_and_checksum()
    {
        var crate = await Publish("only-so", "1.0.0");
        var checksum = RawCrate.Checksum(crate.File);
        foreach (var path in (string[])
        [
            $"dl/only-so/1.0.1/{checksum}.crate", $"dl/other/1.0.0/{checksum}.crate", $"dl/only-so/1.0.0/{new string('0', 64)}.crate",
            $"dl/only-so/1.0.0/{checksum}", $"dl/only-so/1.0.0/{checksum.ToUpperInvariant()}.crate", $"dl/only-so/1/{checksum}.crate", $"dl/..%2f..%2fx/1.0.0/{checksum}.crate",
        ])
        {
            using var response = await _server.Admin.GetAsync(path);
            Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        }
    }

    [Fact]
    public async Task Head_answers_what_get_would()
    {
        await Publish("headed", "1.0.0");
        foreach (var path in (string[])["he/ad/headed", "config.json", "no/ne/none", "health", "me", "api/v1/me", "api/v1/crates", "api/v1/crates/headed", "api/v1/crates/nothing"])
        {
            using var get = await _server.Admin.GetAsync(path);
            using var head = await _server.Admin.SendAsync(new HttpRequestMessage(HttpMethod.Head, path));
            Assert.Equal((get.StatusCode, get.Content.Headers.ContentLength), (head.StatusCode, head.Content.Headers.ContentLength));
            Assert.Equal(get.Headers.ETag, head.Headers.ETag);
            Assert.Empty(await head.Content.ReadAsByteArrayAsync());
        }
    }

    [Fact]
    public async Task A_public_registry_is_read_without_a_token_and_written_with_one()
    {
        await using var open = await Server.Start("--Raktar:Public=true");
        (await RawCrate.Of("open", "1.0.0").Publish(open.Admin)).EnsureSuccessStatusCode();
        Assert.False((await open.Nobody.Json("config.json")).GetProperty("auth-required").GetBoolean());
        Assert.Contains("\"open\"", await open.Nobody.GetStringAsync("op/en/open"), StringComparison.Ordinal);
        await open.Nobody.Json("api/v1/crates?q=open");
        using var publish = await RawCrate.Of("open", "2.0.0").Publish(open.Nobody);
        Assert.Equal(HttpStatusCode.Unauthorized, publish.StatusCode);
        await open.Nobody.Json("api/v1/crates/open/owners");
    }

    [Fact]
    public async Task Caches_of_several_people_keep_what_is_for_all_and_not_for_long()
    {
        await using var open = await Server.Start("--Raktar:Public=true");
        var crate = RawCrate.Of("kept", "1.0.0");
        (await crate.Publish(open.Admin)).EnsureSuccessStatusCode();
        var file = $"dl/kept/1.0.0/{RawCrate.Checksum(crate.File)}.crate";
        Assert.Equal("public, max-age=3600", await Caching(open.Nobody, file));
        Assert.Equal("private, max-age=31536000, immutable", await Caching(open.Admin, file));
        Assert.Equal("public, no-cache", await Caching(open.Nobody, "ke/pt/kept"));
        Assert.Equal("private, no-cache", await Caching(open.Admin, "ke/pt/kept"));

        static async Task<string> Caching(HttpClient client, string path)
        {
            using var answer = await client.GetAsync(path);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            return answer.Headers.NonValidated["Cache-Control"].ToString();
        }
    }

    private async Task<RawCrate> Publish(string name, string version)
    {
        var crate = RawCrate.Of(name, version);
        using var response = await crate.Publish(_server.Admin);
        response.EnsureSuccessStatusCode();
        return crate;
    }

    private async Task<HttpResponseMessage> Conditional(string path, string validator)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("If-None-Match", validator);
        return await _server.Admin.SendAsync(request);
    }
}
