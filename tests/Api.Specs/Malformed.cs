using System.Net;
using System.Net.Sockets;
using System.Text;
using Raktar.Testing;

namespace Raktar.Api.Specs;

/// <summary>No request, however malformed, is answered 5xx or not at all. The seeds are fixed, so a failure can be repeated.</summary>
[Trait("Needs", "seconds")]
public sealed class Malformed(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private readonly Server _server = fixture.Server;

    [Fact]
    public async Task A_damaged_upload_is_refused_or_taken()
    {
        var random = new Random(20261122);
        var good = RawCrate.Of("damaged", "1.0.0", manifest: "[features]\ndefault = [\"a\"]\na = []\n").Body(metadata =>
            metadata["features"] = new Dictionary<string, string[]>(StringComparer.Ordinal) { ["default"] = ["a"], ["a"] = [] });
        var statuses = new Dictionary<HttpStatusCode, int>();
        for (var i = 0; i < 1500; i++)
        {
            var body = Damage(good, random);
            using var content = new ByteArrayContent(body);
            using var response = await _server.Admin.PutAsync("api/v1/crates/new", content);
            var text = await response.Content.ReadAsStringAsync();
            Assert.True((int)response.StatusCode < 500, $"round {i}: {response.StatusCode} {text}");
            statuses[response.StatusCode] = statuses.GetValueOrDefault(response.StatusCode) + 1;
        }

        // Had nothing or everything passed, this would have proved little.
        Assert.True(statuses[HttpStatusCode.BadRequest] > 500);
    }

    [Fact]
    public async Task A_strange_request_line_or_header_is_answered()
    {
        var random = new Random(7);
        string[] methods = ["GET", "PUT", "DELETE", "POST", "HEAD", "OPTIONS", "PATCH", "TRACE", "FOO", "get"];
        string[] paths =
        [
            "/", "//", "/config.json", "/config.json/", "/1/a", "/se/rd/serde", "/SE/RD/SERDE", "/../../etc/passwd", "/%2e%2e/%2e%2e/x", "/a%00b", "/%", "/%zz",
            "/%ff%fe", "/api", "/api/", "/api/v1/crates?q=%F0%28%8C%28", "/api/v1/crates?q=%00", "/api/v1/crates?per_page=99999999999999999999", "/api/v1/crates?ids[]=a&ids[]=",
            "/api/v1/crates/new", "/api/v1/crates//yank", "/api/v1/crates/a/1.0.0/yank", "/api/v1/crates/a/1.0.0+b/yank?message=%0a", "/api/v1/accounts/%20/tokens",
            "/api/v1/accounts/a/tokens/99999999999", "/dl/a/1.0.0/x.crate", "/dl/a/b/c/d/e/f", "/api/openapi.json", "/health/ready", "/" + new string('a', 4000), "*", "http://other/config.json",
        ];
        string[] headers =
        [
            "Authorization: ", "Authorization: \u00e9", "If-None-Match: \"", "If-None-Match: *", "Range: bytes=5-1", "Range: bytes=-1", "Range: x", "Content-Length: 0", "Transfer-Encoding: chunked",
            "Expect: 100-continue", "Content-Type: application/json", "Content-Type: x", "Accept-Encoding: gzip;q=0, \u00ff", "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA",
            "User-Agent: " + new string('u', 3000), "X: y",
        ];
        var token = _server.Admin.DefaultRequestHeaders.GetValues("Authorization").Single();
        for (var i = 0; i < 600; i++)
        {
            var request = $"{Pick(methods)} {Pick(paths)} HTTP/1.1\r\nHost: x\r\n{(i % 2 == 0 ? $"Authorization: {token}\r\n" : string.Empty)}{Pick(headers)}\r\nConnection: close\r\n\r\n0\r\n\r\n";
            var status = await Send(request);
            Assert.True(status is >= 100 and < 500, $"{status} for {request}");
        }

        string Pick(string[] from) => from[random.Next(from.Length)];
    }

    private static byte[] Damage(byte[] good, Random random)
    {
        var body = good.ToList();
        for (var times = random.Next(1, 4); times > 0; times--)
        {
            var at = random.Next(body.Count);
            switch (random.Next(5))
            {
                case 0:
                    body[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    body.RemoveRange(at, Math.Min(random.Next(1, 50), body.Count - at));
                    break;
                case 2:
                    body.InsertRange(at, Enumerable.Range(0, random.Next(1, 50)).Select(_ => (byte)random.Next(256)));
                    break;
                case 3:
                    body[random.Next(4)] = (byte)random.Next(256);
                    break;
                default:
                    body.InsertRange(at, body.GetRange(0, Math.Min(body.Count, 40)));
                    break;
            }

            if (body.Count == 0)
            {
                body.Add(0);
            }
        }

        return [.. body];
    }

    private async Task<int> Send(string request)
    {
        using var tcp = new TcpClient();
        var url = new Uri(_server.Url);
        await tcp.ConnectAsync(url.Host, url.Port);
        await using var stream = tcp.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request));
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var answer = new byte[64];
        var read = await stream.ReadAtLeastAsync(answer, 12, throwOnEndOfStream: false, deadline.Token);
        return read >= 12 ? int.Parse(Encoding.ASCII.GetString(answer, 9, 3), System.Globalization.CultureInfo.InvariantCulture) : 0;
    }
}
