using Microsoft.Data.Sqlite;
using Raktar.Application.Log;
using Raktar.Application.Ports;
using Raktar.Application.Proofs;
using Raktar.Domain;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;
using Raktar.Storage.Embedded;

namespace Raktar.Storage.Specs;

public sealed class VerifyingTheLog : IAsyncLifetime, IDisposable
{
    private static readonly CrateName Foo = CrateName.Parse("foo");
    private static readonly byte[] Bytes = [1, 2, 3];
    private static readonly SemVersion[] Versions = [.. "1.0.0 2.0.0 3.0.0".Split(' ').Select(SemVersion.Parse)];

    private readonly TemporaryFolder _folder = new();

    public async Task InitializeAsync()
    {
        using var storage = EmbeddedStorage.Own(_folder.Path);
        var head = StreamHead.Start(StreamName.Of(Foo));
        var stamp = new Stamp(new Actor(Login.Admin, 1, null), "r", DateTimeOffset.UnixEpoch);
        foreach (var version in Versions)
        {
            await using var staged = await storage.Blobs.Stage(CancellationToken.None);
            await staged.Write(Bytes, CancellationToken.None);
            await staged.Keep(BlobOf(version), CancellationToken.None);
            var published = new VersionPublished(version, Checksum.Of(Bytes), Bytes.Length, Login.Admin, new Package());
            var commit = NewCommit.After(head, [published], stamp);
            await storage.Events.Append(commit, CancellationToken.None);
            head = commit.Recorded.Head;
        }
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_nobody_touched_is_as_it_was_written() => Assert.Empty(await Problems());

    [Theory]
    [InlineData("UPDATE commits SET body = CAST(replace(CAST(body AS TEXT), 'admin', 'adm1n') AS BLOB) WHERE position = 2", "crate/foo@2", "hash")]
    [InlineData("UPDATE commits SET hash = replace(hash, 'a', 'b') WHERE position = 2", "crate/foo@2", "hash")]
    [InlineData("DELETE FROM commits WHERE position = 2", "crate/foo@3", "version 2 is missing before it")]
    [InlineData("DELETE FROM commits WHERE position = 1", "crate/foo@2", "version 1 is missing before it")]
    [InlineData("UPDATE commits SET first_version = 9 WHERE position = 2", "crate/foo@9", "its bytes say crate/foo version 2")]
    [InlineData("UPDATE commits SET stream = 'crate/bar' WHERE position = 3", "crate/bar@3", "its bytes say crate/foo version 3")]
    public async Task Tampering_with_the_log_is_found_and_named(string sql, string where, string what)
    {
        using (var connection = new SqliteConnection($"Data Source={Path.Combine(_folder.Path, "events.db")};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = $"DROP TRIGGER commits_are_never_changed; DROP TRIGGER commits_are_never_deleted; {sql}";
            command.ExecuteNonQuery();
        }

        var problem = Assert.Single(await Problems(), problem => problem.Subject == where);
        Assert.Contains(what, problem.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_forged_commit_with_a_right_hash_of_its_own_breaks_the_chain()
    {
        using (var connection = new SqliteConnection($"Data Source={Path.Combine(_folder.Path, "events.db")};Pooling=False"))
        {
            connection.Open();
            var forged = EventCodec.Encode(new Commit
            {
                Id = Guid.CreateVersion7(),
                Stream = StreamName.Of(Foo),
                FirstVersion = 2,
                At = DateTimeOffset.UnixEpoch,
                Actor = new Actor(Login.Admin, 1, null),
                Correlation = "forged",
                Events = [new VersionYanked(Versions[0], null)],
                PreviousHash = Checksum.Zero,
            });
            using var command = connection.CreateCommand();
            command.CommandText = "DROP TRIGGER commits_are_never_changed; UPDATE commits SET body = $body, hash = $hash WHERE position = 2";
            command.Parameters.AddWithValue("$body", forged);
            command.Parameters.AddWithValue("$hash", Checksum.Of(forged).Hex);
            command.ExecuteNonQuery();
        }

        Assert.Equal(["crate/foo@2", "crate/foo@3"], (await Problems()).Select(p => p.Subject));
    }

    [Fact]
    public async Task A_missing_blob_and_a_changed_blob_are_named()
    {
        File.Delete(Path.Combine(_folder.Path, "blobs", BlobOf(Versions[0]).Path));
        await File.WriteAllBytesAsync(Path.Combine(_folder.Path, "blobs", BlobOf(Versions[2]).Path), [9]);
        Assert.Equal(
            [(BlobOf(Versions[0]).Path, "the blob is missing"), (BlobOf(Versions[2]).Path, $"the blob's bytes hash to {Checksum.Of([9])}")],
            (await Problems()).Select(p => (p.Subject, p.Problem!)));
    }

    [Theory]
    [InlineData(-1, false, 0)]
    [InlineData(-1, true, 1)]
    [InlineData(7, false, 1)]
    public async Task A_deleted_version_whose_time_is_over_needs_no_blob(int restorableForDays, bool isRestored, int problems)
    {
        using (var storage = EmbeddedStorage.Own(_folder.Path))
        {
            var head = (await storage.Events.Read(StreamName.Of(Foo), 0, CancellationToken.None).LastAsync()).Head;
            DomainEvent deleted = new VersionDeleted(Versions[0], "why", TimeProvider.System.GetUtcNow().AddDays(restorableForDays));
            var stamp = new Stamp(new Actor(Login.Admin, 1, null), "r", TimeProvider.System.GetUtcNow());
            var facts = isRestored ? ValueList.Create([deleted, new VersionRestored(Versions[0])]) : [deleted];
            await storage.Events.Append(NewCommit.After(head, facts, stamp), CancellationToken.None);
        }

        File.Delete(Path.Combine(_folder.Path, "blobs", BlobOf(Versions[0]).Path));
        Assert.Equal(problems, (await Problems()).Count);
        File.Delete(Path.Combine(_folder.Path, "blobs", BlobOf(Versions[1]).Path));
        Assert.Contains(await Problems(), problem => problem == new Finding(BlobOf(Versions[1]).Path, "the blob is missing"));
    }

    private static BlobKey BlobOf(SemVersion version) => BlobKey.CrateFile(Foo, version, Checksum.Of(Bytes));

    private async Task<List<Finding>> Problems()
    {
        using var storage = EmbeddedStorage.OpenToRead(_folder.Path);
        var problems = new List<Finding>();
        var verifier = new LogVerifier(storage.Events, storage.Blobs, new CheckpointVerifier(storage.Events, storage.Blobs, []), TimeProvider.System);
        await foreach (var finding in verifier.Verify(1, CancellationToken.None))
        {
            if (finding.Problem is not null)
            {
                problems.Add(finding);
            }
        }

        return problems;
    }
}
