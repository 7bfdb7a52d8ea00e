using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Raktar.Testing;

namespace Raktar.Api.Specs;

/// <summary>Attempts to change something that were refused are in the audit too.</summary>
public sealed class RefusedChanges(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private readonly Server _server = fixture.Server;

    [Fact]
    public async Task They_are_shown_in_order_between_what_was_done()
    {
        var (owner, stranger, reader) = (await _server.Account("refused-owner"), await _server.Account("refused-stranger"), await _server.Account("refused-reader", "reader"));
        stranger.DefaultRequestHeaders.UserAgent.ParseAdd("cargo/1.95.0");
        await Answers(HttpStatusCode.OK, RawCrate.Of("refused-some", "1.0.0").Publish(owner));
        await Answers(HttpStatusCode.Forbidden, RawCrate.Of("Refused_some", "1.1.0").Publish(reader));
        await Answers(HttpStatusCode.Forbidden, stranger.DeleteAsync("api/v1/crates/refused-some/1.0.0/yank"));
        await Answers(HttpStatusCode.NotFound, owner.DeleteAsync("api/v1/crates/refused-some/3.0.0/yank"));
        await Answers(HttpStatusCode.Conflict, RawCrate.Of("refused-some", "1.0.0", "other bytes").Publish(owner));
        await Answers(HttpStatusCode.Unauthorized, _server.Nobody.DeleteAsync("api/v1/crates/refused-some/1.0.0/yank"));
        await Answers(HttpStatusCode.OK, owner.DeleteAsync("api/v1/crates/refused-some/1.0.0/yank"));
        // Reading changes nothing.
        await Answers(HttpStatusCode.Unauthorized, _server.Nobody.GetAsync("api/v1/crates/refused-some"));

        // The reader was refused before anybody looked which crate it is.
        Assert.Equal(
            [
                "version-yanked refused-owner",
                "refused 401 nobody: authentication is required: send a token, see `cargo login`",
                "refused 409 refused-owner: crate version `refused-some@1.0.0` is already uploaded",
                "refused 404 refused-owner: crate `refused-some` has no version `3.0.0`",
                "refused 403 refused-stranger: you are not an owner of `refused-some`",
                "version-published refused-owner",
                "crate-created refused-owner",
            ],
            (await Entries(_server.Admin, "crate=refused-some")).Select(Line));
        Assert.Equal(4, (await Entries(owner, "crate=refused-some&outcome=refused")).Count);
        Assert.Equal(3, (await Entries(owner, "crate=refused-some&outcome=done")).Count);
        Assert.Equal(2, (await Entries(_server.Admin, "crate=refused-some&actor=refused-owner&kind=refused")).Count);

        var yank = Assert.Single(await Entries(_server.Admin, "actor=refused-stranger&kind=refused"));
        Assert.True(yank.GetProperty("refused").GetBoolean());
        Assert.Equal(
            ("cargo/1.95.0", 1, "refused_some"),
            (yank.GetProperty("client").GetString(), yank.GetProperty("token").GetInt32(), yank.GetProperty("crate").GetString()));
        Assert.Equal(
            """{"method":"DELETE","route":"/api/v1/crates/{name}/{version}/yank","version":"1.0.0"}""", yank.GetProperty("detail").GetRawText());
        var unread = Assert.Single(await Entries(_server.Admin, "actor=refused-reader"));
        Assert.Equal("""{"method":"PUT","route":"/api/v1/crates/new"}""", unread.GetProperty("detail").GetRawText());

        static string Line(JsonElement row) => row.GetProperty("refused").GetBoolean()
            ? $"refused {row.GetProperty("status")} {(row.TryGetProperty("actor", out var actor) ? actor : "nobody")}: {row.GetProperty("sentence")}"
            : $"{row.GetProperty("kind")} {row.GetProperty("actor")}";
    }

    [Fact]
    public async Task A_crate_s_owner_is_shown_no_attempt_on_other_crates()
    {
        var (owner, stranger) = (await _server.Account("apart-owner"), await _server.Account("apart-stranger"));
        await Answers(HttpStatusCode.OK, RawCrate.Of("apart-one", "1.0.0").Publish(owner));
        await Answers(HttpStatusCode.OK, RawCrate.Of("apart-two", "1.0.0").Publish(stranger));
        await Answers(HttpStatusCode.Forbidden, owner.DeleteAsync("api/v1/crates/apart-two/1.0.0/yank"));
        Assert.Empty(await Entries(owner, "crate=apart-one&outcome=refused"));
    }

    [Fact]
    public async Task Neither_tokens_nor_bodies_are_kept()
    {
        const string Unknown = "rk_aVeryUnknownTokenaVeryUnknownToken000000";
        using var client = _server.Client(Unknown);
        await Answers(HttpStatusCode.Unauthorized, RawCrate.Of("kept-nowhere", "1.0.0", "a secret in the crate").Publish(client));
        await Answers(HttpStatusCode.BadRequest, _server.Admin.PutAsJsonAsync("api/v1/accounts/kept-nowhere", new { role = "a secret in the body" }));
        await Answers(HttpStatusCode.NotFound, _server.Admin.PutAsync($"api/v1/crates/{Unknown}/1.0.0/unyank", null));
        var rows = await Entries(_server.Admin, "outcome=refused&limit=500");
        Assert.Contains(rows, row => row.GetProperty("sentence").GetString() == "crate `rk_...` does not exist");
        Assert.Contains(rows, row => row.TryGetProperty("account", out var account) && account.GetString() == "kept-nowhere");
        foreach (var file in Directory.EnumerateFiles(_server.Data, "*.db*"))
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var bytes = new MemoryStream();
            await stream.CopyToAsync(bytes);
            Assert.Equal(-1, bytes.ToArray().AsSpan().IndexOf("a secret in"u8));
            Assert.Equal(-1, bytes.ToArray().AsSpan().IndexOf(Encoding.ASCII.GetBytes(Unknown)));
        }
    }

    [Fact]
    public async Task A_store_that_fails_changes_no_answer()
    {
        await using var server = await Server.Start();
        await Sql("ALTER TABLE aside RENAME TO elsewhere");
        using var refused = await server.Admin.DeleteAsync("api/v1/crates/nothing/1.0.0/yank");
        Assert.Equal((HttpStatusCode.NotFound, "crate `nothing` does not exist"), await refused.Error());
        await Sql("ALTER TABLE elsewhere RENAME TO aside");
        Assert.Empty(await Entries(server.Admin, "outcome=refused"));
        await Answers(HttpStatusCode.NotFound, server.Admin.DeleteAsync("api/v1/crates/nothing/1.0.0/yank"));
        Assert.Single(await Entries(server.Admin, "outcome=refused"));

        async Task Sql(string sql)
        {
            await using var connection = new SqliteConnection($"Data Source={Path.Combine(server.Data, "aside.db")};Pooling=False");
            await connection.OpenAsync();
            await using var command = connection.CreateCommand();
            command.CommandText = sql;
            await command.ExecuteNonQueryAsync();
        }
    }

    private static async Task Answers(HttpStatusCode status, Task<HttpResponseMessage> answering)
    {
        using var answer = await answering;
        Assert.True(answer.StatusCode == status, $"{answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
    }

    private static async Task<List<JsonElement>> Entries(HttpClient client, string query) =>
        [.. (await client.Json($"api/v1/audit?{query}")).GetProperty("entries").EnumerateArray()];
}
