using System.Net;
using System.Net.Http.Json;
using Raktar.Testing;

namespace Raktar.Api.Specs;

public sealed class TeamsAndVisibility(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private readonly Server _server = fixture.Server;

    [Fact]
    public async Task A_team_owns_a_crate_and_is_shown_as_an_owner()
    {
        var owner = await Published("teamed");
        await Team("builders", "ben");
        using var added = await owner.PutAsJsonAsync("api/v1/crates/teamed/owners", new { users = (string[])["team:Builders"] });
        Assert.Equal(HttpStatusCode.OK, added.StatusCode);
        var owners = (await owner.Json("api/v1/crates/teamed/owners")).GetProperty("users");
        Assert.Equal([("teamed-owner", "user"), ("team:builders", "team")], owners.EnumerateArray().Select(o => (o.GetProperty("login").GetString(), o.GetProperty("kind").GetString())));
        Assert.Equal("team:builders", (await owner.Json("api/v1/crates/teamed/owner_team")).GetProperty("teams")[0].GetProperty("login").GetString());
        Assert.Equal(1, (await owner.Json("api/v1/crates/teamed/owner_user")).GetProperty("users").GetArrayLength());
    }

    [Fact]
    public async Task Who_leaves_the_team_publishes_no_more()
    {
        var owner = await Published("left-behind");
        var member = await Team("leavers", "lea");
        using var added = await owner.PutAsJsonAsync("api/v1/crates/left-behind/owners", new { users = (string[])["team:leavers"] });
        using var before = await RawCrate.Of("left-behind", "1.1.0").Publish(member);
        Assert.Equal(HttpStatusCode.OK, before.StatusCode);
        (await _server.Admin.DeleteAsync("api/v1/teams/leavers/members/lea")).EnsureSuccessStatusCode();
        using var after = await RawCrate.Of("left-behind", "1.2.0").Publish(member);
        Assert.Equal((HttpStatusCode.Forbidden, "you are not an owner of `left-behind`"), await after.Error());
    }

    [Theory]
    [InlineData("team:nobody-made-it", "team `nobody-made-it` does not exist")]
    [InlineData("team:", "user `team:` does not exist")]
    [InlineData("github:org:team", "user `github:org:team` does not exist")]
    public async Task A_team_that_is_not_there_owns_nothing(string team, string sentence)
    {
        using var published = await RawCrate.Of("anything", "1.0.0").Publish(_server.Admin);
        using var response = await _server.Admin.PutAsJsonAsync("api/v1/crates/anything/owners", new { users = (string[])[team] });
        Assert.Equal((HttpStatusCode.BadRequest, sentence), await response.Error());
    }

    [Theory]
    [InlineData("never-made", HttpStatusCode.NotFound, "crate `never-made` does not exist")]
    [InlineData("not-yours", HttpStatusCode.Forbidden, "you are not an owner of `not-yours`")]
    public async Task Whoever_may_not_manage_a_crate_does_not_learn_who_has_an_account_or_which_teams_there_are(
        string crate, HttpStatusCode status, string sentence)
    {
        await Published("not-yours");
        await Team("known-team", "known-login");
        var curious = await _server.Account("curious");
        foreach (var name in (string[])["known-login", "unknown-login", "team:known-team", "team:unknown-team", "no login at all"])
        {
            using var owners = await curious.PutAsJsonAsync($"api/v1/crates/{crate}/owners", new { users = (string[])[name] });
            Assert.Equal((status, sentence), await owners.Error());
            using var visibility = await curious.PutAsJsonAsync(
                $"api/v1/crates/{crate}/visibility", new { restricted = true, teams = (string[])[name.Replace("team:", "", StringComparison.Ordinal)] });
            Assert.Equal((status, sentence), await visibility.Error());
        }
    }

    [Fact]
    public async Task A_team_tells_who_is_in_it()
    {
        await Team("tellers", "tina");
        Assert.Equal("tina", (await _server.Admin.Json("api/v1/teams/tellers")).GetProperty("members")[0].GetString());
        Assert.Equal("tellers", (await _server.Admin.Json("api/v1/accounts/tina")).GetProperty("teams")[0].GetString());
        using var missing = await _server.Admin.GetAsync("api/v1/teams/never-made");
        Assert.Equal((HttpStatusCode.NotFound, "team `never-made` does not exist"), await missing.Error());
    }

    [Fact]
    public async Task A_restricted_crate_is_nowhere_for_others_and_everywhere_for_its_readers()
    {
        var owner = await Published("hidden-one", "needle");
        var reader = await Team("insiders", "ida");
        var stranger = await _server.Account("outsider", "reader");
        using var restricted = await owner.PutAsJsonAsync("api/v1/crates/hidden-one/visibility", new { restricted = true, teams = (string[])["insiders"] });
        Assert.Equal(HttpStatusCode.OK, restricted.StatusCode);

        var line = System.Text.Json.JsonDocument.Parse(await reader.GetStringAsync("hi/dd/hidden-one")).RootElement;
        var paths = (string[])["hi/dd/hidden-one", $"dl/hidden-one/1.0.0/{line.GetProperty("cksum")}.crate", "api/v1/crates/hidden-one", "api/v1/crates/hidden-one/owners", "api/v1/crates/hidden-one/reverse_dependencies"];
        foreach (var path in paths)
        {
            using var seen = await reader.GetAsync(path);
            Assert.Equal(HttpStatusCode.OK, seen.StatusCode);
            using var unseen = await stranger.GetAsync(path);
            Assert.Equal(HttpStatusCode.NotFound, unseen.StatusCode);
        }

        Assert.Equal(1, await Found(reader));
        Assert.Equal(0, await Found(stranger));

        // What others may not see they can neither depend on nor learn of by trying.
        var depending = RawCrate.Of("depends-on-hidden", "1.0.0", manifest: $"[dependencies.hidden-one]\nversion = \"1\"\nregistry-index = \"sparse+{_server.Url}/\"");
        using var publish = await depending.Publish(await _server.Account("outside-publisher"), json => json["deps"] = new[]
        {
            new { name = "hidden-one", version_req = "^1", features = Array.Empty<string>(), optional = false, default_features = true, target = (string?)null, kind = "normal" },
        });
        Assert.Equal((HttpStatusCode.BadRequest, "dependency `hidden-one` is not in this registry"), await publish.Error());

        using var opened = await owner.PutAsJsonAsync("api/v1/crates/hidden-one/visibility", new { restricted = false });
        Assert.Equal(1, await Found(stranger));

        async Task<int> Found(HttpClient client) => (await client.Json("api/v1/crates?q=needle")).GetProperty("meta").GetProperty("total").GetInt32();
    }

    [Theory]
    [InlineData("""{"restricted":true,"teams":["no-such-team"]}""", "team `no-such-team` does not exist")]
    [InlineData("""{"teams":[]}""", "field `restricted` must be true or false, field `teams` a list of strings")]
    [InlineData("""{"restricted":true,"teams":[null]}""", "field `restricted` must be true or false, field `teams` a list of strings")]
    public async Task A_visibility_that_makes_no_sense_is_refused(string body, string sentence)
    {
        using var published = await RawCrate.Of("whatever", "1.0.0").Publish(_server.Admin);
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var response = await _server.Admin.PutAsync("api/v1/crates/whatever/visibility", content);
        Assert.Equal((HttpStatusCode.BadRequest, sentence), await response.Error());
    }

    [Fact]
    public async Task In_a_registry_open_to_everybody_nothing_can_be_restricted()
    {
        await using var open = await Server.Start("--Raktar:Public=true");
        using var published = await RawCrate.Of("open-one", "1.0.0").Publish(open.Admin);
        using var response = await open.Admin.PutAsJsonAsync("api/v1/crates/open-one/visibility", new { restricted = true });
        Assert.Equal((HttpStatusCode.BadRequest, "this registry is open to everybody, so no crate in it can be restricted"), await response.Error());
    }

    /// <summary>Publishes a crate; answers its owner.</summary>
    private async Task<HttpClient> Published(string crate, string description = "about")
    {
        var owner = await _server.Account($"{crate}-owner");
        using var response = await RawCrate.Of(crate, "1.0.0", description: description).Publish(owner);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return owner;
    }

    /// <summary>Makes a team of one member; answers the member.</summary>
    private async Task<HttpClient> Team(string team, string login)
    {
        var member = await _server.Account(login, "member");
        (await _server.Admin.PutAsync($"api/v1/teams/{team}", null)).EnsureSuccessStatusCode();
        (await _server.Admin.PutAsync($"api/v1/teams/{team}/members/{login}", null)).EnsureSuccessStatusCode();
        return member;
    }
}
