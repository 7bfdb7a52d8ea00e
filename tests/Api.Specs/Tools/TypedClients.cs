using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Raktar.Testing;

namespace Raktar.Api.Specs.Tools;

/// <summary>
/// What typed clients of crates.io read (crates_io_api and the like): each field that crates.io always has is there, with crates.io's type, and null only where
/// crates.io's may be (https://crates.io/api/openapi.json).
/// </summary>
public sealed class TypedClients : IAsyncLifetime
{
    private const string User = "id:n login:s name:s? avatar:s? url:s github_username_matches:b created_at:t?";
    private const string Owner = "id:n login:s kind:s name:s? avatar:s? url:s?";
    private const string Keyword = "id:s keyword:s created_at:t crates_cnt:n";
    private const string Category = "id:s category:s slug:s description:s created_at:t crates_cnt:n";
    private const string Dependency = "id:n version_id:n crate_id:s req:s optional:b default_features:b features:a target:s? kind:s downloads:n";

    private const string Crate =
        "id:s name:s updated_at:t versions:a? keywords:a? categories:a? badges:a created_at:t downloads:n recent_downloads:n? default_version:s? num_versions:n yanked:b "
        + "max_version:s newest_version:s max_stable_version:s? description:s? homepage:s? documentation:s? repository:s? links:o exact_match:b trustpub_only:b "
        + "links.version_downloads:s links.versions:s? links.owners:s? links.owner_team:s? links.owner_user:s? links.reverse_dependencies:s";

    private const string Version =
        "id:n crate:s num:s dl_path:s readme_path:s updated_at:t created_at:t downloads:n features:o yanked:b yank_message:s? lib_links:s? license:s? links:o crate_size:n "
        + "published_by:o audit_actions:a checksum:s rust_version:s? has_lib:b? bin_names:a? edition:s? description:s? homepage:s? documentation:s? repository:s? "
        + "trustpub_data:o? linecounts:o? links.dependencies:s links.version_downloads:s links.authors:s";

    private Server _server = null!;

    public async Task InitializeAsync()
    {
        _server = await Server.Start();
        await Library.Publish(_server.Admin, "typed", "1.0.0", ["http"], ["network::protocols"]);
        await Library.Publish(_server.Admin, "user", "1.0.0", [], [], $"[dependencies.typed]\nversion = \"1\"\nregistry-index = \"sparse+{_server.Url}/\"\n");
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Theory]
    [InlineData("crates", "crates.*", Crate)]
    [InlineData("crates/typed", "crate", Crate)]
    [InlineData("crates/typed", "versions.*", Version)]
    [InlineData("crates/typed", "versions.*.published_by", User)]
    [InlineData("crates/typed", "versions.*.audit_actions.*", "action:s time:t user:o")]
    [InlineData("crates/typed", "versions.*.audit_actions.*.user", User)]
    [InlineData("crates/typed", "keywords.*", Keyword)]
    [InlineData("crates/typed", "categories.*", Category)]
    [InlineData("crates/typed/1.0.0", "version", Version)]
    [InlineData("crates/typed/versions", "versions.*", Version)]
    [InlineData("crates/typed/owners", "users.*", Owner)]
    [InlineData("crates/typed/owner_user", "users.*", Owner)]
    [InlineData("crates/typed/downloads", "", "version_downloads:a meta:o meta.extra_downloads:a")]
    [InlineData("crates/typed/1.0.0/downloads", "", "version_downloads:a")]
    [InlineData("crates/typed/1.0.0/authors", "", "users:a meta:o meta.names:a")]
    [InlineData("crates/user/1.0.0/dependencies", "dependencies.*", Dependency)]
    [InlineData("crates/typed/reverse_dependencies", "dependencies.*", Dependency)]
    [InlineData("crates/typed/reverse_dependencies", "versions.*", Version)]
    [InlineData("summary", "", "num_downloads:n num_crates:n new_crates:a most_downloaded:a most_recently_downloaded:a just_updated:a popular_keywords:a popular_categories:a")]
    [InlineData("summary", "new_crates.*", Crate)]
    [InlineData("summary", "popular_keywords.*", Keyword)]
    [InlineData("summary", "popular_categories.*", Category)]
    [InlineData("keywords", "keywords.*", Keyword)]
    [InlineData("keywords", "meta", "total:n")]
    [InlineData("keywords/http", "keyword", Keyword)]
    [InlineData("categories", "categories.*", Category)]
    [InlineData("categories/network", "category", Category + " subcategories:a parent_categories:a")]
    [InlineData("users/admin", "user", User)]
    public async Task Nothing_that_is_always_there_is_missing_or_null(string path, string where, string fields)
    {
        var found = At(await _server.Admin.Json($"api/v1/{path}"), where.Split('.', StringSplitOptions.RemoveEmptyEntries)).ToList();
        Assert.NotEmpty(found);
        foreach (var (json, field) in from json in found from field in fields.Split(' ') select (json, field))
        {
            var (name, type) = (field.Split(':')[0], field.Split(':')[1]);
            var value = name.Split('.').Aggregate(json, (at, key) => at.TryGetProperty(key, out var next) ? next : throw new KeyNotFoundException($"{path} has no {where}.{name}"));
            Assert.True(value.ValueKind == JsonValueKind.Null ? type.EndsWith('?') : Is(value, type[0]), $"{path}: {where}.{name} is {value.GetRawText()}");
        }
    }

    [Theory]
    [InlineData("crates/not-there/downloads")]
    [InlineData("crates/typed/9.0.0/downloads")]
    [InlineData("crates/typed/9.0.0/authors")]
    [InlineData("crates/not-there/1.0.0/readme")]
    [InlineData("keywords/no-crate-has-it")]
    [InlineData("categories/no-crate-is-in-it")]
    [InlineData("users/nobody")]
    [InlineData("users/no%20login")]
    public async Task What_is_not_there_is_404_with_a_sentence(string path)
    {
        using var answer = await _server.Admin.GetAsync($"api/v1/{path}");
        Assert.Equal(HttpStatusCode.NotFound, (await answer.Error()).Status);
    }

    [Fact]
    public async Task Whoever_owns_nothing_is_nobody_and_a_restricted_crate_adds_to_no_number()
    {
        var owner = await _server.Account("olga");
        var reader = await _server.Account("rita", "reader");
        await Library.Publish(owner, "secret-plans", "1.0.0", ["http", "takeover"], ["finance"]);
        Assert.Equal(2, (await reader.Json("api/v1/keywords/http")).GetProperty("keyword").GetProperty("crates_cnt").GetInt32());
        Assert.Equal("olga", (await reader.Json("api/v1/users/Olga")).GetProperty("user").GetProperty("login").GetString());
        using var restricted = await owner.PutAsJsonAsync("api/v1/crates/secret-plans/visibility", new { restricted = true });
        restricted.EnsureSuccessStatusCode();

        Assert.Equal(1, (await reader.Json("api/v1/keywords/http")).GetProperty("keyword").GetProperty("crates_cnt").GetInt32());
        Assert.Equal(2, (await reader.Json("api/v1/summary")).GetProperty("num_crates").GetInt32());
        foreach (var path in (string[])["api/v1/keywords", "api/v1/categories", "api/v1/summary"])
        {
            var body = await reader.GetStringAsync(path);
            Assert.False(body.Contains("takeover", StringComparison.Ordinal) || body.Contains("finance", StringComparison.Ordinal) || body.Contains("secret", StringComparison.Ordinal), body);
        }

        // Nobody but those who see the crate can tell olga from somebody who is not there.
        foreach (var path in (string[])["api/v1/users/olga", "api/v1/keywords/takeover", "api/v1/categories/finance", "api/v1/crates/secret-plans/downloads"])
        {
            using var hidden = await reader.GetAsync(path);
            Assert.Equal(HttpStatusCode.NotFound, hidden.StatusCode);
            using var shown = await owner.GetAsync(path);
            Assert.Equal(HttpStatusCode.OK, shown.StatusCode);
        }
    }

    [Fact]
    public async Task A_category_is_found_with_what_is_above_and_below_it()
    {
        var above = (await _server.Admin.Json("api/v1/categories/network")).GetProperty("category");
        Assert.Equal("network::protocols", Assert.Single(above.GetProperty("subcategories").EnumerateArray()).GetProperty("slug").GetString());
        var below = (await _server.Admin.Json("api/v1/categories/network::protocols")).GetProperty("category");
        Assert.Equal("protocols", below.GetProperty("category").GetString());
        Assert.Equal("network", Assert.Single(below.GetProperty("parent_categories").EnumerateArray()).GetProperty("slug").GetString());
        Assert.Equal(["network"], (await _server.Admin.Json("api/v1/categories")).GetProperty("categories").EnumerateArray().Select(category => category.GetProperty("slug").GetString()));
    }

    private static IEnumerable<JsonElement> At(JsonElement json, string[] path) =>
        path.Length == 0 ? [json]
        : path[0] == "*" ? json.EnumerateArray().SelectMany(item => At(item, path[1..]))
        : At(json.GetProperty(path[0]), path[1..]);

    private static bool Is(JsonElement value, char type) => type switch
    {
        's' => value.ValueKind == JsonValueKind.String,
        't' => value.TryGetDateTimeOffset(out _),
        'n' => value.TryGetInt32(out var number) && number >= 0,
        'b' => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        'a' => value.ValueKind == JsonValueKind.Array,
        _ => value.ValueKind == JsonValueKind.Object,
    };
}
