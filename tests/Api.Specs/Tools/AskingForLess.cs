using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Raktar.Testing;

namespace Raktar.Api.Specs.Tools;

/// <summary>Filters, parts and versions as crates.io has them: whoever asks for a little never gets everything.</summary>
public sealed class AskingForLess : IAsyncLifetime
{
    private Server _server = null!;
    private HttpClient _ann = null!;

    public async Task InitializeAsync()
    {
        _server = await Server.Start();
        _ann = await _server.Account("ann");
        await Library.Publish(_server.Admin, "alpha", "1.0.0", ["http", "client"], ["network"]);
        await Library.Publish(_server.Admin, "beta_one", "1.0.0", ["HTTP"], ["network::protocols"]);
        await Library.Publish(_ann, "gamma", "1.0.0", ["client"], ["cli"]);
        (await _server.Admin.PutAsJsonAsync("api/v1/teams/platform", new { })).EnsureSuccessStatusCode();
        (await _ann.PutAsJsonAsync("api/v1/crates/gamma/owners", new { users = (string[])["team:platform"] })).EnsureSuccessStatusCode();
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Theory]
    [InlineData("keyword=http", "alpha beta_one")]
    [InlineData("keyword=none", "")]
    [InlineData("all_keywords=http%20client", "alpha")]
    [InlineData("all_keywords=CLIENT", "alpha gamma")]
    [InlineData("category=network", "alpha beta_one")]
    [InlineData("category=network::protocols", "beta_one")]
    [InlineData("category=net", "")]
    [InlineData("letter=b", "beta_one")]
    [InlineData("letter=BETA", "beta_one")]
    [InlineData("letter=z", "")]
    [InlineData("ids[]=gamma&ids[]=alpha&ids[]=other", "alpha gamma")]
    [InlineData("ids[]=Beta-One", "beta_one")]
    [InlineData("user_id={admin}", "alpha beta_one")]
    [InlineData("user_id={ann}", "gamma")]
    [InlineData("user_id={ann}&keyword=http", "")]
    [InlineData("user_id=1", "")]
    [InlineData("user_id={team:platform}", "")]
    [InlineData("team_id={team:platform}", "gamma")]
    [InlineData("team_id={ann}", "")]
    [InlineData("sort=unheard-of", "alpha beta_one gamma")]
    [InlineData("sort=downloads&q=", "alpha beta_one gamma")]
    public async Task A_filter_is_applied(string query, string names)
    {
        foreach (var login in (string[])["admin", "ann", "team:platform"])
        {
            query = query.Replace($"{{{login}}}", await IdOf(login), StringComparison.Ordinal);
        }

        var found = await _server.Admin.Json($"api/v1/crates?{query}");
        Assert.Equal(names, string.Join(' ', found.GetProperty("crates").EnumerateArray().Select(crate => crate.GetProperty("name").GetString())));
        Assert.Equal(names.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length, found.GetProperty("meta").GetProperty("total").GetInt32());
    }

    [Theory]
    [InlineData("following=yes", "`following` is not supported: crates cannot be followed here")]
    [InlineData("following=", "`following` is not supported: crates cannot be followed here")]
    [InlineData("keyword=", "`keyword` is empty")]
    [InlineData("all_keywords=%20", "`all_keywords` is empty")]
    [InlineData("category=", "`category` is empty")]
    [InlineData("letter=", "`letter` is empty")]
    [InlineData("user_id=ann", "`user_id` or `team_id` must be one number, as the owners of a crate have it")]
    [InlineData("user_id=1&team_id=2", "`user_id` or `team_id` must be one number, as the owners of a crate have it")]
    [InlineData("user_id=1&user_id=2", "`user_id` or `team_id` must be one number, as the owners of a crate have it")]
    [InlineData("team_id=-1", "`user_id` or `team_id` must be one number, as the owners of a crate have it")]
    [InlineData("seek=abc", "`page` must be a number from 1 to 1000, `per_page` a number from 1 (at most 100 are answered), and there is no `seek`")]
    [InlineData("page=0", "`page` must be a number from 1 to 1000, `per_page` a number from 1 (at most 100 are answered), and there is no `seek`")]
    [InlineData("page=1001", "`page` must be a number from 1 to 1000, `per_page` a number from 1 (at most 100 are answered), and there is no `seek`")]
    public async Task A_filter_that_cannot_be_applied_is_refused(string query, string sentence)
    {
        using var answer = await _server.Admin.GetAsync($"api/v1/crates?{query}");
        Assert.Equal((HttpStatusCode.BadRequest, sentence), await answer.Error());
    }

    [Fact]
    public async Task No_page_holds_more_than_a_hundred() =>
        Assert.Equal(3, (await _server.Admin.Json("api/v1/crates?per_page=1000")).GetProperty("crates").GetArrayLength());

    [Theory]
    [InlineData("", "2.0.0 1.0.0", true, true)]
    [InlineData("?include=full", "2.0.0 1.0.0", true, true)]
    [InlineData("?include=", null, false, false)]
    [InlineData("?include=versions", "2.0.0 1.0.0", false, false)]
    [InlineData("?include=default_version", "1.0.0", false, false)]
    [InlineData("?include=default_version,versions", "2.0.0 1.0.0", false, false)]
    [InlineData("?include=keywords,,categories", null, true, true)]
    [InlineData("?include=keywords,badges,downloads", null, true, false)]
    public async Task A_crate_comes_with_the_parts_that_are_asked_for(string query, string? versions, bool keywords, bool categories)
    {
        await Library.Publish(_server.Admin, "parts", "1.0.0", ["http"], ["network"]);
        await Library.Publish(_server.Admin, "parts", "2.0.0", ["http"], ["network"]);
        (await _server.Admin.DeleteAsync("api/v1/crates/parts/2.0.0/yank")).EnsureSuccessStatusCode();
        var body = await _server.Admin.Json($"api/v1/crates/parts{query}");
        var crate = body.GetProperty("crate");
        Assert.Equal(versions, Are(body.GetProperty("versions"), version => version.GetProperty("num").GetString()));
        Assert.Equal(keywords ? "http" : null, Are(body.GetProperty("keywords"), keyword => keyword.GetProperty("id").GetString()));
        Assert.Equal(categories ? "network" : null, Are(body.GetProperty("categories"), category => category.GetProperty("slug").GetString()));
        Assert.Equal(keywords ? "http" : null, Are(crate.GetProperty("keywords"), keyword => keyword.GetString()));
        Assert.Equal(versions?.Contains(' ', StringComparison.Ordinal) == true ? JsonValueKind.Array : JsonValueKind.Null, crate.GetProperty("versions").ValueKind);
        Assert.Equal("1.0.0", crate.GetProperty("default_version").GetString());
    }

    [Theory]
    [InlineData("everything")]
    [InlineData("versions,Keywords")]
    [InlineData(" versions")]
    public async Task An_unknown_part_is_refused(string include)
    {
        using var answer = await _server.Admin.GetAsync($"api/v1/crates/alpha?include={Uri.EscapeDataString(include)}");
        Assert.Equal(HttpStatusCode.BadRequest, (await answer.Error()).Status);
    }

    [Theory]
    [InlineData("1.0.0 1.1.0!", "1.0.0 1.0.0 1.0.0")]
    [InlineData("2.0.0 1.0.1", "1.0.1 2.0.0 2.0.0")]
    [InlineData("1.0.0 2.0.0-rc.1 1.0.1!", "2.0.0-rc.1 2.0.0-rc.1 1.0.0")]
    [InlineData("1.0.0! 1.1.0!", "0.0.0 0.0.0 none")]
    [InlineData("1.0.0-a 1.0.0-b!", "1.0.0-a 1.0.0-a none")]
    public async Task Yanked_versions_stand_for_a_crate_neither_alone_nor_in_a_list(string versions, string newestMaxStable)
    {
        foreach (var version in versions.Split(' '))
        {
            await Library.Publish(_server.Admin, "yanking", version.TrimEnd('!'), []);
        }

        foreach (var yanked in versions.Split(' ').Where(version => version.EndsWith('!')))
        {
            (await _server.Admin.DeleteAsync($"api/v1/crates/yanking/{yanked.TrimEnd('!')}/yank")).EnsureSuccessStatusCode();
        }

        var alone = (await _server.Admin.Json("api/v1/crates/yanking")).GetProperty("crate");
        var listed = Assert.Single((await _server.Admin.Json("api/v1/crates?q=yanking")).GetProperty("crates").EnumerateArray());
        foreach (var crate in (JsonElement[])[alone, listed])
        {
            Assert.Equal(newestMaxStable, string.Join(' ', ((string[])["newest_version", "max_version", "max_stable_version"]).Select(key => crate.GetProperty(key).GetString() ?? "none")));
        }
    }

    private static string? Are(JsonElement list, Func<JsonElement, string?> name) =>
        list.ValueKind == JsonValueKind.Null ? null : string.Join(' ', list.EnumerateArray().Select(name));

    private async Task<string> IdOf(string login)
    {
        var owners = await _server.Admin.Json($"api/v1/crates/{(login == "admin" ? "alpha" : "gamma")}/owners");
        return owners.GetProperty("users").EnumerateArray().Single(owner => owner.GetProperty("login").GetString() == login).GetProperty("id").ToString();
    }
}
