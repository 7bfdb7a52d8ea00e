using System.Net;
using System.Net.Http.Json;
using Microsoft.Data.Sqlite;
using Raktar.Testing;

namespace Raktar.Api.Specs;

public sealed class Restarting : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("raktar-").FullName;

    [Theory]
    [InlineData("nothing")]
    [InlineData("deleted")]
    [InlineData("another format")]
    public async Task Whatever_happened_to_the_documents_the_first_answer_after_a_restart_is_whole(string happened)
    {
        string token;
        string index;
        await using (var before = await Server.Start($"--Raktar:DataFolder={_data}"))
        {
            token = before.Admin.DefaultRequestHeaders.GetValues("Authorization").Single();
            await Task.WhenAll(Enumerable.Range(0, 20).Select(async i =>
            {
                using var response = await RawCrate.Of($"kept{i}", "1.0.0").Publish(before.Admin);
                response.EnsureSuccessStatusCode();
            }));
            index = await before.Admin.GetStringAsync("ke/pt/kept7");
        }

        SqliteConnection.ClearAllPools();
        if (happened == "deleted")
        {
            Directory.GetFiles(_data, "documents.db*").ToList().ForEach(File.Delete);
        }
        else if (happened == "another format")
        {
            using var connection = new SqliteConnection($"Data Source={Path.Combine(_data, "documents.db")};Pooling=False");
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "UPDATE documents SET body = x'00'; PRAGMA user_version = 99";
            command.ExecuteNonQuery();
        }

        await using var after = await Server.Start($"--Raktar:DataFolder={_data}");
        using var admin = after.Client(token);
        for (var i = 0; i < 20; i++)
        {
            using var response = await admin.GetAsync($"ke/pt/kept{i}");
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        Assert.Equal(index, await admin.GetStringAsync("ke/pt/kept7"));
    }

    [Fact]
    public async Task The_hash_of_a_token_is_enough_to_make_its_holder_the_administrator()
    {
        const string Token = "rk_known-to-its-holder-alone";
        var hash = RawCrate.Checksum(System.Text.Encoding.ASCII.GetBytes(Token));
        await using var server = await Server.Start($"--Raktar:DataFolder={_data}", $"--Raktar:AdminTokenHash={hash}");
        using var admin = server.Client(Token);
        Assert.Equal("admin", (await admin.Json("api/v1/me")).GetProperty("role").GetString());
        Assert.False(File.Exists(Path.Combine(_data, "admin-token")));
    }

    [Fact]
    public async Task However_many_tokens_the_administrator_has_the_operators_own_gets_in()
    {
        const string Token = "rk_known-to-its-holder-alone";
        await using (var before = await Server.Start($"--Raktar:DataFolder={_data}"))
        {
            for (var i = 0; i < 99; i++)
            {
                using var made = await before.Admin.PostAsJsonAsync("api/v1/accounts/admin/tokens", new { name = "of a script" });
                made.EnsureSuccessStatusCode();
            }
        }

        SqliteConnection.ClearAllPools();
        await using var server = await Server.Start($"--Raktar:DataFolder={_data}", $"--Raktar:AdminToken={Token}");
        using var admin = server.Client(Token);
        var tokens = (await admin.Json("api/v1/accounts/admin/tokens")).GetProperty("tokens").EnumerateArray().ToList();
        Assert.Equal(101, tokens.Count);
        Assert.Equal([1], tokens.Where(token => token.GetProperty("revoked").GetBoolean()).Select(token => token.GetProperty("id").GetInt32()));
    }

    public void Dispose() => Directory.Delete(_data, recursive: true);
}
