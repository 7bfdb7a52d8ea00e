using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Raktar.Testing;

namespace Raktar.Api.Specs;

public sealed class LettingIn(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private readonly Server _server = fixture.Server;

    [Theory]
    [InlineData("nothing/here/at/all")]
    [InlineData("api/v1/nothing")]
    [InlineData("nothing")]
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
        Assert.Equal($"Cargo login_url=\"{_server.Url}/me\"", response.Headers.WwwAuthenticate.First().ToString());
        using var page = await _server.Nobody.GetAsync("me");
        Assert.Equal(HttpStatusCode.Unauthorized, page.StatusCode);
        var html = await page.Content.ReadAsStringAsync();
        Assert.Contains("<h1>Sign in</h1>", html, StringComparison.Ordinal);
        Assert.Contains("cargo login", html, StringComparison.Ordinal);
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
}
