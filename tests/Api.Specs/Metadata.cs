using System.Net;
using System.Text.Json;
using Raktar.Testing;

namespace Raktar.Api.Specs;

public sealed class Metadata : IAsyncLifetime
{
    private Server _server = null!;

    public async Task InitializeAsync()
    {
        _server = await Server.Start();
        await Publish(RawCrate.Of("serde", "1.0.0", description: "A generic serialization framework"));
        await Publish(RawCrate.Of("serde", "1.1.0-rc.1", description: "A generic serialization framework"));
        await Publish(RawCrate.Of("serde_json", "0.1.0", description: "JSON"));
        await Publish(RawCrate.Of("my-json", "0.1.0", description: "Another JSON, of the serde kind"));
        await Publish(RawCrate.Of("zzz", "0.1.0", description: "100% _new_"));
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Theory]
    [InlineData("serde", "serde serde_json my-json")]
    [InlineData("SERDE-json", "serde_json")]
    [InlineData("json", "my-json serde_json")]
    [InlineData("serde json", "serde_json my-json")]
    [InlineData("framework", "serde")]
    [InlineData("%25", "zzz")]
    [InlineData("_new_", "zzz")]
    [InlineData("nothing-like-it", "")]
    [InlineData("", "my-json serde serde_json zzz")]
    public async Task The_best_match_is_first(string query, string names)
    {
        var found = await _server.Admin.Json($"api/v1/crates?q={query}");
        Assert.Equal(names, string.Join(' ', found.GetProperty("crates").EnumerateArray().Select(crate => crate.GetProperty("name").GetString())));
        Assert.Equal(names.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length, found.GetProperty("meta").GetProperty("total").GetInt32());
    }

    [Fact]
    public async Task Results_come_in_pages_that_name_each_other()
    {
        var meta = (await _server.Admin.Json("api/v1/crates?sort=alpha&per_page=2&page=2&q=")).GetProperty("meta");
        Assert.Equal("""{"total":4,"next_page":null,"prev_page":"?sort=alpha&per_page=2&q=&page=1"}""", meta.GetRawText());
        var first = await _server.Admin.Json("api/v1/crates?per_page=3");
        Assert.Equal("?per_page=3&page=2", first.GetProperty("meta").GetProperty("next_page").GetString());
        Assert.Equal(3, first.GetProperty("crates").GetArrayLength());
    }

    [Fact]
    public async Task A_crate_has_crates_ios_keys()
    {
        var body = await _server.Admin.Json("api/v1/crates/serde");
        Assert.Equal(["crate", "versions", "keywords", "categories"], body.EnumerateObject().Select(p => p.Name));
        var crate = body.GetProperty("crate");
        string[] keys =
        [
            "id", "name", "description", "homepage", "documentation", "repository", "created_at", "updated_at", "downloads", "recent_downloads",
            "default_version", "num_versions", "yanked", "max_version", "max_stable_version", "newest_version", "versions", "keywords",
            "categories", "badges", "links", "exact_match", "trustpub_only",
        ];
        Assert.Equal(keys.Order(), crate.EnumerateObject().Select(p => p.Name).Order());
        Assert.Equal(("1.0.0", "1.1.0-rc.1", "1.0.0"), (crate.GetProperty("default_version").GetString(), crate.GetProperty("max_version").GetString(), crate.GetProperty("max_stable_version").GetString()));
        Assert.Equal(["1.1.0-rc.1", "1.0.0"], body.GetProperty("versions").EnumerateArray().Select(v => v.GetProperty("num").GetString()));
        Assert.Equal(JsonValueKind.Null, (await _server.Admin.Json("api/v1/crates/serde?include=keywords")).GetProperty("versions").ValueKind);
    }

    [Fact]
    public async Task A_version_has_crates_ios_keys()
    {
        var version = (await _server.Admin.Json("api/v1/crates/Serde/1.0.0")).GetProperty("version");
        string[] keys =
        [
            "id", "crate", "num", "dl_path", "readme_path", "created_at", "updated_at", "downloads", "features", "yanked", "yank_message", "license",
            "links", "crate_size", "published_by", "audit_actions", "checksum", "rust_version", "has_lib", "lib_links", "bin_names", "edition",
            "description", "homepage", "documentation", "repository", "trustpub_data", "linecounts",
        ];
        Assert.Equal(keys.Order(), version.EnumerateObject().Select(p => p.Name).Order());
        Assert.Equal("admin", version.GetProperty("published_by").GetProperty("login").GetString());
        Assert.Equal("MIT", version.GetProperty("license").GetString());
        Assert.True(version.GetProperty("has_lib").GetBoolean());
    }

    [Fact]
    public async Task Versions_are_sorted_and_picked()
    {
        var dated = await _server.Admin.Json("api/v1/crates/serde/versions?sort=date");
        Assert.Equal(2, dated.GetProperty("meta").GetProperty("total").GetInt32());
        var picked = await _server.Admin.Json("api/v1/crates/serde/versions?nums[]=1.0.0");
        Assert.Equal("1.0.0", Assert.Single(picked.GetProperty("versions").EnumerateArray()).GetProperty("num").GetString());
        var paged = await _server.Admin.Json("api/v1/crates/serde/versions?per_page=1");
        Assert.Equal("?per_page=1&page=2", paged.GetProperty("meta").GetProperty("next_page").GetString());
    }

    [Fact]
    public async Task A_download_is_a_redirect_or_a_url()
    {
        using var redirect = await _server.Admin.GetAsync("api/v1/crates/serde/1.0.0/download");
        Assert.Equal(HttpStatusCode.Redirect, redirect.StatusCode);
        Assert.StartsWith($"{_server.Url}/dl/serde/1.0.0/", redirect.Headers.Location!.ToString(), StringComparison.Ordinal);
        using var request = new HttpRequestMessage(HttpMethod.Get, "api/v1/crates/serde/1.0.0/download");
        request.Headers.Accept.ParseAdd("application/json");
        using var url = await _server.Admin.SendAsync(request);
        Assert.Contains("\"url\"", await url.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(["Accept"], url.Headers.Vary);
    }

    [Fact]
    public async Task Dependencies_and_dependents_mirror_each_other()
    {
        var crate = RawCrate.Of("user", "1.0.0", manifest: $"""
            [dependencies.renamed]
            version = "1.0"
            package = "serde"
            registry-index = "sparse+{_server.Url}/"

            """);
        using var content = new ByteArrayContent(crate.Body(metadata => metadata["deps"] = new[]
        {
            new
            {
                name = "serde", version_req = "^1.0", features = Array.Empty<string>(), optional = false, default_features = true,
                target = (string?)null, kind = "normal", explicit_name_in_toml = "renamed",
            },
        }));
        using var response = await _server.Admin.PutAsync("api/v1/crates/new", content);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        Assert.Contains("""{"name":"renamed","req":"^1.0","features":[],"optional":false,"default_features":true,"target":null,"kind":"normal","registry":null,"package":"serde"}""", await _server.Admin.GetStringAsync("us/er/user"), StringComparison.Ordinal);
        var dependency = Assert.Single((await _server.Admin.Json("api/v1/crates/user/1.0.0/dependencies")).GetProperty("dependencies").EnumerateArray());
        Assert.Equal(("serde", "^1.0"), (dependency.GetProperty("crate_id").GetString(), dependency.GetProperty("req").GetString()));
        var dependents = await _server.Admin.Json("api/v1/crates/serde/reverse_dependencies");
        Assert.Equal("user", Assert.Single(dependents.GetProperty("versions").EnumerateArray()).GetProperty("crate").GetString());
        Assert.Equal(1, dependents.GetProperty("meta").GetProperty("total").GetInt32());
    }

    [Fact]
    public async Task A_yank_reason_is_shown_until_the_yank_is_taken_back()
    {
        (await _server.Admin.DeleteAsync("api/v1/crates/zzz/0.1.0/yank?message=unsound")).EnsureSuccessStatusCode();
        var version = (await _server.Admin.Json("api/v1/crates/zzz/0.1.0")).GetProperty("version");
        Assert.Equal((true, "unsound"), (version.GetProperty("yanked").GetBoolean(), version.GetProperty("yank_message").GetString()));
        Assert.DoesNotContain("zzz", (await _server.Admin.Json("api/v1/crates?include_yanked=no")).GetRawText(), StringComparison.Ordinal);
        (await _server.Admin.PutAsync("api/v1/crates/zzz/0.1.0/unyank", null)).EnsureSuccessStatusCode();
        Assert.Equal(JsonValueKind.Null, (await _server.Admin.Json("api/v1/crates/zzz/0.1.0")).GetProperty("version").GetProperty("yank_message").ValueKind);
    }

    [Fact]
    public async Task Owners_have_numbers_that_cargo_can_read()
    {
        foreach (var path in (string[])["owners", "owner_user"])
        {
            var owner = Assert.Single((await _server.Admin.Json($"api/v1/crates/serde/{path}")).GetProperty("users").EnumerateArray());
            Assert.Equal("admin", owner.GetProperty("login").GetString());
            Assert.True(owner.GetProperty("id").TryGetUInt32(out _));
        }

        Assert.Empty((await _server.Admin.Json("api/v1/crates/serde/owner_team")).GetProperty("teams").EnumerateArray());
    }

    [Fact]
    public async Task The_openapi_document_lists_every_route_of_the_api()
    {
        var paths = (await _server.Admin.Json("api/openapi.json")).GetProperty("paths");
        string[] expected = ["/api/v1/crates/new", "/api/v1/crates/{name}/{version}/yank", "/api/v1/crates/{name}", "/api/v1/accounts/{login}/tokens", "/health/ready"];
        Assert.All(expected, path => Assert.True(paths.TryGetProperty(path, out _), path));
    }

    private async Task Publish(RawCrate crate)
    {
        using var response = await crate.Publish(_server.Admin);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
    }
}
