using System.Net;

namespace Raktar.Api.Specs.Operating;

/// <summary>A page of somebody else's, under a name that leads here, must not read a registry that asks for no token.</summary>
public sealed class AnsweringUnderItsName(AnsweringUnderItsName.Named named) : IClassFixture<AnsweringUnderItsName.Named>
{
    [Theory]
    [InlineData("crates.example.com")]
    [InlineData("CRATES.example.com:8443")]
    [InlineData("crates.example.com.")]
    [InlineData("old.example.com")]
    [InlineData("xn--bcher-kva.example")]
    [InlineData("127.0.0.1:7878")]
    [InlineData("10.1.2.3")]
    [InlineData("[fd00::1]:80")]
    [InlineData("localhost")]
    [InlineData("raktar:7878")]
    public async Task Its_own_names_addresses_and_names_without_a_dot_are_answered(string host)
    {
        using var answer = await Ask(host, "config.json");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Theory]
    [InlineData("evil.example")]
    [InlineData("crates.example.com.evil.example")]
    [InlineData("evil.crates.example.com")]
    [InlineData("127.0.0.1.evil.example")]
    [InlineData("evil.example:7878")]
    public async Task Another_name_is_421_everywhere_but_for_health(string host)
    {
        foreach (var path in (string[])["api/v1/crates", "api/v1/crates/new", "api/v1/nothing"])
        {
            using var api = await Ask(host, path);
            var (status, detail) = await api.Error();
            Assert.Equal(HttpStatusCode.MisdirectedRequest, status);
            Assert.Equal(
                $"this is the registry crates.example.com, and it was asked as `{host.Split(':')[0]}`; "
                + "a name that it should also answer to goes into Raktar:Hosts",
                detail);
        }

        foreach (var path in (string[])["config.json", "se/rd/serde", "dl/a/1.0.0/x.crate", "", "login", "crates/serde"])
        {
            using var other = await Ask(host, path);
            Assert.Equal(HttpStatusCode.MisdirectedRequest, other.StatusCode);
        }

        foreach (var path in (string[])["health", "health/ready"])
        {
            using var health = await Ask(host, path);
            Assert.Equal(HttpStatusCode.OK, health.StatusCode);
        }
    }

    [Fact]
    public async Task A_good_token_changes_nothing_about_it()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "api/v1/me") { Headers = { Host = "evil.example" } };
        using var answer = await named.Server.Admin.SendAsync(request);
        Assert.Equal(HttpStatusCode.MisdirectedRequest, answer.StatusCode);
    }

    private async Task<HttpResponseMessage> Ask(string host, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Host", host);
        return await named.Server.Nobody.SendAsync(request);
    }

    public sealed class Named : IAsyncLifetime
    {
        public Server Server { get; private set; } = null!;

        public async Task InitializeAsync() => Server = await Server.Start(
            "--Raktar:PublicUrl=https://crates.example.com",
            "--Raktar:Hosts:0=Old.Example.com",
            "--Raktar:Hosts:1=bücher.example",
            "--Raktar:Public=true");

        public async Task DisposeAsync() => await Server.DisposeAsync();
    }
}
