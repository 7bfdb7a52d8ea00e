using System.IO.Compression;
using System.Text;
using Raktar.Api.Web.Frame;
using Raktar.Testing;

namespace Raktar.Api.Specs.Tools;

/// <summary>RFC 9110, 12.5.3: whatever is answered is in a coding that the client takes, by the weights that it gives.</summary>
public sealed class AcceptingCodings(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private readonly Server _server = fixture.Server;

    [Theory]
    [InlineData(null, false)]
    [InlineData("", false)]
    [InlineData("gzip", true)]
    [InlineData("deflate, gzip", true)]
    [InlineData("GZIP", true)]
    [InlineData("br, zstd", false)]
    [InlineData("gzipped", false)]
    [InlineData("gzip;q=0", false)]
    [InlineData("gzip;q=0.000", false)]
    [InlineData("gzip; q=0", false)]
    [InlineData("gzip;Q=0", false)]
    [InlineData("gzip;q=0.001", true)]
    [InlineData("gzip;q=1.0, identity; q=0.5, *;q=0", true)]
    [InlineData("gzip;q=0.5, identity", false)]
    [InlineData("gzip;q=0, *", false)]
    [InlineData("*", true)]
    [InlineData("*;q=0", false)]
    [InlineData("identity;q=0", false)]
    [InlineData("identity;q=0, gzip", true)]
    [InlineData("identity", false)]
    [InlineData("gzip;q=nonsense", false)]
    [InlineData("gzip;q=2", false)]
    [InlineData("gzip;level=9", false)]
    [InlineData(",, ;, gzip", true)]
    public async Task Index_pages_and_assets_are_gzipped_when_they_may_be(string? acceptEncoding, bool isGzipped)
    {
        using var published = await RawCrate.Of("coded", "1.0.0").Publish(_server.Admin);
        published.EnsureSuccessStatusCode();
        foreach (var (path, holds) in new[] { ("co/de/coded", "\"coded\""), ("crates/coded", "<h1"), (WebAssets.Path("raktar.css").TrimStart('/'), "{"), ($"at/{Now}/co/de/coded", "\"coded\"") })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            if (acceptEncoding is not null)
            {
                request.Headers.TryAddWithoutValidation("Accept-Encoding", acceptEncoding);
            }

            using var answer = await _server.Admin.SendAsync(request);
            Assert.Equal(isGzipped ? ["gzip"] : [], answer.Content.Headers.ContentEncoding);
            Assert.Contains("Accept-Encoding", answer.Headers.Vary);
            var bytes = await answer.Content.ReadAsByteArrayAsync();
            Assert.Contains(holds, isGzipped ? Unpacked(bytes) : Encoding.UTF8.GetString(bytes), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("gzip;q=0")]
    [InlineData("gzip")]
    [InlineData("*;q=0")]
    public async Task What_is_only_there_plain_is_plain(string acceptEncoding)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "api/v1/crates");
        request.Headers.TryAddWithoutValidation("Accept-Encoding", acceptEncoding);
        using var answer = await _server.Admin.SendAsync(request);
        Assert.Empty(answer.Content.Headers.ContentEncoding);
        Assert.StartsWith("{\"crates\":", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private static string Now => TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", System.Globalization.CultureInfo.InvariantCulture);

    private static string Unpacked(byte[] bytes)
    {
        using var gzip = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress);
        using var text = new StreamReader(gzip);
        return text.ReadToEnd();
    }
}
