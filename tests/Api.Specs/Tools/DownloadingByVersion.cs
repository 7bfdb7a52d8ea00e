using System.Net;
using System.Net.Sockets;
using System.Text;
using Raktar.Testing;

namespace Raktar.Api.Specs.Tools;

/// <summary>What programs other than cargo make of `dl`: nixpkgs, rustwide (docs.rs), tame-index (cargo-deny, cargo-edit) and whatever was written for crates.io.</summary>
public sealed class DownloadingByVersion(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private readonly Server _server = fixture.Server;

    public static TheoryData<string> Forms => ["download", "{sha256-checksum}.crate", "%7Bsha256-checksum%7D.crate", "%7bsha256-checksum%7d", "{sha256-checksum}"];

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task Every_form_gives_the_versions_bytes_now_and_then(string form)
    {
        var (first, second) = await Published("by-form");
        foreach (var (version, crate) in new[] { ("1.0.0", first), ("1.1.0+meta", second) })
        {
            foreach (var path in (string[])[$"/dl/by-form/{version}/{form}", $"/at/{Now}/dl/by-form/{version}/{form}"])
            {
                var (status, headers, body) = await Raw(path);
                Assert.Equal((200, true), (status, body.AsSpan().SequenceEqual(crate.File)));
                Assert.Contains($"ETag: \"{RawCrate.Checksum(crate.File)}\"", headers, StringComparison.OrdinalIgnoreCase);
            }
        }
    }

    [Fact]
    public async Task Only_an_address_with_a_checksum_may_be_kept_without_asking_again()
    {
        var (crate, _) = await Published("kept");
        using var forEver = await _server.Admin.GetAsync($"dl/kept/1.0.0/{RawCrate.Checksum(crate.File)}.crate");
        Assert.Equal("max-age=31536000, private, immutable", forEver.Headers.CacheControl!.ToString());
        using var asked = await _server.Admin.GetAsync("dl/kept/1.0.0/download");
        Assert.Equal("no-cache, private", asked.Headers.CacheControl!.ToString());

        using var again = new HttpRequestMessage(HttpMethod.Get, "dl/kept/1.0.0/download");
        again.Headers.IfNoneMatch.Add(asked.Headers.ETag!);
        using var unchanged = await _server.Admin.SendAsync(again);
        Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);
    }

    [Theory]
    [InlineData("dl/not-there/1.0.0/download")]
    [InlineData("dl/lonely/1.0.1/download")]
    [InlineData("dl/lonely/1/download")]
    [InlineData("dl/lonely/1.0.0/Download")]
    [InlineData("dl/lonely/1.0.0/{sha256}.crate")]
    public async Task What_is_not_there_is_404(string path)
    {
        await Published("lonely");
        using var answer = await _server.Admin.GetAsync(path);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task A_version_that_was_deleted_or_not_published_then_is_not_downloaded()
    {
        var before = Now;
        await Published("going");
        using var then = await _server.Admin.GetAsync($"at/{before}/dl/going/1.0.0/download");
        Assert.Equal(HttpStatusCode.NotFound, then.StatusCode);
        using var deleted = await _server.Admin.DeleteAsync("api/v1/crates/going/1.0.0?message=spec");
        deleted.EnsureSuccessStatusCode();
        foreach (var path in (string[])["dl/going/1.0.0/download", $"at/{Now}/dl/going/1.0.0/download"])
        {
            using var gone = await _server.Admin.GetAsync(path);
            Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
        }
    }

    private static string Now => TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", System.Globalization.CultureInfo.InvariantCulture);

    private async Task<(RawCrate First, RawCrate Second)> Published(string name)
    {
        var crates = (RawCrate.Of(name, "1.0.0"), RawCrate.Of(name, "1.1.0+meta"));
        foreach (var crate in (RawCrate[])[crates.Item1, crates.Item2])
        {
            // The same bytes again are no fault.
            using var published = await crate.Publish(_server.Admin);
            Assert.True(published.IsSuccessStatusCode, await published.Content.ReadAsStringAsync());
        }

        return crates;
    }

    /// <summary>As it is written: a client library would encode the braces.</summary>
    private async Task<(int Status, string Headers, byte[] Body)> Raw(string path)
    {
        var (url, token) = (new Uri(_server.Url), _server.Admin.DefaultRequestHeaders.GetValues("Authorization").Single());
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(url.Host, url.Port);
        await using var stream = tcp.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: {url.Authority}\r\nAuthorization: {token}\r\nConnection: close\r\n\r\n"));
        using var answer = new MemoryStream();
        await stream.CopyToAsync(answer);
        var bytes = answer.ToArray();
        var end = bytes.AsSpan().IndexOf("\r\n\r\n"u8);
        var headers = Encoding.ASCII.GetString(bytes, 0, end);
        return (int.Parse(headers.AsSpan(9, 3), System.Globalization.CultureInfo.InvariantCulture), headers, bytes[(end + 4)..]);
    }
}
