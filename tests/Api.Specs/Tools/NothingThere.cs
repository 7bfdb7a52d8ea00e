using System.Net;
using Raktar.Testing;

namespace Raktar.Api.Specs.Tools;

/// <summary>A registry that is open to everybody asks for a sign-in only where there is something to see behind it.</summary>
public sealed class NothingThere : IAsyncLifetime
{
    private Server _server = null!;

    public async Task InitializeAsync()
    {
        _server = await Server.Start("--Raktar:Public=true");
        using var published = await RawCrate.Of("open", "1.0.0").Publish(_server.Admin);
        published.EnsureSuccessStatusCode();
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Theory]
    [InlineData("GET", "nothing", 404)]
    [InlineData("GET", "nothing/here/at/all", 404)]
    [InlineData("GET", "api/v1/nothing", 404)]
    [InlineData("GET", "crates/nothing", 404)]
    [InlineData("GET", "crates/open/9.9.9", 404)]
    [InlineData("GET", "robots.txt", 404)]
    [InlineData("GET", "login/callback", 404)]
    [InlineData("POST", "nothing", 404)]
    [InlineData("POST", "config.json", 405)]
    [InlineData("GET", "api/v1/crates/open/owners", 200)]
    [InlineData("GET", "api/v1/me", 401)]
    [InlineData("GET", "me", 401)]
    [InlineData("GET", "admin", 401)]
    [InlineData("PUT", "api/v1/crates/new", 401)]
    public async Task An_address_says_what_is_there(string method, string path, int status)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Headers = { { "Accept", "text/html" } } };
        using var answer = await _server.Nobody.SendAsync(request);
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal(status == 401 && method == "GET" && path is "me" or "admin", (await answer.Content.ReadAsStringAsync()).Contains("<h1>Sign in</h1>", StringComparison.Ordinal));
    }
}
