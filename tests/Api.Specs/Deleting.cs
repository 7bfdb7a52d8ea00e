using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Raktar.Testing;

namespace Raktar.Api.Specs;

/// <summary>A version that an administrator deletes, as clients see it: nowhere, until it is restored.</summary>
public sealed class Deleting : IAsyncLifetime
{
    private Server _server = null!;

    public async Task InitializeAsync() => _server = await Server.Start();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task A_deleted_version_is_nowhere_and_comes_back_as_it_was()
    {
        foreach (var version in (string[])["1.0.0", "1.1.0", "2.0.0"])
        {
            await Publish("gone", version);
        }

        (await _server.Admin.DeleteAsync("api/v1/crates/gone/1.1.0/yank?message=slow")).EnsureSuccessStatusCode();
        var before = await Seen();
        await Delete("gone", "1.1.0");
        Assert.DoesNotContain("1.1.0", await _server.Admin.GetStringAsync("go/ne/gone"), StringComparison.Ordinal);
        await Delete("gone", "2.0.0");
        Assert.Single((await _server.Admin.GetStringAsync("go/ne/gone")).TrimEnd('\n').Split('\n'));
        var crate = (await _server.Admin.Json("api/v1/crates/gone")).GetProperty("crate");
        Assert.Equal(
            ("1.0.0", "1.0.0", "1.0.0", 1),
            (Text(crate, "default_version"), Text(crate, "max_version"), Text(crate, "newest_version"), crate.GetProperty("num_versions").GetInt32()));
        var found = Assert.Single((await _server.Admin.Json("api/v1/crates?q=gone")).GetProperty("crates").EnumerateArray());
        Assert.Equal(("1.0.0", 1), (Text(found, "max_version"), found.GetProperty("num_versions").GetInt32()));
        Assert.Equal(1, (await _server.Admin.Json("api/v1/crates/gone/versions")).GetProperty("meta").GetProperty("total").GetInt32());
        foreach (var path in (string[])["", "/dependencies", "/download"])
        {
            using var answer = await _server.Admin.GetAsync($"api/v1/crates/gone/2.0.0{path}");
            Assert.Equal((HttpStatusCode.NotFound, "crate `gone` has no version `2.0.0`"), await answer.Error());
        }

        using var download = await _server.Admin.GetAsync(DownloadOf("gone", "2.0.0"));
        Assert.Equal(HttpStatusCode.NotFound, download.StatusCode);
        using var yank = await _server.Admin.DeleteAsync("api/v1/crates/gone/2.0.0/yank");
        Assert.Equal(HttpStatusCode.NotFound, (await yank.Error()).Status);
        using var again = await RawCrate.Of("gone", "2.0.0").Publish(_server.Admin);
        Assert.Equal((HttpStatusCode.Conflict, "crate version `gone@2.0.0` was deleted and cannot be reused"), await again.Error());

        await Restore("gone", "2.0.0");
        await Restore("gone", "1.1.0");
        Assert.Equal(before, await Seen());

        async Task<(string, string, string)> Seen()
        {
            var file = await _server.Admin.GetByteArrayAsync(DownloadOf("gone", "1.1.0"));
            var versions = (await _server.Admin.Json("api/v1/crates/gone/versions")).GetProperty("versions").EnumerateArray()
                .Select(version => (Text(version, "num"), Text(version, "checksum"), version.GetProperty("yanked").GetBoolean(), version.GetProperty("yank_message").ToString()));
            return (await _server.Admin.GetStringAsync("go/ne/gone"), RawCrate.Checksum(file), string.Join('\n', versions));
        }
    }

    [Fact]
    public async Task A_crate_without_a_version_left_is_no_crate_until_there_is_one_again()
    {
        await Publish("only", "1.0.0");
        await Publish("user", "1.0.0", dependency: "only");
        await Delete("only", "1.0.0");
        foreach (var path in (string[])
        [
            "api/v1/crates/only", "api/v1/crates/only/versions", "api/v1/crates/only/1.0.0", "api/v1/crates/only/owners", "api/v1/crates/only/owner_user",
            "api/v1/crates/only/owner_team", "api/v1/crates/only/reverse_dependencies", "api/v1/crates/only/1.0.0/dependencies", "api/v1/crates/only/1.0.0/download",
        ])
        {
            using var answer = await _server.Admin.GetAsync(path);
            Assert.Equal((HttpStatusCode.NotFound, "crate `only` does not exist"), await answer.Error());
        }

        using var index = await _server.Admin.GetAsync("on/ly/only");
        Assert.Equal(HttpStatusCode.NotFound, index.StatusCode);
        foreach (var query in (string[])["q=only", "", "ids[]=only", "sort=new", "letter=o"])
        {
            Assert.DoesNotContain("\"only\"", await _server.Admin.GetStringAsync($"api/v1/crates?{query}"), StringComparison.Ordinal);
        }

        // It has an owner still, who may yank nothing, manage it, and publish another version.
        (await _server.Admin.PutAsJsonAsync("api/v1/crates/only/visibility", new { restricted = false })).EnsureSuccessStatusCode();
        using var dependent = await Publishing("user", "1.1.0", "only");
        Assert.Equal((HttpStatusCode.BadRequest, "dependency `only` is not in this registry"), await dependent.Error());
        await Publish("only", "1.0.1");
        Assert.Contains("1.0.1", await _server.Admin.GetStringAsync("on/ly/only"), StringComparison.Ordinal);
        Assert.Equal(1, (await _server.Admin.Json("api/v1/crates/only/reverse_dependencies")).GetProperty("meta").GetProperty("total").GetInt32());
        await Restore("only", "1.0.0");
        Assert.Equal(2, (await _server.Admin.GetStringAsync("on/ly/only")).Count(c => c == '\n'));
    }

    [Fact]
    public async Task What_a_deleted_version_depended_on_has_no_dependent_any_more()
    {
        await Publish("base", "1.0.0");
        await Publish("top", "1.0.0");
        await Publish("top", "2.0.0", dependency: "base");
        Assert.Equal(1, (await _server.Admin.Json("api/v1/crates/base/reverse_dependencies")).GetProperty("meta").GetProperty("total").GetInt32());
        await Delete("top", "2.0.0");
        Assert.Equal(0, (await _server.Admin.Json("api/v1/crates/base/reverse_dependencies")).GetProperty("meta").GetProperty("total").GetInt32());
    }

    [Fact]
    public async Task A_deletion_says_why()
    {
        await Publish("why", "1.0.0");
        foreach (var answer in (HttpResponseMessage[])
        [
            await _server.Admin.DeleteAsync("api/v1/crates/why/1.0.0"),
            await _server.Admin.DeleteAsync("api/v1/crates/why/1.0.0?message="),
            await _server.Admin.DeleteAsync("api/v1/crates/why/1.0.0?message=%20"),
            await _server.Admin.DeleteAsync($"api/v1/crates/why/1.0.0?message={new string('x', 501)}"),
            await _server.Admin.DeleteAsync("api/v1/crates/why/1.0.0?message=%1b[2J"),
            await Delete("api/v1/crates/why/1.0.0", new { }),
            await Delete("api/v1/crates/why/1.0.0", new { reason = (string?)null }),
            await Delete("api/v1/crates/why/1.0.0", new { reason = new string('x', 501) }),
        ])
        {
            Assert.Equal((HttpStatusCode.BadRequest, "a deletion needs a reason, which has at most 500 characters and no control characters"), await answer.Error());
        }

        using var number = await Delete("api/v1/crates/why/1.0.0", new { reason = 1 });
        Assert.Equal(HttpStatusCode.BadRequest, (await number.Error()).Status);
        Assert.Contains("1.0.0", await _server.Admin.GetStringAsync("3/w/why"), StringComparison.Ordinal);
        using var good = await Delete("api/v1/crates/why/1.0.0", new { reason = new string('x', 500) });
        Assert.Equal("""{"ok":true}""", await good.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("nothing/1.0.0", "crate `nothing` does not exist")]
    [InlineData("there/1.0.1", "crate `there` has no version `1.0.1`")]
    [InlineData("there/1.0.0+x", "crate `there` has no version `1.0.0+x`")]
    [InlineData("there/one", "crate `there` has no version `one`")]
    public async Task What_is_not_there_is_not_deleted_and_not_restored(string path, string sentence)
    {
        await Publish("there", "1.0.0");
        using var delete = await _server.Admin.DeleteAsync($"api/v1/crates/{path}?message=why");
        Assert.Equal((HttpStatusCode.NotFound, sentence), await delete.Error());
        using var restore = await _server.Admin.PutAsync($"api/v1/crates/{path}/restore", null);
        Assert.Equal((HttpStatusCode.NotFound, sentence), await restore.Error());
    }

    [Fact]
    public async Task An_owner_yanks_and_an_administrator_deletes()
    {
        var owner = await _server.Account("owning");
        using var published = await RawCrate.Of("owned", "1.0.0").Publish(owner);
        published.EnsureSuccessStatusCode();
        using var refused = await owner.DeleteAsync("api/v1/crates/owned/1.0.0?message=why");
        Assert.Equal(HttpStatusCode.Forbidden, (await refused.Error()).Status);
        using var narrow = await _server.Admin.PostAsJsonAsync("api/v1/accounts/admin/tokens", new { name = "narrow", crate_scopes = (string[])["other-*"] });
        var token = (await narrow.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("token").GetString();
        using var elsewhere = await _server.Client(token).DeleteAsync("api/v1/crates/owned/1.0.0?message=why");
        Assert.Equal((HttpStatusCode.Forbidden, "the token lacks the scope `admin`"), await elsewhere.Error());
        await Delete("owned", "1.0.0");
        await Delete("owned", "1.0.0");
    }

    [Fact]
    public async Task Without_days_to_undo_it_there_is_no_way_back()
    {
        await using var strict = await Server.Start("--Raktar:Deletion:UndoDays=0");
        (await RawCrate.Of("final", "1.0.0").Publish(strict.Admin)).EnsureSuccessStatusCode();
        (await strict.Admin.DeleteAsync("api/v1/crates/final/1.0.0?message=why")).EnsureSuccessStatusCode();
        using var restore = await strict.Admin.PutAsync("api/v1/crates/final/1.0.0/restore", null);
        var (status, sentence) = await restore.Error();
        Assert.Equal(HttpStatusCode.Conflict, status);
        Assert.StartsWith("crate version `final@1.0.0` could be restored until ", sentence, StringComparison.Ordinal);
    }

    private static string Text(JsonElement element, string property) => element.GetProperty(property).GetString()!;

    private static string DownloadOf(string name, string version) => $"dl/{name}/{version}/{RawCrate.Checksum(RawCrate.Of(name, version).File)}.crate";

    private async Task Publish(string name, string version, string? dependency = null)
    {
        using var response = await Publishing(name, version, dependency);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
    }

    private async Task<HttpResponseMessage> Publishing(string name, string version, string? dependency)
    {
        var crate = dependency is null ? RawCrate.Of(name, version) : RawCrate.Of(name, version, manifest:
            $"""
            [dependencies.{dependency}]
            version = "1"
            registry-index = "sparse+{_server.Url}/"
            """);
        object[] dependencies = dependency is null ? [] :
        [
            new { name = dependency, version_req = "^1", features = Array.Empty<string>(), optional = false, default_features = true, target = (string?)null, kind = "normal" },
        ];
        using var content = new ByteArrayContent(crate.Body(metadata => metadata["deps"] = dependencies));
        return await _server.Admin.PutAsync("api/v1/crates/new", content);
    }

    private async Task Delete(string name, string version) => (await Delete($"api/v1/crates/{name}/{version}", new { reason = "why" })).EnsureSuccessStatusCode();

    private Task<HttpResponseMessage> Delete(string path, object body) =>
        _server.Admin.SendAsync(new HttpRequestMessage(HttpMethod.Delete, path) { Content = JsonContent.Create(body) });

    private async Task Restore(string name, string version) => (await _server.Admin.PutAsync($"api/v1/crates/{name}/{version}/restore", null)).EnsureSuccessStatusCode();
}
