using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Raktar.Testing;

namespace Raktar.Api.Specs;

/// <summary>What a publish means where crates.io or the field leave a choice.</summary>
public sealed class PublishSemantics(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private readonly Server _server = fixture.Server;

    public static TheoryData<string?> ContentTypes =>
        [null, "application/x-www-form-urlencoded", "text/plain", "application/octet-stream", "multipart/form-data", "application/json", "nonsense", "a/b/c", ";", "*/*"];

    [Theory]
    [MemberData(nameof(ContentTypes))]
    public async Task Nothing_is_refused_for_its_content_type(string? type)
    {
        var name = $"typed{Math.Abs(StringComparer.Ordinal.GetHashCode(type ?? string.Empty))}";
        using var published = await Send(HttpMethod.Put, "api/v1/crates/new", RawCrate.Of(name, "1.0.0").Body(), type);
        Assert.Equal(HttpStatusCode.OK, published.StatusCode);
        using var team = await _server.Admin.PutAsync("api/v1/teams/typed", null);
        foreach (var (method, path, body) in ((HttpMethod, string, string)[])
        [
            (HttpMethod.Put, $"api/v1/crates/{name}/owners", """{"users":["team:typed"]}"""),
            (HttpMethod.Delete, $"api/v1/crates/{name}/owners", """{"users":["team:typed"]}"""),
            (HttpMethod.Put, $"api/v1/crates/{name}/visibility", """{"restricted":true}"""),
            (HttpMethod.Put, $"api/v1/crates/{name}/trusted_only", """{"trusted_only":false}"""),
            (HttpMethod.Put, "api/v1/accounts/typed", """{"role":"reader"}"""),
            (HttpMethod.Post, "api/v1/accounts/typed/tokens", """{"name":"typed","expired_at":null}"""),
            (HttpMethod.Post, "api/v1/tokens/leaked", """{"token":"rk_no-such-token"}"""),
            (HttpMethod.Delete, $"api/v1/crates/{name}/1.0.0", """{"reason":"spec"}"""),
        ])
        {
            using var answer = await Send(method, path, Encoding.UTF8.GetBytes(body), type);
            Assert.True(answer.IsSuccessStatusCode, $"{method} {path}: {answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        }
    }

    [Fact]
    public async Task Without_a_body_where_one_is_needed_the_sentence_is_about_the_body()
    {
        using var answer = await _server.Admin.PutAsync("api/v1/accounts/nobody-at-all", null);
        var (status, sentence) = await answer.Error();
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.StartsWith("the body is not valid JSON", sentence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("keywords", "keywords")]
    [InlineData("description", "description")]
    [InlineData("badges", "badges")]
    public async Task Metadata_of_a_wrong_type_is_refused_by_the_fields_name(string field, string named)
    {
        using var answer = await RawCrate.Of("wrong-types", "1.0.0").Publish(_server.Admin, metadata => metadata[field] = 5);
        Assert.Equal((HttpStatusCode.BadRequest, $"metadata field `{named}` has a wrong type or text"), await answer.Error());
        using var missing = await _server.Admin.GetAsync("api/v1/crates/wrong-types");
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
    }

    [Fact]
    public async Task A_dependency_from_crates_io_on_a_name_of_this_registry_is_warned_of()
    {
        (await RawCrate.Of("Our_utils", "1.0.0").Publish(_server.Admin)).EnsureSuccessStatusCode();
        var crate = RawCrate.Of("confused", "1.0.0", manifest: "[dependencies]\nour-utils = \"1\"\nserde = \"1\"\n[dev-dependencies]\nalias = { package = \"our-utils\", version = \"1\" }");
        Assert.Equal(
            ["from crates.io come `our-utils`, which this registry has as well: Cargo.toml must say `registry` where those are meant"],
            await Warnings(_server.Admin, crate, CratesIo("our-utils"), CratesIo("serde"), CratesIo("our-utils", "alias", "dev")));

        // Of what the publisher may not see, nothing is said.
        (await _server.Admin.PutAsJsonAsync("api/v1/crates/our_utils/visibility", new { restricted = true })).EnsureSuccessStatusCode();
        var other = RawCrate.Of("unconfused", "1.0.0", manifest: "[dependencies]\nour-utils = \"1\"");
        Assert.Empty(await Warnings(await _server.Account("unconfused"), other, CratesIo("our-utils")));
    }

    [Fact]
    public async Task Or_it_is_refused_by_policy()
    {
        await using var strict = await Server.Start("--Raktar:Policy:NamesHereFromCratesIo=Reject");
        (await RawCrate.Of("ours", "1.0.0").Publish(strict.Admin)).EnsureSuccessStatusCode();
        using var refused = await RawCrate.Of("confused", "1.0.0", manifest: "[dependencies]\nours = \"1\"").Publish(strict.Admin, metadata => metadata["deps"] = new[] { CratesIo("ours") });
        Assert.Equal(
            (HttpStatusCode.BadRequest, "from crates.io come `ours`, which this registry has as well: Cargo.toml must say `registry` where those are meant"),
            await refused.Error());
    }

    [Fact]
    public async Task A_new_crate_is_restricted_from_its_first_moment_where_the_operator_says_so()
    {
        await using var server = await Server.Start("--Raktar:Policy:NewCratesRestricted=true");
        var (owner, reader) = (await server.Account("ann"), await server.Account("rita", "reader"));
        using var stop = new CancellationTokenSource();
        var seen = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                foreach (var path in (string[])["bo/rn/born", "api/v1/crates/born", "crates/born"])
                {
                    using var answer = await reader.GetAsync(path);
                    Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
                }

                Assert.Equal(0, (await reader.Json("api/v1/crates?q=born")).GetProperty("meta").GetProperty("total").GetInt32());
            }
        });
        var crate = RawCrate.Of("born", "1.0.0");
        (await crate.Publish(owner)).EnsureSuccessStatusCode();
        Assert.Contains("1.0.0", await owner.GetStringAsync("bo/rn/born"), StringComparison.Ordinal);
        using var download = await reader.GetAsync($"dl/born/1.0.0/{RawCrate.Checksum(crate.File)}.crate");
        Assert.Equal(HttpStatusCode.NotFound, download.StatusCode);
        await stop.CancelAsync();
        await seen;
        var rows = (await server.Admin.Json("api/v1/audit?crate=born")).GetProperty("entries").EnumerateArray().ToList();
        Assert.Equal(["version-published", "visibility-changed", "crate-created"], rows.Select(row => row.GetProperty("kind").GetString()));
        Assert.Single(rows.Select(row => row.GetProperty("commit").GetString()).Distinct());

        // Its owner opens it, and the next version leaves it open.
        (await owner.PutAsJsonAsync("api/v1/crates/born/visibility", new { restricted = false })).EnsureSuccessStatusCode();
        (await RawCrate.Of("born", "1.1.0").Publish(owner)).EnsureSuccessStatusCode();
        Assert.Contains("1.1.0", await reader.GetStringAsync("bo/rn/born"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_of_which_nothing_is_left_is_spelled_anew_by_its_owner()
    {
        var owner = await _server.Account("speller");
        (await RawCrate.Of("My-Crate", "1.0.0").Publish(owner)).EnsureSuccessStatusCode();
        var before = TimeProvider.System.GetUtcNow().ToString("O");
        using var taken = await RawCrate.Of("my_crate", "1.1.0").Publish(owner);
        Assert.Equal((HttpStatusCode.Conflict, "crate is already registered as `My-Crate`"), await taken.Error());
        (await _server.Admin.DeleteAsync("api/v1/crates/My-Crate/1.0.0?message=case")).EnsureSuccessStatusCode();
        using var used = await RawCrate.Of("my_crate", "1.0.0").Publish(owner);
        Assert.Equal(HttpStatusCode.Conflict, (await used.Error()).Status);
        (await RawCrate.Of("my_crate", "1.1.0").Publish(owner)).EnsureSuccessStatusCode();

        var reader = await _server.Account("spell-reader", "reader");
        var lines = (await reader.GetStringAsync("my/_c/my_crate")).TrimEnd('\n').Split('\n');
        Assert.StartsWith("""{"name":"my_crate","vers":"1.1.0",""", Assert.Single(lines), StringComparison.Ordinal);
        using var old = await reader.GetAsync("my/-c/my-crate");
        Assert.Equal(HttpStatusCode.NotFound, old.StatusCode);
        Assert.Equal("my_crate", (await reader.Json("api/v1/crates/MY-CRATE")).GetProperty("crate").GetProperty("name").GetString());
        var found = Assert.Single((await reader.Json("api/v1/crates?q=my-crate")).GetProperty("crates").EnumerateArray());
        Assert.Equal(("my_crate", 1), (found.GetProperty("name").GetString(), found.GetProperty("num_versions").GetInt32()));
        using var page = await reader.GetAsync("crates/my_crate/history");
        Assert.Contains("changed the crate's spelling to my_crate", WebUtility.HtmlDecode(await page.Content.ReadAsStringAsync()), StringComparison.Ordinal);

        // What was deleted is deleted in the past as well, and its file would say another name: it never comes back.
        foreach (var path in (string[])[$"at/{before}/my/-c/my-crate", $"at/{before}/my/_c/my_crate"])
        {
            using var past = await reader.GetAsync(path.Replace("+00:00", "Z", StringComparison.Ordinal));
            Assert.Equal(HttpStatusCode.NotFound, past.StatusCode);
        }

        using var restored = await _server.Admin.PutAsync("api/v1/crates/my_crate/1.0.0/restore", null);
        Assert.Equal(
            (HttpStatusCode.Conflict, "crate version `my_crate@1.0.0` was published under another spelling of the name and cannot be restored"), await restored.Error());
    }

    private static object CratesIo(string name, string? alias = null, string kind = "normal") => new
    {
        name,
        version_req = "^1",
        features = Array.Empty<string>(),
        optional = false,
        default_features = true,
        target = (string?)null,
        kind,
        registry = "https://github.com/rust-lang/crates.io-index",
        explicit_name_in_toml = alias,
    };

    private static async Task<IEnumerable<string>> Warnings(HttpClient client, RawCrate crate, params object[] dependencies)
    {
        using var answer = await crate.Publish(client, metadata => metadata["deps"] = dependencies);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        var body = await answer.Content.ReadFromJsonAsync<JsonElement>();
        return [.. body.GetProperty("warnings").GetProperty("other").EnumerateArray().Select(warning => warning.GetString()!)];
    }

    private async Task<HttpResponseMessage> Send(HttpMethod method, string path, byte[] body, string? type)
    {
        using var content = new ByteArrayContent(body);
        if (type is not null)
        {
            content.Headers.TryAddWithoutValidation("Content-Type", type);
        }

        using var request = new HttpRequestMessage(method, path) { Content = content };
        return await _server.Admin.SendAsync(request);
    }
}
