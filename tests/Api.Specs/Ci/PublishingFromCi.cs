using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Raktar.Application.Log;
using Raktar.Application.Ports;
using Raktar.Domain.Accounts;
using Raktar.Domain.Ci;
using Raktar.Domain.Crates;
using Raktar.Testing;

namespace Raktar.Api.Specs.Ci;

/// <summary>What a run can do with the token that it got, and how that ends.</summary>
[Trait("Needs", "issuer")]
public sealed class PublishingFromCi(TrustedRegistry registry) : IClassFixture<TrustedRegistry>
{
    private static int _repositories;

    private readonly string _repository = $"octo/foo-{Interlocked.Increment(ref _repositories)}";

    private Server Server => registry.Server;

    [Fact]
    public async Task A_run_publishes_a_version_of_its_crate_and_the_log_says_which_run()
    {
        var crate = await registry.Crate(_repository);
        using var published = await RawCrate.Of(crate, "1.0.0").Publish(Server.Client(await registry.Token(_repository)));
        Assert.Equal(HttpStatusCode.OK, published.StatusCode);

        var commits = await Read(StreamName.Of(CrateName.Parse(crate)));
        var run = $"{registry.Issuer.Url}: repository {_repository}, workflow octo/foo/.github/workflows/release.yml@refs/tags/v1.0.0, environment release, "
            + "ref refs/tags/v1.0.0, commit 0123456789abcdef, run 7";
        Assert.Equal((Login.TrustedPublisher, (int?)null, run), (commits[^1].Actor.Account, commits[^1].Actor.Token, commits[^1].Actor.Ci));
        Assert.Equal(Login.TrustedPublisher, Assert.IsType<VersionPublished>(Assert.Single(commits[^1].Events)).Publisher);
    }

    [Fact]
    public async Task A_run_does_nothing_else()
    {
        var crate = await registry.Crate(_repository);
        var other = await registry.Crate("octo/other");
        var run = Server.Client(await registry.Token(_repository));
        var refused = new (HttpMethod Method, string Path, object? Body)[]
        {
            (HttpMethod.Delete, $"api/v1/crates/{crate}/0.1.0/yank", null),
            (HttpMethod.Put, $"api/v1/crates/{crate}/0.1.0/unyank", null),
            (HttpMethod.Put, $"api/v1/crates/{crate}/owners", new { users = new[] { "owner" } }),
            (HttpMethod.Delete, $"api/v1/crates/{crate}/owners", new { users = new[] { "owner" } }),
            (HttpMethod.Put, $"api/v1/crates/{crate}/visibility", new { restricted = false }),
            (HttpMethod.Get, $"api/v1/crates/{crate}/trusted_publishers", null),
            (HttpMethod.Post, $"api/v1/crates/{crate}/trusted_publishers", new { issuer = registry.Issuer.Url, claims = TrustedRegistry.Rule() }),
            (HttpMethod.Delete, $"api/v1/crates/{crate}/trusted_publishers/1", null),
            (HttpMethod.Put, $"api/v1/crates/{crate}/trusted_only", new { trusted_only = false }),
            (HttpMethod.Put, "api/v1/me/tokens", new { api_token = new { name = "mine" } }),
            (HttpMethod.Get, "api/v1/accounts", null),
            (HttpMethod.Put, "api/v1/accounts/owner", new { role = "reader" }),
            (HttpMethod.Post, "api/v1/accounts/owner/tokens", new { name = "mine" }),
        };
        foreach (var (method, path, body) in refused)
        {
            using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
            using var response = await run.SendAsync(request);
            Assert.True(response.StatusCode == HttpStatusCode.Forbidden, $"{method} {path}: {response.StatusCode}");
        }

        using var elsewhere = await RawCrate.Of(other, "1.0.0").Publish(run);
        Assert.Equal((HttpStatusCode.Forbidden, $"the token is not for the crate `{other}`"), await elsewhere.Error());
        using var created = await RawCrate.Of($"{crate}-new", "1.0.0").Publish(run);
        Assert.Equal((HttpStatusCode.Forbidden, "the role member does not reach: this needs `publish-new`"), await created.Error());
        Assert.Equal(HttpStatusCode.OK, (await run.GetAsync("config.json")).StatusCode);
    }

    [Fact]
    public async Task One_identity_token_is_good_for_one_token_however_many_ask_at_once()
    {
        await registry.Crate(_repository);
        var jwt = registry.Jwt(_repository);
        var responses = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => registry.Exchange(jwt)));
        Assert.Single(responses, response => response.StatusCode == HttpStatusCode.OK);
        foreach (var refused in responses.Where(response => response.StatusCode != HttpStatusCode.OK))
        {
            Assert.Equal((HttpStatusCode.Unauthorized, "the identity token was used before; each is good once"), await refused.Error());
        }

        // Also in a new dress: what counts is its id. Another issuer's ids are its own affair.
        var id = Guid.NewGuid().ToString();
        using var first = await registry.Exchange(registry.Jwt(_repository, c => c["jti"] = id));
        using var second = await registry.Exchange(registry.Jwt(_repository, c => (c["jti"], c["run_id"]) = (id, 8)));
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Unauthorized), (first.StatusCode, second.StatusCode));
    }

    [Fact]
    public async Task The_log_keeps_the_exchange_and_no_secret()
    {
        var crate = await registry.Crate(_repository);
        var token = await registry.Token(_repository);
        var stream = Application.TrustedPublishing.CiTokens.StreamOf(token)!.Value;
        var issued = Assert.IsType<CiTokenIssued>(Assert.Single(Assert.Single(await Read(stream)).Events));
        Assert.Equal(new TrustedCrate(CrateName.Parse(crate), 1), Assert.Single(issued.Crates));
        Assert.Equal((registry.Issuer.Url, Application.Accounts.Tokens.Hash(token)), (issued.Issuer, issued.Hash));
        var audit = await Server.Admin.Json("api/v1/audit?kind=ci-token-issued");
        Assert.Contains(issued.Run, audit.ToString(), StringComparison.Ordinal);
        Assert.InRange(issued.ExpiresAt - registry.Clock.GetUtcNow(), TimeSpan.FromMinutes(25), TimeSpan.FromMinutes(30));
        foreach (var file in Directory.EnumerateFiles(Server.Data, "*.db*"))
        {
            await using var content = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var bytes = new MemoryStream();
            await content.CopyToAsync(bytes);
            Assert.Equal(-1, bytes.ToArray().AsSpan().IndexOf(Encoding.ASCII.GetBytes(token[^40..])));
        }
    }

    [Fact]
    public async Task A_run_of_a_repository_with_two_crates_publishes_both()
    {
        var (one, two) = (await registry.Crate(_repository), await registry.Crate(_repository));
        var run = Server.Client(await registry.Token(_repository));
        foreach (var crate in (string[])[one, two])
        {
            using var published = await RawCrate.Of(crate, "1.0.0").Publish(run);
            Assert.Equal(HttpStatusCode.OK, published.StatusCode);
        }

        // One of them no longer trusts it.
        (await registry.Owner.DeleteAsync($"api/v1/crates/{one}/trusted_publishers/1")).EnsureSuccessStatusCode();
        using var refused = await RawCrate.Of(one, "1.0.1").Publish(run);
        Assert.Equal((HttpStatusCode.Forbidden, $"the token is not for the crate `{one}`"), await refused.Error());
        using var taken = await RawCrate.Of(two, "1.0.1").Publish(run);
        Assert.Equal(HttpStatusCode.OK, taken.StatusCode);
    }

    [Fact]
    public async Task A_token_ends_after_half_an_hour()
    {
        var crate = await registry.Crate(_repository);
        var run = Server.Client(await registry.Token(_repository));
        registry.Clock.Advance(TimeSpan.FromMinutes(29));
        Assert.Equal(HttpStatusCode.OK, (await run.GetAsync("config.json")).StatusCode);
        registry.Clock.Advance(TimeSpan.FromMinutes(1));
        await IsOver(run, crate);
        using var given = await run.DeleteAsync("api/v1/trusted_publishing/tokens");
        Assert.Equal(HttpStatusCode.NoContent, given.StatusCode);
    }

    [Fact]
    public async Task A_run_gives_its_token_back()
    {
        var crate = await registry.Crate(_repository);
        var token = await registry.Token(_repository);
        using var given = await Server.Client($"Bearer {token}").DeleteAsync("api/v1/trusted_publishing/tokens");
        Assert.Equal(HttpStatusCode.NoContent, given.StatusCode);
        await IsOver(Server.Client(token), crate);
        using var again = await Server.Client($"Bearer {token}").DeleteAsync("api/v1/trusted_publishing/tokens");
        Assert.Equal(HttpStatusCode.NoContent, again.StatusCode);
        var commits = await Read(Application.TrustedPublishing.CiTokens.StreamOf(token)!.Value);
        Assert.Equal([new CiTokenRevoked()], commits.Skip(1).SelectMany(commit => commit.Events));
        Assert.Equal(Login.TrustedPublisher, commits[^1].Actor.Account);
        Assert.Contains("run 7", commits[^1].Actor.Ci, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("rk_ci_0000")]
    [InlineData("rk_000000000000000000000000000000000000000000")]
    public async Task Only_a_token_of_a_run_can_be_given_back(string? token)
    {
        using var response = await Server.Client(token).DeleteAsync("api/v1/trusted_publishing/tokens");
        Assert.Equal((HttpStatusCode.BadRequest, "send the token of the run that shall end as `Authorization: Bearer` and the token"), await response.Error());
    }

    [Fact]
    public async Task A_token_that_leaked_is_revoked_by_whoever_finds_it()
    {
        var crate = await registry.Crate(_repository);
        var token = await registry.Token(_repository);
        using var reported = await Server.Nobody.PostAsJsonAsync("api/v1/tokens/leaked", new { token });
        Assert.Equal(HttpStatusCode.OK, reported.StatusCode);
        await IsOver(Server.Client(token), crate);
        Assert.Equal(new CiTokenRevoked("reported as leaked"), Assert.Single((await Read(Application.TrustedPublishing.CiTokens.StreamOf(token)!.Value))[^1].Events));
    }

    [Fact]
    public async Task A_token_dies_with_the_trust_and_does_not_rise_with_it()
    {
        var crate = await registry.Crate(_repository);
        var run = Server.Client(await registry.Token(_repository));
        (await registry.Owner.DeleteAsync($"api/v1/crates/{crate}/trusted_publishers/1")).EnsureSuccessStatusCode();
        await IsOver(run, crate);
        Assert.Equal(2, await registry.Trust(crate, _repository));
        await IsOver(run, crate);
    }

    [Fact]
    public async Task A_token_with_one_character_changed_is_none()
    {
        var crate = await registry.Crate(_repository);
        var token = await registry.Token(_repository);
        using var changed = await Server.Client(token[..80] + (token[80] == 'x' ? 'y' : 'x') + token[81..]).GetAsync("api/v1/me");
        Assert.Equal((HttpStatusCode.Unauthorized, "token format is not recognised"), await changed.Error());
        using var published = await RawCrate.Of(crate, "1.0.0").Publish(Server.Client(token));
        Assert.Equal(HttpStatusCode.OK, published.StatusCode);
    }

    [Fact]
    public async Task A_crate_for_trusted_publishers_only_refuses_its_owner()
    {
        var crate = await registry.Crate(_repository);
        using var only = await registry.Owner.PutAsJsonAsync($"api/v1/crates/{crate}/trusted_only", new { trusted_only = true });
        Assert.Equal(HttpStatusCode.OK, only.StatusCode);
        using var owner = await RawCrate.Of(crate, "1.0.0").Publish(registry.Owner);
        Assert.Equal((HttpStatusCode.Forbidden, $"`{crate}` is published by its trusted publishers only"), await owner.Error());
        using var run = await RawCrate.Of(crate, "1.0.0").Publish(Server.Client(await registry.Token(_repository)));
        Assert.Equal(HttpStatusCode.OK, run.StatusCode);
        using var back = await registry.Owner.PutAsJsonAsync($"api/v1/crates/{crate}/trusted_only", new { trusted_only = false });
        Assert.Equal(
            (HttpStatusCode.Forbidden, $"`{crate}` is published by its trusted publishers only; administrators alone change that, or add one"), await back.Error());
        (await Server.Admin.PutAsJsonAsync($"api/v1/crates/{crate}/trusted_only", new { trusted_only = false })).EnsureSuccessStatusCode();
        using var again = await RawCrate.Of(crate, "1.0.1").Publish(registry.Owner);
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
    }

    [Fact]
    public async Task A_restricted_crate_is_seen_by_the_run_that_publishes_it_and_by_no_other()
    {
        var (crate, other) = (await registry.Crate(_repository), await registry.Crate($"{_repository}-other"));
        (await registry.Owner.PutAsJsonAsync($"api/v1/crates/{crate}/visibility", new { restricted = true })).EnsureSuccessStatusCode();
        var (run, stranger) = (Server.Client(await registry.Token(_repository)), Server.Client(await registry.Token($"{_repository}-other")));
        Assert.Equal(
            [HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.NotFound, HttpStatusCode.OK],
            [await Status(run, crate), await Status(run, other), await Status(stranger, crate), await Status(stranger, other)]);
        using var published = await RawCrate.Of(crate, "1.0.0").Publish(run);
        Assert.Equal(HttpStatusCode.OK, published.StatusCode);
    }

    [Fact]
    public async Task A_new_key_is_fetched_when_it_is_needed_and_no_more_often_than_once_a_minute()
    {
        await registry.Crate(_repository);
        await registry.Token(_repository);
        var asked = registry.Issuer.Asked;
        registry.Issuer.Rotate();
        registry.Clock.Advance(TimeSpan.FromMinutes(2));
        await registry.Token(_repository);
        Assert.Equal(asked + 1, registry.Issuer.Asked);
        for (var i = 0; i < 5; i++)
        {
            using var unknown = await registry.Exchange(registry.Issuer.Token(registry.Audience, header: h => h["kid"] = $"guess-{i}"));
            Assert.Equal(HttpStatusCode.Unauthorized, unknown.StatusCode);
        }

        Assert.Equal(asked + 1, registry.Issuer.Asked);
    }

    private static async Task IsOver(HttpClient run, string crate)
    {
        using var published = await RawCrate.Of(crate, "9.0.0").Publish(run);
        Assert.Equal((HttpStatusCode.Unauthorized, "authentication failed"), await published.Error());
        Assert.Equal(HttpStatusCode.Unauthorized, (await run.GetAsync("config.json")).StatusCode);
    }

    private static async Task<HttpStatusCode> Status(HttpClient client, string crate)
    {
        using var index = await client.GetAsync(CrateName.Parse(crate).IndexPath);
        using var details = await client.GetAsync($"api/v1/crates/{crate}");
        Assert.Equal(index.StatusCode, details.StatusCode);
        return index.StatusCode;
    }

    private async Task<List<Commit>> Read(StreamName stream)
    {
        var commits = new List<Commit>();
        await foreach (var recorded in Server.Services.GetRequiredService<IEventStore>().Read(stream, 0, CancellationToken.None))
        {
            commits.Add(recorded.Commit);
        }

        return commits;
    }
}
