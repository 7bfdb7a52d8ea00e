using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using Raktar.Testing;

namespace Raktar.Api.Specs;

public sealed class Publishing(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private readonly Server _server = fixture.Server;

    [Fact]
    public async Task A_published_version_is_in_the_index_before_the_answer()
    {
        var crate = RawCrate.Of("at-once", "1.0.0+b.1");
        using var response = await crate.Publish(_server.Admin);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(
            """{"warnings":{"invalid_categories":[],"invalid_badges":[],"other":[]}}""",
            await response.Content.ReadAsStringAsync());
        var line = await _server.Admin.GetStringAsync("at/-o/at-once");
        Assert.Contains($"\"vers\":\"1.0.0+b.1\",\"deps\":[],\"cksum\":\"{RawCrate.Checksum(crate.File)}\"", line, StringComparison.Ordinal);
        Assert.Equal(crate.File, await _server.Admin.GetByteArrayAsync($"dl/at-once/1.0.0+b.1/{RawCrate.Checksum(crate.File)}.crate"));
    }

    [Fact]
    public async Task The_same_again_succeeds_and_other_bytes_are_refused()
    {
        (await RawCrate.Of("again", "1.0.0").Publish(_server.Admin)).EnsureSuccessStatusCode();
        using var same = await RawCrate.Of("again", "1.0.0").Publish(_server.Admin);
        Assert.Equal(HttpStatusCode.OK, same.StatusCode);
        using var other = await RawCrate.Of("again", "1.0.0", "other").Publish(_server.Admin);
        Assert.Equal((HttpStatusCode.Conflict, "crate version `again@1.0.0` is already uploaded"), await other.Error());
        using var metadata = await RawCrate.Of("again", "1.0.0+meta").Publish(_server.Admin);
        Assert.Equal((HttpStatusCode.Conflict, "crate version `again@1.0.0+meta` is already uploaded"), await metadata.Error());
        Assert.Single((await _server.Admin.GetStringAsync("ag/ai/again")).Trim().Split('\n'));
    }

    [Fact]
    public async Task Another_spelling_is_refused()
    {
        (await RawCrate.Of("Spelled-so", "1.0.0").Publish(_server.Admin)).EnsureSuccessStatusCode();
        foreach (var spelling in (string[])["spelled-so", "Spelled_so"])
        {
            using var response = await RawCrate.Of(spelling, "2.0.0").Publish(_server.Admin);
            Assert.Equal((HttpStatusCode.Conflict, "crate is already registered as `Spelled-so`"), await response.Error());
        }
    }

    [Fact]
    public async Task A_stranger_is_refused_before_the_crate_file_is_sent()
    {
        (await RawCrate.Of("anns", "1.0.0").Publish(_server.Admin)).EnsureSuccessStatusCode();
        var bob = await _server.Account("bob-stranger");

        // Only the metadata arrives; a server that waited for the rest would not answer.
        var metadata = RawCrate.Of("anns", "2.0.0").Metadata();
        var (status, body) = await SendPart(bob, [.. Length(metadata.Length), .. metadata], announced: 100_000);
        Assert.Equal("403", status);
        Assert.Contains("you are not an owner of `anns`", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reader_may_not_publish()
    {
        using var response = await RawCrate.Of("readers", "1.0.0").Publish(await _server.Account("a-reader", "reader"));
        Assert.Equal((HttpStatusCode.Forbidden, "the account `a-reader` is a reader; this needs the role member"), await response.Error());
    }

    public static TheoryData<string, int, string> Frames()
    {
        var crate = RawCrate.Of("framed", "1.0.0");
        var metadata = crate.Metadata();
        return new()
        {
            { "", 400, "metadata length is missing or truncated" },
            { "010203", 400, "metadata length is missing or truncated" },
            { "00000000", 400, "metadata is empty" },
            { "0a0000007b7d", 400, "metadata truncated: expected 10 bytes, got 2" },
            { "ffffffff7b7d", 413, "metadata is 4294967295 bytes (max 1048576)" },
            { Hex([.. Length(2), (byte)'{', (byte)'}']), 400, "metadata field `name` is missing" },
            { Hex([.. Length(metadata.Length), .. metadata, 1, 2]), 400, "crate length truncated" },
            { Hex([.. Length(metadata.Length), .. metadata, 0, 0, 0, 0]), 400, "crate file is empty" },
            { Hex([.. Length(metadata.Length), .. metadata, 0xff, 0xff, 0xff, 0xff]), 413, "crate file is 4294967295 bytes (max 200000)" },
            { Hex([.. Length(metadata.Length), .. metadata, .. Length(5000), 1, 2, 3]), 400, "crate file truncated: expected 5000 bytes, got 3" },
            { Hex([.. RawCrate.Frame(metadata, crate.File)[..^20]]), 400, $"crate file truncated: expected {crate.File.Length} bytes, got {crate.File.Length - 20}" },
            { Hex([.. RawCrate.Frame(metadata, crate.File), 9]), 400, "1 unexpected bytes after crate file" },
            { Hex(RawCrate.Frame(metadata, "no gzip at all, but long enough for a header"u8.ToArray())), 400, "crate file is not a valid gzip archive" },
            { Hex(RawCrate.Frame([0xff, 0xfe], crate.File)), 400, "metadata is not valid" },
        };

        static string Hex(byte[] bytes) => Convert.ToHexString(bytes);
    }

    [Theory]
    [MemberData(nameof(Frames))]
    public async Task A_broken_frame_is_told_why_and_changes_nothing(string hex, int status, string sentence)
    {
        using var content = new ByteArrayContent(Convert.FromHexString(hex));
        using var response = await _server.Admin.PutAsync("api/v1/crates/new", content);
        var error = await response.Error();
        Assert.Equal(status, (int)error.Status);
        Assert.StartsWith(sentence, error.Detail, StringComparison.Ordinal);
        using var index = await _server.Admin.GetAsync("fr/am/framed");
        Assert.Equal(HttpStatusCode.NotFound, index.StatusCode);
    }

    [Fact]
    public async Task A_chunked_upload_is_taken()
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, "api/v1/crates/new") { Content = new ByteArrayContent(RawCrate.Of("chunked", "1.0.0").Body()) };
        request.Headers.TransferEncodingChunked = true;
        using var response = await _server.Admin.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task A_content_coding_is_refused()
    {
        using var content = new ByteArrayContent(RawCrate.Of("coded", "1.0.0").Body());
        content.Headers.ContentEncoding.Add("gzip");
        using var response = await _server.Admin.PutAsync("api/v1/crates/new", content);
        Assert.Equal((HttpStatusCode.UnsupportedMediaType, "content encoding `gzip` is not supported"), await response.Error());
    }

    [Fact]
    public async Task Metadata_that_disagrees_with_the_manifest_is_refused()
    {
        using var content = new ByteArrayContent(RawCrate.Of("honest", "1.0.0").Body(metadata => metadata["vers"] = "2.0.0"));
        using var response = await _server.Admin.PutAsync("api/v1/crates/new", content);
        Assert.Equal(HttpStatusCode.BadRequest, (await response.Error()).Status);
    }

    [Fact]
    public async Task A_dependency_that_is_not_here_is_refused()
    {
        var manifest = $"""
            [dependencies.nowhere]
            version = "1.0"
            registry-index = "sparse+{_server.Url}/"

            """;
        var crate = RawCrate.Of("lonely", "1.0.0", manifest: manifest);
        using var content = new ByteArrayContent(crate.Body(metadata => metadata["deps"] = new[]
        {
            new { name = "nowhere", version_req = "^1.0", features = Array.Empty<string>(), optional = false, default_features = true, target = (string?)null, kind = "normal" },
        }));
        using var response = await _server.Admin.PutAsync("api/v1/crates/new", content);
        Assert.Equal((HttpStatusCode.BadRequest, "dependency `nowhere` is not in this registry"), await response.Error());
    }

    [Fact]
    public async Task A_client_that_stops_sending_is_given_up()
    {
        var metadata = RawCrate.Of("slow", "1.0.0").Metadata();
        var (status, body) = await SendPart(_server.Admin, [.. Length(metadata.Length), .. metadata, .. Length(1000), 0x1f], announced: 100_000);
        Assert.Equal("408", status);
        Assert.Contains("\"errors\"", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_many_who_publish_one_version_with_different_bytes_one_wins()
    {
        var crates = Enumerable.Range(0, 30).Select(i => RawCrate.Of("raced", "1.0.0", $"{i}")).ToList();
        var responses = await Task.WhenAll(crates.Select(crate => crate.Publish(_server.Admin)));
        var winner = Assert.Single(crates.Zip(responses), pair => pair.Second.StatusCode == HttpStatusCode.OK).First;
        Assert.Equal(29, responses.Count(response => response.StatusCode == HttpStatusCode.Conflict));
        Assert.Contains(RawCrate.Checksum(winner.File), await _server.Admin.GetStringAsync("ra/ce/raced"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_who_publish_different_versions_of_one_crate_at_once_succeed()
    {
        var responses = await Task.WhenAll(Enumerable.Range(0, 30).Select(i => RawCrate.Of("together", $"1.0.{i}").Publish(_server.Admin)));
        Assert.All(responses, response => Assert.Equal(HttpStatusCode.OK, response.StatusCode));
        Assert.Equal(30, (await _server.Admin.GetStringAsync("to/ge/together")).Trim().Split('\n').Length);
    }

    private static byte[] Length(int length)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, (uint)length);
        return bytes;
    }

    /// <summary>Sends only the beginning of an announced body and waits for the answer.</summary>
    private async Task<(string Status, string Body)> SendPart(HttpClient who, byte[] part, int announced)
    {
        using var tcp = new TcpClient();
        var url = new Uri(_server.Url);
        await tcp.ConnectAsync(url.Host, url.Port);
        await using var stream = tcp.GetStream();
        var head = $"PUT /api/v1/crates/new HTTP/1.1\r\nHost: {url.Authority}\r\nAuthorization: {who.DefaultRequestHeaders.GetValues("Authorization").Single()}\r\nContent-Length: {announced}\r\n\r\n";
        await stream.WriteAsync((byte[])[.. Encoding.ASCII.GetBytes(head), .. part]);
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var answer = new StringBuilder();
        var buffer = new byte[4096];
        while (!answer.ToString().Contains("}]}", StringComparison.Ordinal))
        {
            var read = await stream.ReadAsync(buffer, deadline.Token);
            if (read == 0)
            {
                break;
            }

            answer.Append(Encoding.UTF8.GetString(buffer, 0, read));
        }

        return (answer.ToString().Split(' ')[1], answer.ToString());
    }
}
