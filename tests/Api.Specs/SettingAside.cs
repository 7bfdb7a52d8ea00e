using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Raktar.Application.Log;
using Raktar.Domain;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;
using Raktar.Storage.Embedded;
using Raktar.Testing;

namespace Raktar.Api.Specs;

/// <summary>What one crate costs is bounded, and a crate that cannot be shown takes nothing else down.</summary>
[Trait("Needs", "seconds")]
public sealed class SettingAside : IDisposable
{
    private const int Versions = 15;

    private readonly string _data = Directory.CreateTempSubdirectory("raktar-").FullName;

    [Fact]
    public async Task A_crate_from_before_the_limits_is_named_everything_else_goes_on_and_deleting_versions_mends_it()
    {
        var token = await Poisoned("poison");
        await using (var server = await Server.Start($"--Raktar:DataFolder={_data}"))
        {
            using var admin = server.Client(token);
            Assert.Equal(["crate/poison"], Named(await server.Nobody.Json("health/ready")));
            Assert.Equal("{\"name\":\"good\"", (await admin.GetStringAsync("go/od/good"))[..14]);
            using (var other = await RawCrate.Of("good", "1.0.1").Publish(admin))
            {
                Assert.Equal(HttpStatusCode.OK, other.StatusCode);
            }

            using (var more = await RawCrate.Of("poison", "2.0.0").Publish(admin))
            {
                var (status, detail) = await more.Error();
                Assert.Equal(HttpStatusCode.RequestEntityTooLarge, status);
                Assert.StartsWith("what the versions of `poison` say of themselves (features, dependencies) is ", detail, StringComparison.Ordinal);
            }

            var aside = (await admin.Json("api/v1/set-aside/")).GetProperty("set_aside").EnumerateArray().ToList();
            Assert.Equal(["catalogue", "crate", "index"], aside.Select(each => each.GetProperty("document").GetString()));
            Assert.All(aside, each => Assert.Equal(1, each.GetProperty("tries").GetInt32()));
            var page = await admin.GetStringAsync("admin");
            Assert.Contains("crate/poison", page, StringComparison.Ordinal);
        }

        // A restart remembers, and does not try again at once.
        await using (var server = await Server.Start($"--Raktar:DataFolder={_data}"))
        {
            using var admin = server.Client(token);
            Assert.Equal(["crate/poison"], Named(await server.Nobody.Json("health/ready")));
            var aside = (await admin.Json("api/v1/set-aside/")).GetProperty("set_aside").EnumerateArray().ToList();
            Assert.All(aside, each => Assert.Equal(1, each.GetProperty("tries").GetInt32()));

            foreach (var version in aside[0].GetProperty("largest_versions").EnumerateArray().Take(13))
            {
                using var delete = new HttpRequestMessage(HttpMethod.Delete, $"api/v1/crates/poison/{version.GetProperty("version").GetString()}")
                {
                    Content = JsonContent.Create(new { reason = "too large" }),
                };
                using var deleted = await admin.SendAsync(delete);
                Assert.Equal(HttpStatusCode.OK, deleted.StatusCode);
            }

            using (var again = await admin.PostAsync("api/v1/set-aside/", null))
            {
                Assert.Equal(HttpStatusCode.Accepted, again.StatusCode);
            }

            await Until(async () => Named(await server.Nobody.Json("health/ready")).Count == 0);
            var lines = (await admin.GetStringAsync("po/is/poison")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.Equal(Versions - 13, lines.Length);
        }
    }

    [Fact]
    public async Task A_restricted_crate_is_set_aside_without_its_name_for_everybody()
    {
        var token = await Poisoned("poison", new VisibilityChanged(Restricted: true, []));
        await using var server = await Server.Start($"--Raktar:DataFolder={_data}");
        using var admin = server.Client(token);
        Assert.Equal(["crate/..."], Named(await server.Nobody.Json("health/ready")));
        Assert.Contains("crate/poison", await admin.GetStringAsync("api/v1/set-aside/"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_commit_that_is_corrupt_sets_its_stream_aside()
    {
        string token;
        await using (var before = await Server.Start($"--Raktar:DataFolder={_data}"))
        {
            token = before.Admin.DefaultRequestHeaders.GetValues("Authorization").Single();
            (await RawCrate.Of("good", "1.0.0").Publish(before.Admin)).Dispose();
            (await RawCrate.Of("bad", "1.0.0").Publish(before.Admin)).Dispose();
        }

        SqliteConnection.ClearAllPools();
        Directory.GetFiles(_data, "documents.db*").ToList().ForEach(File.Delete);
        using (var connection = new SqliteConnection($"Data Source={Path.Combine(_data, "events.db")};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "DROP TRIGGER commits_are_never_changed; UPDATE commits SET body = x'7b7d' WHERE stream = 'crate/bad'";
            command.ExecuteNonQuery();
        }

        await using var server = await Server.Start($"--Raktar:DataFolder={_data}");
        using var admin = server.Client(token);
        // Nobody knows any more who may see it.
        Assert.Equal(["crate/..."], Named(await server.Nobody.Json("health/ready")));
        Assert.Contains("crate/bad", await admin.GetStringAsync("api/v1/set-aside/"), StringComparison.Ordinal);
        Assert.Contains("good", await admin.GetStringAsync("api/v1/crates?q="), StringComparison.Ordinal);
        Assert.Equal("{\"name\":\"good\"", (await admin.GetStringAsync("go/od/good"))[..14]);
    }

    [Fact]
    public async Task Versions_beyond_a_crates_limit_are_refused_before_their_file_is_kept()
    {
        await using var server = await Server.Start("--Raktar:Limits:HistoryBytes=4000");
        var answers = new List<HttpStatusCode>();
        for (var i = 0; i < 10; i++)
        {
            using var answer = await RawCrate.Of("grows", $"1.0.{i}").Publish(server.Admin);
            answers.Add(answer.StatusCode);
        }

        var kept = answers.Count(status => status == HttpStatusCode.OK);
        Assert.InRange(kept, 2, 9);
        Assert.Equal(
            [.. Enumerable.Repeat(HttpStatusCode.OK, kept), .. Enumerable.Repeat(HttpStatusCode.RequestEntityTooLarge, 10 - kept)], answers);
        Assert.Equal(kept, Directory.GetFiles(Path.Combine(server.Data, "blobs", "crates"), "*", SearchOption.AllDirectories).Length);
        using (var other = await RawCrate.Of("another", "1.0.0").Publish(server.Admin))
        {
            Assert.Equal(HttpStatusCode.OK, other.StatusCode);
        }

        using var delete = new HttpRequestMessage(HttpMethod.Delete, "api/v1/crates/grows/1.0.0") { Content = JsonContent.Create(new { reason = "room" }) };
        (await server.Admin.SendAsync(delete)).Dispose();
        using var fits = await RawCrate.Of("grows", "2.0.0").Publish(server.Admin);
        Assert.Equal(HttpStatusCode.OK, fits.StatusCode);
    }

    public void Dispose() => Directory.Delete(_data, recursive: true);

    private static List<string?> Named(JsonElement ready) => ready.TryGetProperty("set_aside", out var names)
        ? [.. names.EnumerateArray().Select(name => name.GetString())]
        : [];

    private static async Task Until(Func<Task<bool>> holds)
    {
        var deadline = TimeProvider.System.GetUtcNow().AddMinutes(1);
        while (!await holds())
        {
            Assert.True(TimeProvider.System.GetUtcNow() < deadline, "it did not come true in a minute");
            await Task.Delay(50);
        }
    }

    /// <summary>A data folder with a crate that no document can hold, written past today's limits; answers the administrator's token.</summary>
    private async Task<string> Poisoned(string name, params DomainEvent[] more)
    {
        string token;
        await using (var before = await Server.Start($"--Raktar:DataFolder={_data}"))
        {
            token = before.Admin.DefaultRequestHeaders.GetValues("Authorization").Single();
            using var good = await RawCrate.Of("good", "1.0.0").Publish(before.Admin);
            good.EnsureSuccessStatusCode();
        }

        using var storage = EmbeddedStorage.Own(_data);
        var crate = CrateName.Parse(name);
        var package = new Package { Features = [new("default", [.. Enumerable.Range(0, 200_000).Select(i => $"feature-of-it-{i:000000}")])] };
        var head = StreamHead.Start(StreamName.Of(crate));
        IEnumerable<DomainEvent> facts =
        [
            new CrateCreated(crate, Login.Admin),
            .. more,
            .. Enumerable.Range(0, Versions).Select(i => new VersionPublished(SemVersion.Parse($"1.0.{i}"), Checksum.Of([(byte)i]), 1, Login.Admin, package)),
        ];
        foreach (var fact in facts)
        {
            var commit = NewCommit.After(head, [fact], new Stamp(new Actor(Login.Admin, 1, null), "r", TimeProvider.System.GetUtcNow()));
            await storage.Events.Append(commit, CancellationToken.None);
            head = commit.Recorded.Head;
        }

        return token;
    }
}
