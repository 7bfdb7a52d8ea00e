using System.Net;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Http;
using Raktar.Api.Outgoing;
using Raktar.LocalIssuer;
using Raktar.Testing;

namespace Raktar.Api.Specs.Ci;

/// <summary>Issuers that cannot be asked for their keys, or should not be: the run is told to come again, and nothing is waited for long.</summary>
[Trait("Needs", "issuer")]
public sealed class MisbehavingIssuers : IAsyncLifetime
{
    private readonly ManualClock _clock = new();
    private CiIssuer _issuer = null!;
    private CiIssuer _inside = null!;
    private Server _server = null!;

    public async Task InitializeAsync()
    {
        (_issuer, _inside) = (await CiIssuer.Start(_clock), await CiIssuer.Start(_clock));
        _server = await Server.StartWith(_clock, $"--Raktar:TrustedPublishing:Issuers:0:Url={_issuer.Url}", "--Raktar:RateLimits:FailedAuthenticationsPerMinute=3");
    }

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        await _issuer.DisposeAsync();
        await _inside.DisposeAsync();
    }

    [Fact]
    public async Task An_issuer_that_misbehaves_is_not_believed()
    {
        var reached = 0;
        var misbehaviours = new Dictionary<string, Action>
        {
            ["redirecting to another service of this machine"] = () => _issuer.Describe = context => Redirect(context, $"{_inside.Url}/.well-known/openid-configuration"),
            ["naming keys of another service of this machine"] = () => _issuer.Describe = context => _issuer.Description(context, $"{_inside.Url}/keys"),
            ["naming keys in a private network"] = () => _issuer.Describe = context => _issuer.Description(context, "https://10.0.0.1/keys"),
            ["naming keys of the cloud's metadata"] = () => _issuer.Describe = context => _issuer.Description(context, "http://169.254.169.254/latest/meta-data"),
            ["naming keys in a file"] = () => _issuer.Describe = context => _issuer.Description(context, "file:///etc/passwd"),
            ["redirecting from its keys"] = () => _issuer.Keys = context => Redirect(context, $"{_inside.Url}/keys"),
            ["of another name"] = () => _issuer.Describe = context => _inside.Description(context, $"{_issuer.Url}/keys"),
            ["without keys"] = () => _issuer.Describe = context => context.Response.WriteAsJsonAsync(new { issuer = _issuer.Url }),
            ["that fails"] = () => _issuer.Keys = context =>
            {
                context.Response.StatusCode = 500;
                return Task.CompletedTask;
            },
            ["with keys that are no JSON"] = () => _issuer.Keys = context => context.Response.WriteAsync("<html>"),
            ["with keys that are a list"] = () => _issuer.Keys = context => context.Response.WriteAsync("[]"),
            ["with huge keys"] = () => _issuer.Keys = context => context.Response.WriteAsync(new string(' ', 300_000) + """{"keys":[]}"""),
            ["with endless keys"] = () => _issuer.Keys = async context =>
            {
                for (; !context.RequestAborted.IsCancellationRequested; reached++)
                {
                    await context.Response.WriteAsync(new string(' ', 10_000), context.RequestAborted);
                }
            },
            ["with keys that do not come"] = () => _issuer.Keys = context => Task.Delay(Timeout.Infinite, context.RequestAborted),
        };
        foreach (var (name, misbehave) in misbehaviours)
        {
            (_issuer.Describe, _issuer.Keys) = (null, null);
            misbehave();
            // Past the time for which a failure is remembered.
            _clock.Advance(TimeSpan.FromSeconds(11));
            using var response = await Exchange();
            Assert.True(response.StatusCode == HttpStatusCode.ServiceUnavailable, $"an issuer {name}: {response.StatusCode}");
            Assert.Equal("30", response.Headers.RetryAfter?.ToString());
            Assert.Equal($"the issuer `{_issuer.Url}` cannot be asked for its keys, please try again", (await response.Error()).Detail);
        }

        Assert.Equal(0, _inside.Asked);
        Assert.InRange(reached, 1, 10_000);

        // It mends; a failure is remembered for ten seconds, so that nobody waits for it again and again.
        (_issuer.Describe, _issuer.Keys) = (null, null);
        using var soon = await Exchange();
        Assert.Equal((HttpStatusCode.ServiceUnavailable, 0), (soon.StatusCode, _issuer.Asked));
        _clock.Advance(TimeSpan.FromSeconds(11));
        using var mended = await Exchange();
        Assert.Equal((HttpStatusCode.Forbidden, 1), (mended.StatusCode, _issuer.Asked));
    }

    [Fact]
    public async Task Known_keys_are_good_while_their_issuer_is_down_for_a_day()
    {
        using var before = await Exchange();
        Assert.Equal(HttpStatusCode.Forbidden, before.StatusCode);
        _issuer.Describe = context => Redirect(context, _inside.Url);
        _clock.Advance(TimeSpan.FromHours(23));
        using var down = await Exchange();
        Assert.Equal(HttpStatusCode.Forbidden, down.StatusCode);
        _clock.Advance(TimeSpan.FromHours(2));
        using var longer = await Exchange();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, longer.StatusCode);
    }

    [Fact]
    public async Task Too_many_bad_tokens_from_one_address_are_counted()
    {
        for (var i = 0; i < 3; i++)
        {
            using var refused = await _server.Nobody.PostAsJsonAsync("api/v1/trusted_publishing/tokens", new { jwt = "garbage" });
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        }

        using var tooMany = await _server.Nobody.PostAsJsonAsync("api/v1/trusted_publishing/tokens", new { jwt = "garbage" });
        Assert.Equal((HttpStatusCode.TooManyRequests, "too many failed authentications from this address"), await tooMany.Error());
        Assert.NotNull(tooMany.Headers.RetryAfter);
    }

    [Fact]
    public async Task Without_issuers_there_is_no_trusted_publishing()
    {
        await using var server = await Server.Start();
        using var exchange = await server.Nobody.PostAsJsonAsync("api/v1/trusted_publishing/tokens", new { jwt = "x" });
        Assert.Equal((HttpStatusCode.NotFound, "trusted publishing is not set up here (Raktar:TrustedPublishing:Issuers)"), await exchange.Error());
    }

    private static Task Redirect(HttpContext context, string to)
    {
        context.Response.Redirect(to);
        return Task.CompletedTask;
    }

    private Task<HttpResponseMessage> Exchange() =>
        _server.Nobody.PostAsJsonAsync("api/v1/trusted_publishing/tokens", new { jwt = _issuer.Token(_server.Url["http://".Length..]) });
}

/// <summary>Which addresses the registry may be led to.</summary>
public sealed class ReachingOut
{
    [Theory]
    [InlineData("93.184.215.14", true)]
    [InlineData("2606:4700::1111", true)]
    [InlineData("127.0.0.1", false)]
    [InlineData("127.8.8.8", false)]
    [InlineData("10.1.2.3", false)]
    [InlineData("172.16.0.1", false)]
    [InlineData("172.31.255.255", false)]
    [InlineData("172.32.0.1", true)]
    [InlineData("192.168.0.1", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("100.64.0.1", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("::1", false)]
    [InlineData("::", false)]
    [InlineData("fe80::1", false)]
    [InlineData("fd00::1", false)]
    [InlineData("ff02::1", false)]
    [InlineData("::ffff:10.0.0.1", false)]
    [InlineData("::ffff:93.184.215.14", true)]
    [InlineData("64:ff9b::a00:1", false)]
    [InlineData("2002:a00:1::", false)]
    [InlineData("2001:0:a00:1::", false)]
    public void Only_addresses_of_the_open_internet_are_public(string address, bool isPublic) =>
        Assert.Equal(isPublic, GuardedConnections.IsPublic(IPAddress.Parse(address)));
}
