using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Raktar.Application.Accounts;
using Raktar.Application.Callers;
using Raktar.Application.Crates.Changes;
using Raktar.Application.Log;
using Raktar.Application.State;
using Raktar.Domain.Accounts;
using Raktar.Testing;

namespace Raktar.Api.Specs;

public sealed class TokensOfMine(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private readonly Server _server = fixture.Server;

    [Fact]
    public async Task A_token_lives_ninety_days_and_may_all_that_its_account_may_unless_told_otherwise()
    {
        await Put("accounts/usual", new { role = "publisher" });
        var token = await Issue("usual", new { name = "laptop" });
        Assert.Equal("""["read","publish-new","publish-update","yank","change-owners"]""", token.GetProperty("endpoint_scopes").GetRawText());
        Assert.Equal("""["*"]""", token.GetProperty("crate_scopes").GetRawText());
        Assert.Equal(90, (token.GetProperty("expired_at").GetDateTimeOffset() - token.GetProperty("created_at").GetDateTimeOffset()).TotalDays);
    }

    [Fact]
    public async Task A_token_that_never_ends_is_asked_for_by_name()
    {
        using var post = await _server.Admin.PostAsJsonAsync("api/v1/accounts/admin/tokens", new { name = "for ever", expired_at = (string?)null });
        var made = await post.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(JsonValueKind.Null, made.GetProperty("expired_at").ValueKind);
    }

    [Theory]
    [InlineData("""{"name":"x","endpoint_scopes":["fly"]}""", "unknown scope `fly`; there are `read`, `publish-new`, `publish-update`, `yank`, `change-owners`, `admin`")]
    [InlineData("""{"name":"x","endpoint_scopes":[]}""", "a token needs at least one scope")]
    [InlineData("""{"name":"x","crate_scopes":[]}""", "a token needs 1 to 50 crate patterns; `*` is all crates")]
    [InlineData("""{"name":"x","crate_scopes":["a*b"]}""", "crate pattern `a*b` is invalid; use a name, the beginning of names with a `*` behind it, or `*`")]
    [InlineData("""{"name":"x","expired_at":"2001-01-01"}""", "a token's expiry must be in the future")]
    [InlineData("""{"name":"x","expired_at":"soon"}""", "field `expired_at` must be a time such as `2027-01-31T00:00:00Z`, or null for a token that never ends")]
    [InlineData("""{"name":"x","expired_at":7}""", "field `expired_at` must be a time such as `2027-01-31T00:00:00Z`, or null for a token that never ends")]
    [InlineData("""{"name":""}""", "a token's name has 1 to 100 characters")]
    public async Task Terms_that_make_no_sense_are_refused(string body, string sentence)
    {
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var response = await _server.Admin.PostAsync("api/v1/accounts/admin/tokens", content);
        Assert.Equal((HttpStatusCode.BadRequest, sentence), await response.Error());
    }

    [Fact]
    public async Task No_token_reaches_further_than_its_account()
    {
        await Put("accounts/short-arm", new { role = "reader" });
        using var response = await _server.Admin.PostAsJsonAsync("api/v1/accounts/short-arm/tokens", new { name = "x", endpoint_scopes = (string[])["yank"] });
        Assert.Equal((HttpStatusCode.BadRequest, "the role reader does not reach the scope `yank`"), await response.Error());
    }

    [Fact]
    public async Task A_read_only_token_reads_and_nothing_else()
    {
        await Put("accounts/ci-reads", new { role = "publisher" });
        var ci = await Client("ci-reads", new { name = "ci", endpoint_scopes = (string[])["read"] });
        await ci.Json("api/v1/crates");
        using var publish = await RawCrate.Of("ci-reads", "1.0.0").Publish(ci);
        Assert.Equal((HttpStatusCode.Forbidden, "the token lacks the scope `publish-update`"), await publish.Error());
    }

    [Fact]
    public async Task Publishing_new_crates_and_new_versions_are_two_scopes()
    {
        await Put("accounts/two-scopes", new { role = "publisher" });
        var creates = await Client("two-scopes", new { name = "new", endpoint_scopes = (string[])["read", "publish-new"] });
        var updates = await Client("two-scopes", new { name = "update", endpoint_scopes = (string[])["read", "publish-update"] });
        using var early = await RawCrate.Of("two-scopes", "1.0.0").Publish(updates);
        Assert.Equal((HttpStatusCode.Forbidden, "the token lacks the scope `publish-new`"), await early.Error());
        using var first = await RawCrate.Of("two-scopes", "1.0.0").Publish(creates);
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        using var again = await RawCrate.Of("two-scopes", "1.1.0").Publish(creates);
        Assert.Equal((HttpStatusCode.Forbidden, "the token lacks the scope `publish-update`"), await again.Error());
        using var second = await RawCrate.Of("two-scopes", "1.1.0").Publish(updates);
        Assert.Equal(HttpStatusCode.OK, second.StatusCode);
    }

    [Theory]
    [InlineData("pat-one", true)]
    [InlineData("PAT_one2", true)]
    [InlineData("pattern", false)]
    public async Task A_pattern_holds_in_any_spelling(string crate, bool covered)
    {
        await Put("accounts/patterned", new { role = "publisher" });
        var token = await Client("patterned", new { name = "pat", crate_scopes = (string[])["pat-*"] });
        using var response = await RawCrate.Of(crate, "1.0.0").Publish(token);
        Assert.Equal(covered ? HttpStatusCode.OK : HttpStatusCode.Forbidden, response.StatusCode);
    }

    [Fact]
    public async Task A_member_publishes_versions_of_what_it_owns_and_creates_nothing()
    {
        var member = await _server.Account("just-member", "member");
        using var refused = await RawCrate.Of("members-own", "1.0.0").Publish(member);
        Assert.Equal((HttpStatusCode.Forbidden, "the role member does not reach: this needs `publish-new`"), await refused.Error());
        using var created = await RawCrate.Of("members-own", "1.0.0").Publish(_server.Admin);
        using var owned = await _server.Admin.PutAsJsonAsync("api/v1/crates/members-own/owners", new { users = (string[])["just-member"] });
        using var published = await RawCrate.Of("members-own", "1.1.0").Publish(member);
        Assert.Equal(HttpStatusCode.OK, published.StatusCode);
    }

    [Fact]
    public async Task I_see_my_live_tokens_and_when_they_were_used_and_nobody_elses()
    {
        var client = await _server.Account("mine", "admin");
        await Issue("mine", new { name = "unused" });
        var tokens = (await client.Json("api/v1/me/tokens")).GetProperty("api_tokens");
        Assert.Equal(["unused", "spec"], tokens.EnumerateArray().Select(t => t.GetProperty("name").GetString()));
        Assert.Equal(JsonValueKind.Null, tokens[0].GetProperty("last_used_at").ValueKind);
        Assert.Equal(JsonValueKind.String, tokens[1].GetProperty("last_used_at").ValueKind);

        // Written, it is known without the memory of who noted it.
        var uses = _server.Services.GetRequiredService<TokenUses>();
        await uses.Write(CancellationToken.None);
        var listed = (await _server.Admin.Json("api/v1/accounts/mine/tokens")).GetProperty("tokens")[0];
        Assert.Equal(tokens[1].GetProperty("last_used_at").GetDateTimeOffset(), listed.GetProperty("last_used_at").GetDateTimeOffset());

        using var stranger = await (await _server.Account("not-mine")).GetAsync("api/v1/me/tokens/99");
        Assert.Equal((HttpStatusCode.NotFound, "token `99` does not exist"), await stranger.Error());
    }

    [Fact]
    public async Task I_end_my_tokens_one_by_one_or_the_one_in_my_hand()
    {
        var client = await _server.Account("ending", "admin");
        var other = await Issue("ending", new { name = "other" });
        using var one = await client.DeleteAsync(string.Create(CultureInfo.InvariantCulture, $"api/v1/me/tokens/{other.GetProperty("id").GetInt32()}"));
        Assert.Equal(HttpStatusCode.OK, one.StatusCode);
        using var dead = await _server.Client(other.GetProperty("token").GetString()).GetAsync("api/v1/me");
        Assert.Equal(HttpStatusCode.Unauthorized, dead.StatusCode);
        using var current = await client.DeleteAsync("api/v1/tokens/current");
        Assert.Equal(HttpStatusCode.NoContent, current.StatusCode);
        using var gone = await client.GetAsync("api/v1/me");
        Assert.Equal(HttpStatusCode.Unauthorized, gone.StatusCode);
    }

    [Fact]
    public async Task A_leaked_token_is_ended_by_whoever_found_it_and_the_answer_tells_nothing()
    {
        var leaked = (await Issue("admin", new { name = "leaked" })).GetProperty("token").GetString()!;
        using var found = await _server.Nobody.PostAsJsonAsync("api/v1/tokens/leaked", new { token = leaked });
        using var unknown = await _server.Nobody.PostAsJsonAsync("api/v1/tokens/leaked", new { token = Tokens.Create() });
        Assert.Equal(await found.Content.ReadAsStringAsync(), await unknown.Content.ReadAsStringAsync());
        using var dead = await _server.Client(leaked).GetAsync("api/v1/me");
        Assert.Equal(HttpStatusCode.Unauthorized, dead.StatusCode);
    }

    [Fact]
    public async Task No_token_without_the_admin_scope_makes_another()
    {
        var client = await _server.Account("breeder");
        using var response = await client.PutAsJsonAsync("api/v1/me/tokens", new { api_token = new { name = "child" } });
        Assert.Equal(HttpStatusCode.Forbidden, (await response.Error()).Status);
        using var mine = await _server.Admin.PutAsJsonAsync("api/v1/me/tokens", new { api_token = new { name = "child", endpoint_scopes = (string[])["read"] } });
        var child = (await mine.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("api_token");
        using var grandchild = await _server.Client(child.GetProperty("token").GetString())
            .PutAsJsonAsync("api/v1/me/tokens", new { api_token = new { name = "grandchild" } });
        Assert.Equal(HttpStatusCode.Forbidden, (await grandchild.Error()).Status);
    }

    [Fact]
    public async Task An_administrators_token_without_the_scope_is_no_administrators()
    {
        var narrow = await Client("admin", new { name = "narrow", endpoint_scopes = (string[])["read", "yank"] });
        using var accounts = await narrow.GetAsync("api/v1/accounts");
        Assert.Equal((HttpStatusCode.Forbidden, "the token lacks the scope `admin`"), await accounts.Error());
        using var theirs = await RawCrate.Of("somebodys", "1.0.0").Publish(await _server.Account("somebody"));
        using var yank = await narrow.DeleteAsync("api/v1/crates/somebodys/1.0.0/yank");
        Assert.Equal((HttpStatusCode.Forbidden, "you are not an owner of `somebodys`"), await yank.Error());
    }

    [Fact]
    public async Task A_token_sees_and_ends_itself_only()
    {
        var sibling = await _server.Account("siblings", "admin");
        var narrow = await Client("siblings", new { name = "leaked", endpoint_scopes = (string[])["read"] });
        var id = (await narrow.Json("api/v1/me")).GetProperty("token_id").GetInt32();
        var seen = (await narrow.Json("api/v1/me/tokens")).GetProperty("api_tokens");
        Assert.Equal([id], seen.EnumerateArray().Select(token => token.GetProperty("id").GetInt32()));
        using var other = await narrow.GetAsync("api/v1/me/tokens/1");
        Assert.Equal((HttpStatusCode.NotFound, "token `1` does not exist"), await other.Error());
        using var itself = await narrow.GetAsync(string.Create(CultureInfo.InvariantCulture, $"api/v1/me/tokens/{id}"));
        Assert.Equal(HttpStatusCode.OK, itself.StatusCode);

        foreach (var path in (string[])["api/v1/me/tokens/1", "api/v1/me/tokens/99"])
        {
            using var refused = await narrow.DeleteAsync(path);
            Assert.Equal(
                (HttpStatusCode.Forbidden, "a token ends only itself; others are ended by administrators, and by people who signed in with the identity provider"),
                await refused.Error());
        }

        await sibling.Json("api/v1/me");
        using var ended = await narrow.DeleteAsync(string.Create(CultureInfo.InvariantCulture, $"api/v1/me/tokens/{id}"));
        Assert.Equal(HttpStatusCode.OK, ended.StatusCode);
        using var dead = await narrow.GetAsync("api/v1/me");
        Assert.Equal(HttpStatusCode.Unauthorized, dead.StatusCode);
    }

    [Fact]
    public async Task A_token_makes_none_that_is_wider_than_itself()
    {
        var ends = TimeProvider.System.GetUtcNow().AddHours(1);
        var narrow = await Client("admin", new { name = "narrow", endpoint_scopes = (string[])["read", "admin"], expired_at = ends });
        await Put("accounts/wide", new { role = "publisher" });
        var outlives = $"a token does not outlive the one that makes it (until {ends:yyyy-MM-dd'T'HH:mm:ss'Z'})";
        foreach (var (terms, sentence) in (ValueTuple<object, string>[])
        [
            (new { name = "x", endpoint_scopes = (string[])["read", "yank"] }, "the token lacks the scope `yank`, so it makes none that has it"),
            (new { name = "x", expired_at = ends.AddMinutes(1) }, outlives),
            (new { name = "x", expired_at = (string?)null }, outlives),
        ])
        {
            using var forOthers = await narrow.PostAsJsonAsync("api/v1/accounts/wide/tokens", terms);
            Assert.Equal((HttpStatusCode.Forbidden, sentence), await forOthers.Error());
            using var forItself = await narrow.PutAsJsonAsync("api/v1/me/tokens", new { api_token = terms });
            Assert.Equal((HttpStatusCode.Forbidden, sentence), await forItself.Error());
        }

        // What is not said is what it has.
        using var made = await narrow.PostAsJsonAsync("api/v1/accounts/wide/tokens", new { name = "x" });
        var token = await made.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal("""["read"]""", token.GetProperty("endpoint_scopes").GetRawText());
        Assert.Equal(ends, token.GetProperty("expired_at").GetDateTimeOffset());
    }

    [Fact]
    public async Task A_token_for_some_crates_manages_no_accounts_also_one_of_before_that_was_forbidden()
    {
        using var refused = await _server.Admin.PostAsJsonAsync(
            "api/v1/accounts/admin/tokens", new { name = "x", endpoint_scopes = (string[])["read", "admin"], crate_scopes = (string[])["web-*"] });
        Assert.Equal(
            (HttpStatusCode.BadRequest, "a token with the scope `admin` is for all crates: leave the crate patterns out, or the scope"), await refused.Error());
        var usual = await Issue("admin", new { name = "x", crate_scopes = (string[])["web-*"] });
        Assert.DoesNotContain("admin", usual.GetProperty("endpoint_scopes").GetRawText(), StringComparison.Ordinal);

        // As earlier versions made them.
        var (text, now) = (Tokens.Create(), TimeProvider.System.GetUtcNow());
        await _server.Services.GetRequiredService<Streams<Account>>().Change(
            StreamName.Of(Login.Admin),
            Caller.Registry("spec"),
            admin => new TokenIssued(admin.Tokens.Count + 1, "old", Tokens.Hash(text), TokenScopes.Of(Role.Admin), [CratePattern.Parse("web-*")], now, ExpiresAt: null),
            CancellationToken.None);
        using var old = _server.Client(text);
        await old.Json("api/v1/audit");
        const string Sentence = "a token for some crates only manages no accounts, teams and tokens";
        foreach (var (method, path, body) in (ValueTuple<HttpMethod, string, object>[])
        [
            (HttpMethod.Put, "api/v1/accounts/friend", new { role = "admin" }),
            (HttpMethod.Post, "api/v1/accounts/admin/tokens", new { name = "x" }),
            (HttpMethod.Delete, "api/v1/accounts/admin/tokens/1", new { }),
            (HttpMethod.Put, "api/v1/accounts/friend/disabled", new { disabled = true, reason = "x" }),
            (HttpMethod.Put, "api/v1/teams/friends", new { }),
        ])
        {
            using var request = new HttpRequestMessage(method, path) { Content = JsonContent.Create(body) };
            using var answer = await old.SendAsync(request);
            Assert.Equal((HttpStatusCode.Forbidden, Sentence), await answer.Error());
        }

        using var mine = await old.PutAsJsonAsync("api/v1/me/tokens", new { api_token = new { name = "x" } });
        Assert.Equal(HttpStatusCode.Forbidden, mine.StatusCode);
    }

    [Fact]
    public async Task A_yank_is_taken_back_with_the_scope_that_yanks()
    {
        await Put("accounts/yanker", new { role = "publisher" });
        using var published = await RawCrate.Of("yank-back", "1.0.0").Publish(await Client("yanker", new { name = "all" }));
        var yanks = await Client("yanker", new { name = "yank", endpoint_scopes = (string[])["read", "yank"] });
        var publishes = await Client("yanker", new { name = "publish", endpoint_scopes = (string[])["read", "publish-new", "publish-update"] });
        using var yanked = await yanks.DeleteAsync("api/v1/crates/yank-back/1.0.0/yank");
        Assert.Equal(HttpStatusCode.OK, yanked.StatusCode);
        using var refused = await publishes.PutAsync("api/v1/crates/yank-back/1.0.0/unyank", null);
        Assert.Equal((HttpStatusCode.Forbidden, "the token lacks the scope `yank`"), await refused.Error());
        using var unyanked = await yanks.PutAsync("api/v1/crates/yank-back/1.0.0/unyank", null);
        Assert.Equal(HttpStatusCode.OK, unyanked.StatusCode);
    }

    private async Task Put(string path, object body)
    {
        using var put = await _server.Admin.PutAsJsonAsync($"api/v1/{path}", body);
        put.EnsureSuccessStatusCode();
    }

    private async Task<JsonElement> Issue(string login, object terms)
    {
        using var post = await _server.Admin.PostAsJsonAsync($"api/v1/accounts/{login}/tokens", terms);
        Assert.Equal(HttpStatusCode.Created, post.StatusCode);
        return await post.Content.ReadFromJsonAsync<JsonElement>();
    }

    private async Task<HttpClient> Client(string login, object terms) => _server.Client((await Issue(login, terms)).GetProperty("token").GetString());
}
