using System.Net;
using System.Net.Http.Json;
using Raktar.Api.Access;
using Raktar.Api.Settings;
using Raktar.Testing;
using Net = System.Net.IPNetwork;

namespace Raktar.Api.Specs.Tools;

/// <summary>Reading without a token from named networks, for tools that cannot send one.</summary>
public sealed class ReadingFromNetworks
{
    [Fact]
    public async Task A_tool_inside_reads_without_a_token_and_cargo_is_still_told_to_send_its_own()
    {
        await using var server = await Server.Start("--Raktar:ReadFrom:0=127.0.0.0/8");
        await Published(server, "inside");
        Assert.True((await server.Nobody.Json("config.json")).GetProperty("auth-required").GetBoolean());
        foreach (var path in (string[])["in/si/inside", "dl/inside/1.0.0/download", "api/v1/crates?q=inside", "api/v1/crates/inside/owners", "crates/inside", "search"])
        {
            using var answer = await server.Nobody.GetAsync(path);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        using var shared = await server.Nobody.GetAsync("in/si/inside");
        Assert.Equal("no-cache, private", shared.Headers.CacheControl!.ToString());
    }

    [Fact]
    public async Task Nothing_else_is_open_to_it()
    {
        await using var server = await Server.Start("--Raktar:ReadFrom:0=127.0.0.0/8");
        await Published(server, "still");
        foreach (var (method, path) in new[]
        {
            ("GET", "api/v1/me"), ("GET", "api/v1/audit?crate=still"), ("GET", "api/v1/accounts"), ("GET", "me"), ("GET", "me/crates"), ("GET", "audit"), ("GET", "admin"),
            ("DELETE", "api/v1/crates/still/1.0.0/yank"), ("PUT", "api/v1/crates/still/owners"), ("POST", "me/tokens"),
        })
        {
            using var answer = await server.Nobody.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        }

        using var publish = await RawCrate.Of("still", "2.0.0").Publish(server.Nobody);
        Assert.Equal(HttpStatusCode.Unauthorized, publish.StatusCode);
        using var badToken = await server.Client("rk_nobodys").GetAsync("st/il/still");
        Assert.Equal(HttpStatusCode.Unauthorized, badToken.StatusCode);
    }

    [Fact]
    public async Task A_restricted_crate_is_not_there_for_it()
    {
        await using var server = await Server.Start("--Raktar:ReadFrom:0=127.0.0.0/8");
        await Published(server, "hidden");
        using var restricted = await server.Admin.PutAsJsonAsync("api/v1/crates/hidden/visibility", new { restricted = true });
        restricted.EnsureSuccessStatusCode();
        foreach (var path in (string[])["hi/dd/hidden", "dl/hidden/1.0.0/download", "api/v1/crates/hidden", "api/v1/crates/hidden/1.0.0/readme", "crates/hidden"])
        {
            using var answer = await server.Nobody.GetAsync(path);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        }

        Assert.Equal(0, (await server.Nobody.Json("api/v1/crates")).GetProperty("meta").GetProperty("total").GetInt32());
    }

    [Theory]
    [InlineData("10.1.2.3", HttpStatusCode.OK)]
    [InlineData("::ffff:10.1.2.3", HttpStatusCode.OK)]
    [InlineData("2001:db8::7", HttpStatusCode.OK)]
    [InlineData("11.1.2.3", HttpStatusCode.Unauthorized)]
    [InlineData("2001:db9::7", HttpStatusCode.Unauthorized)]
    [InlineData("10.1.2.3, 11.1.2.3", HttpStatusCode.Unauthorized)]
    [InlineData("11.1.2.3, 10.1.2.3", HttpStatusCode.OK)]
    [InlineData("unknown", HttpStatusCode.Unauthorized)]
    [InlineData(null, HttpStatusCode.Unauthorized)]
    public async Task Behind_a_proxy_the_clients_address_counts_and_never_the_proxys(string? forwardedFor, HttpStatusCode expected)
    {
        // The proxy itself is inside.
        await using var server = await Server.Start(
            "--Raktar:BehindProxy=true", "--Raktar:ReadFrom:0=10.0.0.0/8", "--Raktar:ReadFrom:1=2001:db8::/32", "--Raktar:ReadFrom:2=127.0.0.1");
        Assert.Equal(expected, await Read(server, forwardedFor));
    }

    [Theory]
    [InlineData("X-Forwarded-For", "127.0.0.1")]
    [InlineData("X-Forwarded-For", "203.0.113.9")]
    [InlineData("Forwarded", "for=203.0.113.9")]
    public async Task A_proxy_that_was_not_spoken_of_opens_nothing(string header, string value)
    {
        await using var server = await Server.Start("--Raktar:ReadFrom:0=127.0.0.1");
        Assert.Equal(HttpStatusCode.OK, await Read(server, null));
        using var request = new HttpRequestMessage(HttpMethod.Get, "config.json") { Headers = { { header, value } } };
        using var answer = await server.Nobody.SendAsync(request);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Theory]
    [InlineData("10.0.0.0/8", "10.0.0.0/8")]
    [InlineData("::ffff:10.0.0.0/104", "10.0.0.0/8")]
    [InlineData("10.1.2.3/8", "10.0.0.0/8")]
    [InlineData("192.0.2.7", "192.0.2.7/32")]
    [InlineData("2001:db8::/32", "2001:db8::/32")]
    [InlineData("2001:db8::1", "2001:db8::1/128")]
    public void A_network_is_written_in_any_of_its_forms(string text, string network) => Assert.Equal(Net.Parse(network), ReadingNetworks.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("10")]
    [InlineData("10/8")]
    [InlineData("010.0.0.0/8")]
    [InlineData("0x0a.0.0.0/8")]
    [InlineData("10.0.0.0/33")]
    [InlineData("10.0.0.0/8/8")]
    [InlineData("10.0.0.0/-1")]
    [InlineData("build.example.org")]
    [InlineData("0.0.0.0/0")]
    [InlineData("::/0")]
    [InlineData("::ffff:0.0.0.0/96")]
    [InlineData("10.0.0.0/")]
    public void What_is_no_network_or_everybody_stops_the_start(string text) =>
        Assert.Contains($"Raktar:ReadFrom `{text}`", Assert.Throws<SettingsException>(() => ReadingNetworks.Parse(text)).Message, StringComparison.Ordinal);

    private static async Task<HttpStatusCode> Read(Server server, string? forwardedFor)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "config.json");
        if (forwardedFor is not null)
        {
            request.Headers.TryAddWithoutValidation("X-Forwarded-For", forwardedFor);
        }

        using var answer = await server.Nobody.SendAsync(request);
        return answer.StatusCode;
    }

    private static async Task Published(Server server, string name)
    {
        using var published = await RawCrate.Of(name, "1.0.0").Publish(server.Admin);
        published.EnsureSuccessStatusCode();
    }
}
