using System.Net;
using System.Net.Http.Json;
using System.Text;
using Raktar.Testing;

namespace Raktar.Api.Specs;

public sealed class Errors(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private readonly Server _server = fixture.Server;

    [Theory]
    [InlineData("GET", "api/v1/nothing", 404)]
    [InlineData("POST", "api/v1/crates/new", 405)]
    [InlineData("PATCH", "api/v1/me", 405)]
    [InlineData("GET", "api/v1/crates/no-such-crate", 404)]
    [InlineData("GET", "api/v1/crates/a%00b", 400)]
    [InlineData("GET", "api/v1/crates/..%2F..%2Fme", 404)]
    [InlineData("GET", "api/v1/crates/%ff", 404)]
    [InlineData("GET", "api/v1/crates?page=0", 400)]
    [InlineData("GET", "api/v1/crates?per_page=x", 400)]
    [InlineData("GET", "api/v1/crates?following=yes", 400)]
    [InlineData("PUT", "api/v1/accounts/x", 400)]
    [InlineData("DELETE", "api/v1/crates/no-such-crate/1.0.0/yank", 404)]
    [InlineData("DELETE", "api/v1/crates/no-such-crate/not-a-version/yank", 404)]
    [InlineData("DELETE", "api/v1/crates/no%20name/1.0.0/yank", 404)]
    public async Task Every_error_of_the_api_has_cargos_shape(string method, string path, int status)
    {
        using var response = await _server.Admin.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));
        if (status == 400 && path.Contains("%00", StringComparison.Ordinal))
        {
            // The server refuses a NUL before any of our code sees it.
            Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
            return;
        }

        var (actual, detail) = await response.Error();
        Assert.Equal(status, (int)actual);
        Assert.Matches("^[a-z`]", detail);
        Assert.True(detail.Length <= 200);
        if (status == 405)
        {
            Assert.NotEmpty(response.Content.Headers.Allow);
        }
    }

    [Fact]
    public async Task Every_answer_carries_the_security_headers()
    {
        foreach (var path in (string[])["config.json", "health", "api/v1/me", "api/v1/nothing", "no/ne/none", "me"])
        {
            foreach (var client in (HttpClient[])[_server.Admin, _server.Nobody])
            {
                using var response = await client.GetAsync(path);
                Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
                Assert.Equal("DENY", response.Headers.GetValues("X-Frame-Options").Single());
                // Forms of pages are known by the origin, which browsers would hide too.
                Assert.Equal(path == "me" ? "same-origin" : "no-referrer", response.Headers.GetValues("Referrer-Policy").Single());
                Assert.False(response.Headers.Contains("Server"));
            }
        }
    }

    [Fact]
    public async Task Options_lists_the_methods()
    {
        using var response = await _server.Admin.SendAsync(new HttpRequestMessage(HttpMethod.Options, "api/v1/crates/new"));
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Contains("PUT", response.Content.Headers.Allow);
    }

    [Fact]
    public async Task Doubled_slashes_are_one()
    {
        using var response = await _server.Admin.GetAsync("api//v1///me");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task A_long_or_strange_value_is_cut_and_escaped()
    {
        using var published = await RawCrate.Of("such", "1.0.0").Publish(_server.Admin);
        using var content = JsonContent.Create(new { users = (string[])["x\n\u0007" + new string('y', 5000)] });
        using var request = new HttpRequestMessage(HttpMethod.Put, "api/v1/crates/such/owners") { Content = content };
        using var response = await _server.Admin.SendAsync(request);
        var (_, detail) = await response.Error();
        Assert.DoesNotContain('\n', detail);
        Assert.StartsWith("user `x\\u{a}\\u{7}yyy", detail, StringComparison.Ordinal);
        Assert.True(detail.Length <= 201);
    }

    [Fact]
    public async Task A_body_over_a_mebibyte_is_refused_where_json_is_expected()
    {
        using var content = new StringContent("{\"users\":[\"" + new string('x', 2_000_000) + "\"]}", Encoding.UTF8, "application/json");
        using var response = await _server.Admin.PutAsync("api/v1/crates/any/owners", content);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await response.Error()).Status);
    }

    [Fact]
    public async Task A_failing_store_is_503_with_retry_after_and_not_ready()
    {
        await using var broken = await Server.Start();
        var ready = await broken.Nobody.Json("health/ready");
        Assert.Equal("""{"status":"ready","dependencies":{"aside":"ok","blobs":"ok","documents":"ok","events":"ok","projections":"ok"}}""", ready.GetRawText());

        Directory.Delete(Path.Combine(broken.Data, "blobs"), recursive: true);
        using var publish = await RawCrate.Of("unlucky", "1.0.0").Publish(broken.Admin);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "the registry's storage is unavailable, please try again"), await publish.Error());
        Assert.Equal(TimeSpan.FromSeconds(5), publish.Headers.RetryAfter!.Delta);
        // An answer is remembered for a second.
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        HttpResponseMessage unready;
        while ((unready = await broken.Nobody.GetAsync("health/ready", deadline.Token)).StatusCode == HttpStatusCode.OK)
        {
            unready.Dispose();
            await Task.Delay(50, deadline.Token);
        }

        Assert.Equal(HttpStatusCode.ServiceUnavailable, unready.StatusCode);
        Assert.Contains("\"blobs\":\"failing\"", await unready.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var alive = await broken.Nobody.GetAsync("health");
        Assert.Equal(HttpStatusCode.OK, alive.StatusCode);
    }

    [Theory]
    [InlineData("true", HttpStatusCode.Unauthorized)]
    [InlineData("false", HttpStatusCode.TooManyRequests)]
    public async Task Behind_a_proxy_clients_are_told_apart_by_what_it_says_of_them(string behindProxy, HttpStatusCode another)
    {
        await using var server = await Server.Start("--Raktar:RateLimits:FailedAuthenticationsPerMinute=3", $"--Raktar:BehindProxy={behindProxy}");
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(HttpStatusCode.Unauthorized, await Knock("10.0.0.1"));
        }

        // What comes before the last hop is the client's own word.
        Assert.Equal(HttpStatusCode.TooManyRequests, await Knock("10.0.0.99, 10.0.0.1"));
        Assert.Equal(another, await Knock("10.0.0.2"));

        async Task<HttpStatusCode> Knock(string from)
        {
            using var client = server.Client("not-a-token-of-anybody");
            client.DefaultRequestHeaders.TryAddWithoutValidation("X-Forwarded-For", from);
            using var answer = await client.GetAsync("config.json");
            return answer.StatusCode;
        }
    }

    [Fact]
    public async Task Failed_authentications_are_limited_and_good_tokens_are_not()
    {
        await using var server = await Server.Start("--Raktar:RateLimits:FailedAuthenticationsPerMinute=3");
        var guesser = server.Client("rk_guess");
        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < 5; i++)
        {
            using var response = await guesser.GetAsync("api/v1/me");
            statuses.Add(response.StatusCode);
        }

        Assert.Equal([HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized, HttpStatusCode.TooManyRequests, HttpStatusCode.TooManyRequests], statuses);
        await server.Admin.Json("api/v1/me");
    }

    [Fact]
    public async Task Publishes_over_the_rate_are_429_with_retry_after()
    {
        await using var server = await Server.Start("--Raktar:RateLimits:PublishNew:PerSecond=1", "--Raktar:RateLimits:PublishNew:Burst=1");
        (await RawCrate.Of("first", "1.0.0").Publish(server.Admin)).EnsureSuccessStatusCode();
        using var second = await RawCrate.Of("second", "1.0.0").Publish(server.Admin);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await second.Error()).Status);
        Assert.NotNull(second.Headers.RetryAfter);
        (await RawCrate.Of("first", "1.0.1").Publish(server.Admin)).EnsureSuccessStatusCode();
    }
}
