using System.Net;
using System.Text;
using Raktar.Testing;

namespace Raktar.Api.Specs.Tools;

/// <summary>HTTP Basic: what .netrc files, wget, BitBake and Renovate can send.</summary>
public sealed class BasicPasswords(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private readonly Server _server = fixture.Server;

    [Theory]
    [InlineData("config.json")]
    [InlineData("ba/si/basic")]
    [InlineData("dl/basic/1.0.0/download")]
    [InlineData("api/v1/crates/basic")]
    [InlineData("api/v1/crates/basic/owners")]
    [InlineData("crates/basic")]
    public async Task A_token_is_taken_as_the_password_whatever_the_user(string path)
    {
        await Published("basic");
        foreach (var user in (string[])["", "x", "__token__", "ann@example.org"])
        {
            using var answer = await With($"Basic {Encode($"{user}:{Token}")}").GetAsync(path);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
    }

    [Fact]
    public async Task It_is_for_reading_only()
    {
        await Published("basic-only");
        var client = With($"basic {Encode($"x:{Token}")}");
        foreach (var (method, path) in new[]
        {
            ("PUT", "api/v1/crates/new"), ("DELETE", "api/v1/crates/basic-only/1.0.0/yank"), ("PUT", "api/v1/me/tokens"), ("DELETE", "api/v1/tokens/current"),
            ("POST", "me/tokens"), ("POST", "admin/accounts"),
        })
        {
            using var answer = await client.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
            Assert.Contains("HTTP Basic is for reading only", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        Assert.DoesNotContain("\"yanked\":true", await _server.Admin.GetStringAsync("ba/si/basic-only"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("!!!")]
    [InlineData("bm8tY29sb24=")] // no-colon
    [InlineData("eDo=")] // x:
    [InlineData("eDr/")] // x: and a byte that is no text
    [InlineData("eDphIGI=")] // x:a b
    public async Task What_is_no_password_is_refused_without_an_echo(string encoded)
    {
        using var answer = await With($"Basic {encoded}").GetAsync("config.json");
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal("token format is not recognised\n", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_wrong_password_is_a_failed_authentication_and_never_echoed()
    {
        await using var server = await Server.Start("--Raktar:RateLimits:FailedAuthenticationsPerMinute=2");
        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < 3; i++)
        {
            using var client = server.Client($"Basic {Encode("x:rk_guessed")}");
            using var answer = await client.GetAsync("config.json");
            Assert.DoesNotContain("guessed", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            statuses.Add(answer.StatusCode);
        }

        Assert.Equal([HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized, HttpStatusCode.TooManyRequests], statuses);
    }

    [Theory]
    [InlineData("GET", "config.json", "*/*", true)]
    [InlineData("GET", "no/ne/none", null, true)]
    [InlineData("HEAD", "dl/none/1.0.0/download", "*/*", true)]
    [InlineData("GET", "crates/none", "text/html,application/xhtml+xml,*/*;q=0.8", false)]
    [InlineData("GET", "config.json", "text/html,*/*", false)]
    [InlineData("PUT", "api/v1/crates/new", "application/json", false)]
    public async Task It_is_offered_to_programs_that_read_beside_cargos_own_challenge(string method, string path, string? accept, bool isOffered)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Headers.TryAddWithoutValidation("Accept", accept);
        using var answer = await _server.Nobody.SendAsync(request);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal(
            isOffered ? ["Cargo", "Basic"] : (string[])["Cargo"],
            answer.Headers.WwwAuthenticate.Select(challenge => challenge.Scheme));
    }

    private string Token => _server.Admin.DefaultRequestHeaders.GetValues("Authorization").Single();

    private static string Encode(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private HttpClient With(string authorization) => _server.Client(authorization);

    private async Task Published(string name)
    {
        using var published = await RawCrate.Of(name, "1.0.0").Publish(_server.Admin);
        published.EnsureSuccessStatusCode();
    }
}
