using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Raktar.Api.Access;
using Raktar.Domain.Accounts;
using Raktar.Testing;

namespace Raktar.Api.Specs;

public sealed class WhoMayDoWhat(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private readonly Server _server = fixture.Server;

    /// <summary>Every route, and the least role that may use it (null: nobody needs a token). A new route without a row fails the specs.</summary>
    public static TheoryData<string, string, Role?> Routes => new()
    {
        { "GET", "/config.json", Role.Reader },
        { "GET", "/{dir:length(1)}/{name}", Role.Reader },
        { "GET", "/{dir1:length(1,2)}/{dir2:length(1,2)}/{name}", Role.Reader },
        { "GET", "/dl/{crate}/{version}/{file}", Role.Reader },
        { "PUT", "/api/v1/crates/new", Role.Member },
        { "DELETE", "/api/v1/crates/{name}/{version}/yank", Role.Member },
        { "PUT", "/api/v1/crates/{name}/{version}/unyank", Role.Member },
        { "GET", "/api/v1/crates/{name}/owners", Role.Reader },
        { "GET", "/api/v1/crates/{name}/owner_user", Role.Reader },
        { "GET", "/api/v1/crates/{name}/owner_team", Role.Reader },
        { "PUT", "/api/v1/crates/{name}/owners", Role.Member },
        { "DELETE", "/api/v1/crates/{name}/owners", Role.Member },
        { "GET", "/api/v1/crates/", Role.Reader },
        { "GET", "/api/v1/crates/{name}", Role.Reader },
        { "GET", "/api/v1/crates/{name}/versions", Role.Reader },
        { "GET", "/api/v1/crates/{name}/reverse_dependencies", Role.Reader },
        { "GET", "/api/v1/crates/{name}/{version}", Role.Reader },
        { "GET", "/api/v1/crates/{name}/{version}/dependencies", Role.Reader },
        { "GET", "/api/v1/crates/{name}/{version}/download", Role.Reader },
        { "PUT", "/api/v1/crates/{name}/visibility", Role.Member },
        { "GET", "/api/v1/me", Role.Reader },
        { "GET", "/api/v1/me/tokens", Role.Reader },
        { "PUT", "/api/v1/me/tokens", Role.Reader },
        { "GET", "/api/v1/me/tokens/{id}", Role.Reader },
        { "DELETE", "/api/v1/me/tokens/{id}", Role.Reader },
        { "DELETE", "/api/v1/tokens/current", Role.Reader },
        { "POST", "/api/v1/tokens/leaked", null },
        { "GET", "/api/v1/accounts", Role.Admin },
        { "GET", "/api/v1/accounts/{login}/", Role.Admin },
        { "PUT", "/api/v1/teams/{team}/", Role.Admin },
        { "GET", "/api/v1/teams/{team}/", Role.Admin },
        { "PUT", "/api/v1/teams/{team}/members/{login}", Role.Admin },
        { "DELETE", "/api/v1/teams/{team}/members/{login}", Role.Admin },
        { "PUT", "/api/v1/accounts/{login}/", Role.Admin },
        { "POST", "/api/v1/accounts/{login}/tokens", Role.Admin },
        { "GET", "/api/v1/accounts/{login}/tokens", Role.Admin },
        { "DELETE", "/api/v1/accounts/{login}/tokens/{id}", Role.Admin },
        { "GET", "/health", null },
        { "GET", "/health/ready", null },
        { "GET", "/me", null },
        { "GET", "/login", null },
        { "GET", "/login/token", null },
        { "POST", "/login", null },
        { "GET", "/login/callback", null },
        { "POST", "/logout", null },
        { "POST", "/me/tokens", Role.Reader },
        { "GET", "/api/{documentName}.json", Role.Reader },
    };

    [Fact]
    public void Every_route_has_a_row_and_says_what_it_demands()
    {
        var endpoints = _server.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>().ToList();
        var expected = Routes.Select(row => ($"{row[0]} {row[1]}", (Role?)row[2])).OrderBy(row => row.Item1, StringComparer.Ordinal);
        var actual = endpoints.Select(endpoint => (
            $"{endpoint.Metadata.GetRequiredMetadata<HttpMethodMetadata>().HttpMethods[0]} {endpoint.RoutePattern.RawText}",
            endpoint.Metadata.GetRequiredMetadata<Demand>().Role)).OrderBy(row => row.Item1, StringComparer.Ordinal);
        Assert.Equal(expected, actual);
    }

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task A_route_lets_in_whom_it_should_and_nobody_else(string method, string pattern, Role? least)
    {
        var path = pattern.TrimStart('/')
            .Replace("{dir:length(1)}", "1", StringComparison.Ordinal)
            .Replace("{dir1:length(1,2)}/{dir2:length(1,2)}", "ab/cd", StringComparison.Ordinal)
            .Replace("{name}", "abcd", StringComparison.Ordinal)
            .Replace("{documentName}", "openapi", StringComparison.Ordinal)
            .Replace("{login}", "nobody-yet", StringComparison.Ordinal)
            .Replace("{id}", "1", StringComparison.Ordinal)
            .Replace("{crate}", "abcd", StringComparison.Ordinal)
            .Replace("{file}", "x.crate", StringComparison.Ordinal)
            .Replace("{version}", "1.0.0", StringComparison.Ordinal);
        var callers = new (string Who, HttpClient Client, int? Role)[]
        {
            ("nobody", _server.Nobody, null),
            ("unknown token", _server.Client("rk_000000000000000000000000000000000000000000"), null),
            ("revoked token", await Revoked(), null),
            ("reader", await _server.Account("role-reader", "reader"), (int)Role.Reader),
            ("publisher", await _server.Account("role-publisher"), (int)Role.Publisher),
            ("admin", await _server.Account("role-admin", "admin"), (int)Role.Admin),
        };
        foreach (var (who, client, role) in callers)
        {
            using var response = await client.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));
            var status = response.StatusCode;
            if (least is null || (role is { } has && has >= (int)least))
            {
                Assert.False(status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden, $"{who}: {status}");
            }
            else
            {
                Assert.True(status == (role is null ? HttpStatusCode.Unauthorized : HttpStatusCode.Forbidden), $"{who}: {status}");
            }
        }
    }

    [Theory]
    [InlineData("nothing/here/at/all")]
    [InlineData("api/v1/nothing")]
    [InlineData("")]
    public async Task A_path_that_is_not_there_tells_strangers_nothing(string path)
    {
        using var stranger = await _server.Nobody.GetAsync(path);
        Assert.Equal(HttpStatusCode.Unauthorized, stranger.StatusCode);
        using var known = await _server.Admin.GetAsync(path);
        Assert.Equal(HttpStatusCode.NotFound, known.StatusCode);
    }

    [Fact]
    public async Task A_refused_stranger_learns_where_to_sign_in()
    {
        using var response = await _server.Nobody.GetAsync("config.json");
        Assert.Equal($"Cargo login_url=\"{_server.Url}/me\"", response.Headers.WwwAuthenticate.ToString());
        Assert.Contains("cargo login", await _server.Nobody.GetStringAsync("me"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{0}", HttpStatusCode.OK)]
    [InlineData("Bearer {0}", HttpStatusCode.OK)]
    [InlineData("bearer   {0} ", HttpStatusCode.OK)]
    [InlineData("BEARER {0}", HttpStatusCode.OK)]
    [InlineData("Basic {0}", HttpStatusCode.Unauthorized)]
    [InlineData("Bearer", HttpStatusCode.Unauthorized)]
    [InlineData("{0}x", HttpStatusCode.Unauthorized)]
    [InlineData("{0} {0}", HttpStatusCode.Unauthorized)]
    public async Task A_token_is_taken_bare_or_as_bearer(string header, HttpStatusCode status)
    {
        var token = _server.Admin.DefaultRequestHeaders.GetValues("Authorization").Single();
        using var response = await _server.Client(string.Format(System.Globalization.CultureInfo.InvariantCulture, header, token)).GetAsync("api/v1/me");
        Assert.Equal(status, response.StatusCode);
        Assert.DoesNotContain(token, await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_revoked_token_stops_working_at_once()
    {
        var client = await _server.Account("soon-gone");
        await client.Json("api/v1/me");
        (await _server.Admin.DeleteAsync("api/v1/accounts/soon-gone/tokens/1")).EnsureSuccessStatusCode();
        using var response = await client.GetAsync("api/v1/me");
        Assert.Equal((HttpStatusCode.Unauthorized, "authentication failed"), await response.Error());
    }

    [Fact]
    public async Task A_changed_role_counts_at_once()
    {
        var client = await _server.Account("demoted", "publisher");
        using var before = await RawCrate.Of("demoted", "1.0.0").Publish(client);
        Assert.Equal(HttpStatusCode.OK, before.StatusCode);
        (await _server.Admin.PutAsJsonAsync("api/v1/accounts/demoted", new { role = "reader" })).EnsureSuccessStatusCode();
        using var after = await RawCrate.Of("demoted", "1.0.1").Publish(client);
        Assert.Equal(HttpStatusCode.Forbidden, after.StatusCode);
    }

    [Fact]
    public async Task Tokens_are_listed_without_their_text_and_kept_nowhere()
    {
        using var made = await _server.Admin.PostAsJsonAsync("api/v1/accounts/admin/tokens", new { name = "ci" });
        var token = (await made.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("token").GetString()!;
        Assert.Equal("no-store", made.Headers.CacheControl!.ToString());
        Assert.Matches("^rk_[0-9A-Za-z]{40}$", token);
        var list = await _server.Admin.GetStringAsync("api/v1/accounts/admin/tokens");
        Assert.Contains("\"name\":\"ci\"", list, StringComparison.Ordinal);
        Assert.DoesNotContain(token, list, StringComparison.Ordinal);
        foreach (var file in Directory.EnumerateFiles(_server.Data, "*.db*"))
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var bytes = new MemoryStream();
            await stream.CopyToAsync(bytes);
            Assert.Equal(-1, bytes.ToArray().AsSpan().IndexOf(Encoding.ASCII.GetBytes(token)));
        }
    }

    [Theory]
    [InlineData("""{"role":"king"}""", "field `role` must be `admin`, `publisher`, `member` or `reader`")]
    [InlineData("""{"role":"1"}""", "field `role` must be `admin`, `publisher`, `member` or `reader`")]
    [InlineData("""{}""", "field `role` must be `admin`, `publisher`, `member` or `reader`")]
    [InlineData("""{"role":1}""", "the body is not valid JSON at line 1, `$.role`")]
    [InlineData("nonsense", "the body is not valid JSON at line 1")]
    public async Task A_wrong_role_is_refused(string body, string sentence)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await _server.Admin.PutAsync("api/v1/accounts/wrong", content);
        Assert.Equal((HttpStatusCode.BadRequest, sentence), await response.Error());
    }

    [Fact]
    public async Task Asking_for_less_than_the_role_allows_is_not_ignored()
    {
        using var response = await _server.Admin.PostAsJsonAsync("api/v1/accounts/admin/tokens", new { name = "ci", scopes = (string[])["yank"] });
        Assert.Equal(HttpStatusCode.BadRequest, (await response.Error()).Status);
    }

    private async Task<HttpClient> Revoked()
    {
        using var made = await _server.Admin.PostAsJsonAsync("api/v1/accounts/admin/tokens", new { name = "revoked" });
        var token = await made.Content.ReadFromJsonAsync<JsonElement>();
        (await _server.Admin.DeleteAsync($"api/v1/accounts/admin/tokens/{token.GetProperty("id")}")).EnsureSuccessStatusCode();
        return _server.Client(token.GetProperty("token").GetString());
    }
}
