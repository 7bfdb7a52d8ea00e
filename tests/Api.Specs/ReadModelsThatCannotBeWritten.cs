using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Raktar.Testing;

namespace Raktar.Api.Specs;

/// <summary>What was answered as done is done, whatever becomes of the read models: the log is asked for what they lack.</summary>
[Trait("Needs", "seconds")]
public sealed class ReadModelsThatCannotBeWritten : IAsyncLifetime
{
    private Server _server = null!;

    /// <summary>Another process holds the database, or no write succeeds, as on a full disk or in a file that may not be written.</summary>
    public static TheoryData<string> Faults => ["locked", "full"];

    public async Task InitializeAsync() => _server = await Server.Start();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_crate_that_was_restricted_is_hidden(string fault)
    {
        var crate = RawCrate.Of("inward", "1.0.0");
        (await crate.Publish(_server.Admin)).EnsureSuccessStatusCode();
        using var reader = await _server.Account("rita", "reader");
        string[] paths = ["in/wa/inward", "api/v1/crates/inward", $"dl/inward/1.0.0/{RawCrate.Checksum(crate.File)}.crate", "crates/inward"];
        await Answers(reader, HttpStatusCode.OK, paths);
        using (Fault(fault))
        {
            using var restricted = await _server.Admin.PutAsJsonAsync("api/v1/crates/inward/visibility", new { restricted = true });
            Assert.Equal(HttpStatusCode.OK, restricted.StatusCode);
            await Answers(reader, HttpStatusCode.NotFound, paths);
            Assert.Equal(0, (await reader.Json("api/v1/crates?q=inward")).GetProperty("meta").GetProperty("total").GetInt32());
            await Answers(_server.Admin, HttpStatusCode.OK, paths);

            // What was allowed meanwhile is in force as well.
            using var opened = await _server.Admin.PutAsJsonAsync("api/v1/crates/inward/visibility", new { restricted = false });
            Assert.Equal(HttpStatusCode.OK, opened.StatusCode);
            await Answers(reader, HttpStatusCode.OK, paths);
            using var again = await _server.Admin.PutAsJsonAsync("api/v1/crates/inward/visibility", new { restricted = true });
            Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        }

        await Recovered();
        await Answers(reader, HttpStatusCode.NotFound, paths);
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_token_that_was_revoked_opens_nothing(string fault)
    {
        using var paul = await _server.Account("paul");
        (await RawCrate.Of("pauls", "1.0.0").Publish(paul)).EnsureSuccessStatusCode();
        using (Fault(fault))
        {
            using var revoked = await _server.Admin.DeleteAsync("api/v1/accounts/paul/tokens/1");
            Assert.True(revoked.IsSuccessStatusCode);
            await Answers(paul, HttpStatusCode.Unauthorized, "api/v1/me", "pa/ul/pauls");
            using var published = await RawCrate.Of("pauls", "1.1.0").Publish(paul);
            Assert.Equal(HttpStatusCode.Unauthorized, published.StatusCode);
        }

        await Recovered();
        await Answers(paul, HttpStatusCode.Unauthorized, "api/v1/me");
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_role_that_was_taken_down_takes_its_tokens_down(string fault)
    {
        using var dora = await _server.Account("dora", "admin");
        await Answers(dora, HttpStatusCode.OK, "api/v1/audit");
        using (Fault(fault))
        {
            using var demoted = await _server.Admin.PutAsJsonAsync("api/v1/accounts/dora", new { role = "reader" });
            Assert.True(demoted.IsSuccessStatusCode);
            await Answers(dora, HttpStatusCode.Forbidden, "api/v1/audit");
            using var published = await RawCrate.Of("doras", "1.0.0").Publish(dora);
            Assert.Equal(HttpStatusCode.Forbidden, published.StatusCode);
        }
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_version_that_was_deleted_is_shown_nowhere(string fault)
    {
        var crate = RawCrate.Of("leaky", "1.0.0");
        (await crate.Publish(_server.Admin)).EnsureSuccessStatusCode();
        (await RawCrate.Of("leaky", "1.1.0").Publish(_server.Admin)).EnsureSuccessStatusCode();
        var download = $"dl/leaky/1.0.0/{RawCrate.Checksum(crate.File)}.crate";
        // What the read models still have of it cannot be shown, and not be told from the rest.
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        string[] showing = ["le/ak/leaky", "api/v1/crates/leaky", "api/v1/crates/leaky/1.1.0", "crates/leaky", $"at/{now:yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'}/le/ak/leaky"];
        await Answers(_server.Admin, HttpStatusCode.OK, [download, .. showing]);
        using (Fault(fault))
        {
            using var delete = new HttpRequestMessage(HttpMethod.Delete, "api/v1/crates/leaky/1.0.0") { Content = JsonContent.Create(new { reason = "leaked" }) };
            using var deleted = await _server.Admin.SendAsync(delete);
            Assert.True(deleted.IsSuccessStatusCode, await deleted.Content.ReadAsStringAsync());
            await Answers(_server.Admin, HttpStatusCode.NotFound, download);
            await Answers(_server.Admin, HttpStatusCode.ServiceUnavailable, showing);
        }

        await Recovered();
        Assert.Equal(1, (await _server.Admin.Json("api/v1/crates/leaky/versions")).GetProperty("meta").GetProperty("total").GetInt32());
        Assert.DoesNotContain("1.0.0", await _server.Admin.GetStringAsync("le/ak/leaky"), StringComparison.Ordinal);
    }

    private static async Task Answers(HttpClient client, HttpStatusCode status, params string[] paths)
    {
        foreach (var path in paths)
        {
            using var answer = await client.GetAsync(path);
            Assert.True(answer.StatusCode == status, $"{path}: {answer.StatusCode}");
        }
    }

    private Undo Fault(string name)
    {
        var connection = new SqliteConnection($"Data Source={Path.Combine(_server.Data, "documents.db")};Pooling=False");
        connection.Open();
        string[] tables = ["documents", "audit"];
        var (before, after) = name == "locked"
            ? ("BEGIN IMMEDIATE", "ROLLBACK")
            : (string.Concat(tables.SelectMany(_ => (string[])["INSERT", "UPDATE"], (table, how) =>
                    $"CREATE TRIGGER full_{table}_{how} BEFORE {how} ON {table} BEGIN SELECT RAISE(ABORT, 'disk full'); END;")),
                string.Concat(tables.SelectMany(_ => (string[])["INSERT", "UPDATE"], (table, how) => $"DROP TRIGGER full_{table}_{how};")));
        Run(before);
        return new(() =>
        {
            Run(after);
            connection.Dispose();
        });

        void Run(string sql)
        {
            using var command = connection.CreateCommand();
            command.CommandText = sql;
            command.ExecuteNonQuery();
        }
    }

    private async Task Recovered()
    {
        var clock = Stopwatch.StartNew();
        while ((await _server.Nobody.GetAsync("health/ready")).StatusCode != HttpStatusCode.OK)
        {
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(60), "it never recovered");
            await Task.Delay(50);
        }
    }

    private sealed class Undo(Action undo) : IDisposable
    {
        public void Dispose() => undo();
    }
}
