using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.RegularExpressions;
using Raktar.Running;

namespace Raktar.Cargo.Specs;

/// <summary>What docs/behind-a-proxy.md prints is all that a registry behind that proxy needs.</summary>
public sealed partial class ProxySpecs
{
    // Another address than the proxy's own, which is also on this machine.
    private static readonly IPAddress Here = IPAddress.Parse("127.0.0.2");

    [EmbeddedTheory]
    [InlineData("nginx", false)]
    [InlineData("nginx", true)]
    [InlineData("apache", false)]
    [InlineData("apache", true)]
    [InlineData("caddy", false)]
    [InlineData("caddy", true)]
    public Task A_registry_behind_it_does_all_that_it_does_without(string proxy, bool underPath) =>
        Behind(proxy, underPath, async (publicUrl, token) =>
        {
            using var admin = Client(publicUrl);
            admin.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", token);
            await PublishesAndReads(admin, publicUrl);
            await SignsIn(publicUrl, token);
            await KnowsWhoAsks(admin, publicUrl);
            Assert.DoesNotContain("class=\"notice\"", await admin.GetStringAsync("admin"), StringComparison.Ordinal);
        });

    [EmbeddedTheory, EveryCargo]
    public Task Cargo_itself_publishes_builds_and_searches_through_it(string cargo) =>
        Behind("nginx", underPath: true, async (publicUrl, token) =>
        {
            var author = await CargoWorld.For(cargo, await Registries.Shared(), token);
            author.Set("CARGO_REGISTRIES_RAKTAR_INDEX", $"sparse+{publicUrl}/");
            await author.Publish("through-it");
            var app = author.Application("app", "through-it = { version = \"1\", registry = \"raktar\" }", "through_it::word()");
            (await author.Run(app, "run")).Succeeded().Said("through-it 1.0.0");
            (await author.Cargo("search", "--registry", "raktar", "through")).Succeeded().Said("through-it = \"1.0.0\"");
        });

    private static async Task Behind(string proxy, bool underPath, Func<string, string, Task> work)
    {
        var port = Ports.Free();
        var publicUrl = string.Create(CultureInfo.InvariantCulture, $"https://localhost:{port}{(underPath ? "/crates" : string.Empty)}");
        await using var registry = new EmbeddedServer(Protocols.Http1);
        await registry.Start(publicUrl, new Dictionary<string, string> { ["Raktar__BehindProxy"] = "true" });
        await using var front = Proxy.Start(proxy, underPath, port, registry.Url);
        using var nobody = Client(publicUrl);
        await Eventually.Holds(
            async () =>
            {
                Assert.False(front.HasExited, front.Output);
                return registry.AdminToken is not null && await IsServed(nobody);
            },
            TimeSpan.FromSeconds(60),
            () => $"nothing is served through {proxy}:\n{front.Output}\n{registry.Output()}");
        await work(publicUrl, registry.AdminToken!);
    }

    private static async Task PublishesAndReads(HttpClient admin, string publicUrl)
    {
        // Larger than proxies take unless told, and nothing that could be compressed; its version has a mark that addresses spell in two ways.
        var noise = new Dictionary<string, byte[]> { ["noise.bin"] = RandomNumberGenerator.GetBytes(20_000_000) };
        var large = RawCrate.Of("proxied", "1.0.0+build.5", files: noise);
        using (var published = await large.Publish(admin))
        {
            Assert.True(published.IsSuccessStatusCode, $"{published.StatusCode}: {await published.Content.ReadAsStringAsync()}");
            Assert.Equal(HttpVersion.Version20, published.Version);
        }

        var config = await admin.GetFromJsonAsync<JsonElement>("config.json");
        Assert.Equal(publicUrl, config.GetProperty("api").GetString());
        var download = config.GetProperty("dl").GetString()!;
        Assert.StartsWith($"{publicUrl}/dl/", download, StringComparison.Ordinal);

        using var index = await Index(admin, etag: null);
        Assert.Equal(HttpStatusCode.OK, index.StatusCode);
        Assert.Equal(["gzip"], index.Content.Headers.ContentEncoding);
        Assert.NotNull(index.Headers.ETag);
        using var again = await Index(admin, index.Headers.ETag);
        Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);

        var address = download.Replace("{crate}", "proxied", StringComparison.Ordinal)
            .Replace("{version}", "1.0.0+build.5", StringComparison.Ordinal)
            .Replace("{sha256-checksum}", RawCrate.Checksum(large.File), StringComparison.Ordinal);
        Assert.Equal(large.File, await admin.GetByteArrayAsync(address));
        var found = await admin.GetFromJsonAsync<JsonElement>("api/v1/crates?q=proxied");
        Assert.Equal("proxied", Assert.Single(found.GetProperty("crates").EnumerateArray()).GetProperty("name").GetString());
        // All that a build asks for, over the one connection, and as many at a time as cargo asks for.
        await Parallel.ForEachAsync(Enumerable.Range(0, 1200), new ParallelOptions { MaxDegreeOfParallelism = 100 }, async (_, _) =>
        {
            using var one = await Index(admin, index.Headers.ETag);
            Assert.Equal(HttpStatusCode.NotModified, one.StatusCode);
        });
    }

    private static async Task SignsIn(string publicUrl, string token)
    {
        using var browser = Client(publicUrl, new CookieContainer());
        using var asked = await browser.GetAsync("login");
        var page = await asked.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.OK, asked.StatusCode);
        foreach (Match asset in Assets().Matches(page))
        {
            using var answer = await browser.GetAsync(new Uri(new Uri(publicUrl), asset.Groups["path"].Value));
            Assert.Equal((asset.Value, HttpStatusCode.OK), (asset.Value, answer.StatusCode));
        }

        var form = Form().Match(page).Groups["path"].Value;
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(new Uri(publicUrl), form))
        {
            Content = new FormUrlEncodedContent([new("token", token), new("return", "/crates/proxied")]),
            Headers = { { "Origin", new Uri(publicUrl).GetLeftPart(UriPartial.Authority) } },
        };
        using var signedIn = await browser.SendAsync(request);
        Assert.Equal(HttpStatusCode.SeeOther, signedIn.StatusCode);
        var crate = await browser.GetStringAsync(new Uri(new Uri(publicUrl), signedIn.Headers.Location!));
        Assert.Contains("proxied", crate, StringComparison.Ordinal);
        Assert.Contains("Sign out", crate, StringComparison.Ordinal);
    }

    private static async Task KnowsWhoAsks(HttpClient admin, string publicUrl)
    {
        using var nobody = Client(publicUrl);
        using var request = new HttpRequestMessage(HttpMethod.Delete, "api/v1/crates/proxied/1.0.0/yank");
        request.Headers.Add("X-Forwarded-For", "203.0.113.9");
        using var refused = await nobody.SendAsync(request);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.Equal($"Cargo login_url=\"{publicUrl}/me\"", refused.Headers.WwwAuthenticate.ToString());
        var rows = await admin.GetFromJsonAsync<JsonElement>("api/v1/audit?outcome=refused");
        Assert.Equal(Here.ToString(), rows.GetProperty("entries")[0].GetProperty("detail").GetProperty("address").GetString());
    }

    private static Task<HttpResponseMessage> Index(HttpClient client, EntityTagHeaderValue? etag)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "pr/ox/proxied");
        request.Headers.AcceptEncoding.ParseAdd("gzip");
        if (etag is not null)
        {
            request.Headers.IfNoneMatch.Add(etag);
        }

        return client.SendAsync(request);
    }

    private static async Task<bool> IsServed(HttpClient nobody)
    {
        try
        {
            using var health = await nobody.GetAsync("health");
            return health.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    /// <summary>A client from another address of this machine, which speaks HTTP/2 and nothing else.</summary>
    private static HttpClient Client(string publicUrl, CookieContainer? cookies = null)
    {
        var handler = Certificates.Trusting();
        (handler.UseCookies, handler.CookieContainer) = (cookies is not null, cookies ?? new());
        handler.EnableMultipleHttp2Connections = false;
        handler.ConnectCallback = async (context, stop) =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                socket.Bind(new IPEndPoint(Here, 0));
                await socket.ConnectAsync(IPAddress.Loopback, context.DnsEndPoint.Port, stop);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        };
        return new(handler)
        {
            BaseAddress = new Uri(publicUrl + "/"),
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Timeout = TimeSpan.FromMinutes(1),
        };
    }

    [GeneratedRegex("(href|src)=\"(?<path>[^\"]+\\.(css|js|svg)[^\"]*)\"", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Assets();

    [GeneratedRegex("<form[^>]* action=\"(?<path>[^\"]*login[^\"]*)\"", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Form();
}
