using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Raktar.Testing;

namespace Raktar.Api.Specs;

/// <summary>Crate files of all sizes, as builds read them: over HTTP/1.1, and over HTTP/2 with TLS.</summary>
public sealed class Downloading : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("raktar-tls-");
    private Server _server = null!;
    private HttpClient _secure = null!;

    public async Task InitializeAsync()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), new(2126, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var thumbprint = certificate.Thumbprint;
        var path = Path.Combine(_folder.FullName, "certificate.pfx");
        await File.WriteAllBytesAsync(path, certificate.Export(X509ContentType.Pfx));
        var (plain, secure) = (Server.FreeUrl(), Server.FreeUrl().Replace("http:", "https:", StringComparison.Ordinal));
        _server = await Server.StartAt(
            plain, $"--Kestrel:Endpoints:Plain:Url={plain}", $"--Kestrel:Endpoints:Secure:Url={secure}", $"--Kestrel:Endpoints:Secure:Certificate:Path={path}");
        _secure = new(new SocketsHttpHandler { SslOptions = new() { RemoteCertificateValidationCallback = (_, given, _, _) => given!.GetCertHashString() == thumbprint } })
        {
            BaseAddress = new Uri(secure + "/"),
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        _secure.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", _server.Admin.DefaultRequestHeaders.NonValidated["Authorization"].ToString());
    }

    public async Task DisposeAsync()
    {
        _secure.Dispose();
        await _server.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(15_000)]
    [InlineData(16_300)]
    [InlineData(33_000)]
    [InlineData(65_000)]
    [InlineData(66_000)]
    [InlineData(140_000)]
    [InlineData(1_000_000)]
    public async Task A_crate_file_comes_whole_and_in_parts(int size)
    {
        // Bytes that gzip makes no smaller.
        var bytes = new byte[size];
        new Random(size).NextBytes(bytes);
        var crate = RawCrate.Of("sized", "1.0.0", files: new Dictionary<string, byte[]> { ["data"] = bytes });
        (await crate.Publish(_server.Admin)).EnsureSuccessStatusCode();
        var path = $"dl/sized/1.0.0/{RawCrate.Checksum(crate.File)}.crate";
        foreach (var client in (HttpClient[])[_server.Admin, _secure, _server.Admin, _secure])
        {
            Assert.Equal(crate.File, await client.GetByteArrayAsync(path));
            using var head = await client.SendAsync(new(HttpMethod.Head, path) { Version = client.DefaultRequestVersion });
            Assert.Equal((HttpStatusCode.OK, crate.File.Length), (head.StatusCode, head.Content.Headers.ContentLength));
            using var ranged = new HttpRequestMessage(HttpMethod.Get, path) { Version = client.DefaultRequestVersion };
            ranged.Headers.Range = new RangeHeaderValue(crate.File.Length / 3, crate.File.Length - 2);
            using var part = await client.SendAsync(ranged);
            Assert.Equal(HttpStatusCode.PartialContent, part.StatusCode);
            Assert.Equal(crate.File[(crate.File.Length / 3)..^1], await part.Content.ReadAsByteArrayAsync());
            using var known = new HttpRequestMessage(HttpMethod.Get, path) { Version = client.DefaultRequestVersion };
            known.Headers.IfNoneMatch.Add(head.Headers.ETag!);
            using var unchanged = await client.SendAsync(known);
            Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);
        }
    }

    [Fact]
    public async Task What_is_remembered_of_a_file_is_what_the_folder_has()
    {
        var crate = RawCrate.Of("remembered", "1.0.0");
        (await crate.Publish(_server.Admin)).EnsureSuccessStatusCode();
        var path = $"dl/remembered/1.0.0/{RawCrate.Checksum(crate.File)}.crate";
        Assert.Equal(crate.File, await _server.Admin.GetByteArrayAsync(path));

        var file = Path.Combine(_server.Data, "blobs", "crates", "remembered", "1.0.0", $"{RawCrate.Checksum(crate.File)}.crate");
        File.Delete(file);
        using var gone = await _server.Admin.GetAsync(path);
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);

        // As after a restore of a backup.
        await File.WriteAllBytesAsync(file, crate.File);
        Assert.Equal(crate.File, await _secure.GetByteArrayAsync(path));
    }
}
