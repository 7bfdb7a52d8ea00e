using System.Net;
using Raktar.Api.Access;

namespace Raktar.Api.Specs.Operating;

/// <summary>What the operator can mend is said where the operator looks.</summary>
public sealed class WarningTheOperator
{
    [Fact]
    public async Task A_proxy_that_the_registry_was_not_told_of_is_on_the_administrators_page()
    {
        await using var server = await Server.Start();
        Assert.DoesNotContain("X-Forwarded-For", await server.Admin.GetStringAsync("admin"), StringComparison.Ordinal);
        using (var request = new HttpRequestMessage(HttpMethod.Get, "health") { Headers = { { "X-Forwarded-For", "192.0.2.1" } } })
        {
            (await server.Nobody.SendAsync(request)).EnsureSuccessStatusCode();
        }

        var page = await server.Admin.GetStringAsync("admin");
        Assert.Contains("Requests come with X-Forwarded-For, and Raktar:BehindProxy is off.", page, StringComparison.Ordinal);
        Assert.DoesNotContain("192.0.2.1", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_registry_that_knows_of_its_proxy_and_its_address_has_nothing_to_say()
    {
        await using var server = await Server.Start("--Raktar:BehindProxy=true");
        using (var request = new HttpRequestMessage(HttpMethod.Get, "health") { Headers = { { "X-Forwarded-For", "192.0.2.1" } } })
        {
            (await server.Nobody.SendAsync(request)).EnsureSuccessStatusCode();
        }

        Assert.DoesNotContain("class=\"notice\"", await server.Admin.GetStringAsync("admin"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_for_this_machine_alone_given_to_others_is_on_the_administrators_page()
    {
        await using var server = await Server.StartAt(Server.FreeUrl().Replace("127.0.0.1", "0.0.0.0", StringComparison.Ordinal));
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{server.Url.Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal)}/admin");
        using var answer = await server.Admin.SendAsync(request);
        var page = await answer.Content.ReadAsStringAsync();
        Assert.Contains($"It listens on {server.Url} for other machines too, and Raktar:PublicUrl is not set", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("192.0.2.7", "192.0.2.7")]
    [InlineData("::ffff:192.0.2.7", "192.0.2.7")]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::")]
    [InlineData("2001:db8:1:2:ffff::", "2001:db8:1:2::")]
    [InlineData("2001:db8:1:3::1", "2001:db8:1:3::")]
    [InlineData("fe80::1%1", "fe80::")]
    public void A_client_is_an_address_or_a_network_of_IPv6(string address, string network) =>
        Assert.Equal(IPAddress.Parse(network), ClientNetwork.Of(IPAddress.Parse(address)));

    [Fact]
    public async Task A_network_is_limited_as_one_and_another_is_not_touched()
    {
        await using var server = await Server.Start("--Raktar:BehindProxy=true", "--Raktar:RateLimits:FailedAuthenticationsPerMinute=3");
        for (var host = 1; host <= 3; host++)
        {
            Assert.Equal(HttpStatusCode.Unauthorized, await Guess($"2001:db8:1:2:{host}::1"));
        }

        Assert.Equal(HttpStatusCode.TooManyRequests, await Guess("2001:db8:1:2:ffff::1"));
        Assert.Equal(HttpStatusCode.Unauthorized, await Guess("2001:db8:1:3::1"));
        Assert.Equal(HttpStatusCode.Unauthorized, await Guess("192.0.2.1"));

        async Task<HttpStatusCode> Guess(string from)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "api/v1/me") { Headers = { { "X-Forwarded-For", from } } };
            request.Headers.TryAddWithoutValidation("Authorization", "rk_a-guess");
            using var answer = await server.Nobody.SendAsync(request);
            return answer.StatusCode;
        }
    }
}
