using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Raktar.Testing;

namespace Raktar.Api.Specs.Ci;

/// <summary>How a crate's owners say which runs they trust.</summary>
[Trait("Needs", "issuer")]
public sealed class TrustingRuns(TrustedRegistry registry) : IClassFixture<TrustedRegistry>
{
    [Fact]
    public async Task Owners_add_list_and_remove_trusted_publishers()
    {
        var crate = await registry.Crate("octo/listed");
        Assert.Equal(1, await registry.Trust(crate, "octo/listed"));
        Assert.Equal(2, await registry.Trust(crate, "octo/second"));
        var list = await registry.Owner.Json($"api/v1/crates/{crate}/trusted_publishers");
        Assert.False(list.GetProperty("trusted_only").GetBoolean());
        Assert.Equal(
            ["1 octo/listed", "2 octo/second"],
            list.GetProperty("trusted_publishers").EnumerateArray().Select(p => $"{p.GetProperty("id")} {p.GetProperty("claims").GetProperty("repository")}"));

        using var removed = await registry.Owner.DeleteAsync($"api/v1/crates/{crate}/trusted_publishers/1");
        using var again = await registry.Owner.DeleteAsync($"api/v1/crates/{crate}/trusted_publishers/1");
        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.NoContent), (removed.StatusCode, again.StatusCode));
        using var missing = await registry.Owner.DeleteAsync($"api/v1/crates/{crate}/trusted_publishers/3");
        Assert.Equal((HttpStatusCode.NotFound, $"`{crate}` has no trusted publisher `3`"), await missing.Error());
        using var nonsense = await registry.Owner.DeleteAsync($"api/v1/crates/{crate}/trusted_publishers/x");
        Assert.Equal(HttpStatusCode.NotFound, nonsense.StatusCode);
        Assert.Single((await registry.Owner.Json($"api/v1/crates/{crate}/trusted_publishers")).GetProperty("trusted_publishers").EnumerateArray());
    }

    [Fact]
    public async Task Others_neither_see_nor_change_them()
    {
        var crate = await registry.Crate();
        var stranger = await registry.Server.Account("a-stranger");
        using var seen = await stranger.GetAsync($"api/v1/crates/{crate}/trusted_publishers");
        Assert.Equal((HttpStatusCode.Forbidden, $"you are not an owner of `{crate}`"), await seen.Error());
        using var added = await stranger.PostAsJsonAsync($"api/v1/crates/{crate}/trusted_publishers", new { issuer = registry.Issuer.Url, claims = TrustedRegistry.Rule() });
        Assert.Equal((HttpStatusCode.Forbidden, $"you are not an owner of `{crate}`"), await added.Error());
        using var only = await stranger.PutAsJsonAsync($"api/v1/crates/{crate}/trusted_only", new { trusted_only = true });
        Assert.Equal(HttpStatusCode.Forbidden, only.StatusCode);
        using var removed = await stranger.DeleteAsync($"api/v1/crates/{crate}/trusted_publishers/1");
        Assert.Equal(HttpStatusCode.Forbidden, removed.StatusCode);
        Assert.Single((await registry.Server.Admin.Json($"api/v1/crates/{crate}/trusted_publishers")).GetProperty("trusted_publishers").EnumerateArray());
    }

    [Theory]
    [InlineData("""{"issuer":"https://ci.example.com","claims":{"sub":"foo"}}""", "`https://ci.example.com` is not an issuer that this registry knows; there are `http://127.0.0.1:")]
    [InlineData("""{"issuer":"ISSUER","claims":{}}""", "a trusted publisher needs 1 to 20 claims")]
    [InlineData("""{"issuer":"ISSUER","claims":{"ref":"refs/heads/main"}}""", "pin the project: one of `sub`, `client_id`,")]
    [InlineData("""{"issuer":"ISSUER","claims":{"repository":null}}""", "field `issuer` must be the issuer's URL, field `claims` an object of strings")]
    [InlineData("""{"issuer":"ISSUER"}""", "field `issuer` must be the issuer's URL, field `claims` an object of strings")]
    [InlineData("""{"issuer":"ISSUER","claims":{"sub":"foo"},"environment":"release"}""", "the body is not valid JSON at line 1")]
    [InlineData("""{"issuer":"ISSUER","claims":{"sub":5}}""", "the body is not valid JSON at line 1")]
    public async Task A_wrong_rule_is_refused(string body, string sentence)
    {
        var crate = await registry.Crate();
        using var content = new StringContent(body.Replace("ISSUER", registry.Issuer.Url, StringComparison.Ordinal), Encoding.UTF8, "application/json");
        using var response = await registry.Owner.PostAsync($"api/v1/crates/{crate}/trusted_publishers", content);
        var (status, detail) = await response.Error();
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.StartsWith(sentence, detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_crate_without_trusted_publishers_cannot_be_for_them_only()
    {
        using var published = await RawCrate.Of("trusts-nobody", "1.0.0").Publish(registry.Owner);
        Assert.Equal(HttpStatusCode.OK, published.StatusCode);
        using var only = await registry.Owner.PutAsJsonAsync("api/v1/crates/trusts-nobody/trusted_only", new { trusted_only = true });
        Assert.Equal((HttpStatusCode.BadRequest, "`trusts-nobody` has no trusted publisher yet, so nobody could publish it"), await only.Error());
        using var said = await registry.Owner.PutAsJsonAsync("api/v1/crates/trusts-nobody/trusted_only", new { });
        Assert.Equal((HttpStatusCode.BadRequest, "field `trusted_only` must be true or false"), await said.Error());
    }
}
