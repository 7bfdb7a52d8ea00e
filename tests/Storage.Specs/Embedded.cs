using Microsoft.Data.Sqlite;
using Raktar.Application.Audit;
using Raktar.Application.Log;
using Raktar.Application.Ports;
using Raktar.Domain.Crates;
using Raktar.Storage.Embedded;

namespace Raktar.Storage.Specs;

public sealed class EmbeddedEventStore : EventStoreContract, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly EmbeddedStorage _storage;

    public EmbeddedEventStore() => _storage = EmbeddedStorage.Own(_folder.Path);

    protected override IEventStore Store => _storage.Events;

    protected override IEventFeed Feed => _storage.Feed;

    [Fact]
    public async Task An_append_past_the_end_is_refused()
    {
        var first = await Append(StreamHead.Start(Stream), Owner("a"));
        await Assert.ThrowsAsync<StreamMovedException>(() => Append(first.Head with { Version = 5 }, Owner("b")));
    }

    [Theory]
    [InlineData("UPDATE commits SET body = x'00'")]
    [InlineData("UPDATE OR REPLACE commits SET first_version = 1 WHERE first_version = 2")]
    [InlineData("DELETE FROM commits")]
    [InlineData("REPLACE INTO commits SELECT position, stream, first_version, last_version, hash, x'00' FROM commits WHERE position = 1")]
    [InlineData("INSERT OR REPLACE INTO commits (stream, first_version, last_version, hash, body) SELECT stream, first_version, last_version, hash, x'00' FROM commits")]
    [InlineData("INSERT OR REPLACE INTO commits (position, stream, first_version, last_version, hash, body) VALUES (1, 'crate/bar', 1, 1, '', x'00')")]
    [InlineData("INSERT OR IGNORE INTO commits SELECT * FROM commits")]
    [InlineData("INSERT INTO commits SELECT * FROM commits WHERE true ON CONFLICT DO UPDATE SET body = x'00'")]
    public async Task The_log_lets_nobody_change_replace_or_delete_a_commit(string sql)
    {
        await AppendTwo();
        var before = await Bodies();
        Assert.Contains("append-only", Assert.Throws<SqliteException>(() => Run(sql)).Message, StringComparison.Ordinal);
        Assert.Equal(before, await Bodies());
    }

    [Fact]
    public async Task A_folder_from_before_a_trigger_was_thought_of_gets_it_at_the_start()
    {
        await AppendTwo();
        var before = await Bodies();
        Run("DROP TRIGGER commits_are_never_replaced");
        _storage.Dispose();
        using (EmbeddedStorage.Own(_folder.Path))
        {
            Assert.Throws<SqliteException>(() => Run("REPLACE INTO commits SELECT position, stream, first_version, last_version, hash, x'00' FROM commits"));
        }

        using var read = EmbeddedStorage.OpenToRead(_folder.Path);
        Assert.Equal(before, await Bodies(read.Events));
    }

    private async Task AppendTwo()
    {
        var first = await Append(StreamHead.Start(Foo), Owner("a"));
        await Append(first.Head, Owner("b"));
    }

    private static StreamName Foo => StreamName.Of(CrateName.Parse("foo"));

    private async Task<List<string>> Bodies(IEventStore? store = null) =>
        await (store ?? Store).ReadStored(Foo, 0, CancellationToken.None).Select(stored => Convert.ToHexString(stored.Body.Span)).ToListAsync();

    private void Run(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(_folder.Path, "events.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    [Fact]
    public void A_second_owner_of_the_folder_is_told_so()
    {
        var e = Assert.Throws<DataFolderInUseException>(() => EmbeddedStorage.Own(_folder.Path));
        Assert.Contains(_folder.Path, e.Message, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _storage.Dispose();
        _folder.Dispose();
    }
}

public sealed class EmbeddedDocumentStore : DocumentStoreContract, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly EmbeddedStorage _storage;

    public EmbeddedDocumentStore() => _storage = EmbeddedStorage.Own(_folder.Path);

    protected override IDocumentStore Store => _storage.Documents;

    public void Dispose()
    {
        _storage.Dispose();
        _folder.Dispose();
    }
}

public sealed class EmbeddedBlobStore : BlobStoreContract, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly EmbeddedStorage _storage;

    public EmbeddedBlobStore() => _storage = EmbeddedStorage.Own(_folder.Path);

    protected override IBlobStore Store => _storage.Blobs;

    [Fact]
    public async Task A_part_can_be_read()
    {
        await Keep(Key, Bytes);
        await using var blob = await Store.Open(Key, CancellationToken.None);
        blob!.Position = 1000;
        var part = new byte[10];
        await blob.ReadExactlyAsync(part);
        Assert.Equal(Bytes[1000..1010], part);
    }

    [Fact]
    public async Task What_an_earlier_process_left_half_written_is_swept_at_the_start()
    {
        var left = Path.Combine(_folder.Path, "blobs", "staging", "left");
        await File.WriteAllTextAsync(left, "half");
        _storage.Dispose();
        using var again = EmbeddedStorage.Own(_folder.Path);
        Assert.False(File.Exists(left));
    }

    public void Dispose()
    {
        _storage.Dispose();
        _folder.Dispose();
    }
}

public sealed class EmbeddedAsideStore : AsideStoreContract, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private EmbeddedStorage _storage;

    public EmbeddedAsideStore() => _storage = EmbeddedStorage.Own(_folder.Path, time: Clock);

    protected override IAsideStore Store => _storage.Aside;

    [Fact]
    public async Task It_is_there_after_a_restart_and_what_ended_is_deleted()
    {
        await Put("kept", "value");
        await Put("ending", "value", Clock.GetUtcNow().AddMinutes(1));
        Assert.Equal(2, Rows());
        _storage.Dispose();
        _storage = EmbeddedStorage.Own(_folder.Path, time: Clock);
        Assert.Equal("value", await Get("kept"));
        Clock.Pass(TimeSpan.FromHours(1));
        await Put("another", "value");
        Assert.Equal(2, Rows());
    }

    public void Dispose()
    {
        _storage.Dispose();
        _folder.Dispose();
    }

    private long Rows()
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(_folder.Path, "aside.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT COUNT(*) FROM aside";
        return (long)command.ExecuteScalar()!;
    }
}

public sealed class EmbeddedAuditStore : AuditStoreContract, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly EmbeddedStorage _storage;

    public EmbeddedAuditStore() => _storage = EmbeddedStorage.Own(_folder.Path);

    protected override IAuditStore Store => _storage.Audit;

    protected override IAsideStore Aside => _storage.Aside;

    protected override int Runs => 100;

    [Theory]
    [InlineData(AuditIndex.All, "SEARCH audit USING INDEX audit_by_place (place>? AND place<?)")]
    [InlineData(AuditIndex.Stream, "SEARCH audit USING INDEX sqlite_autoindex_audit_1 (stream=? AND place>? AND place<?)")]
    [InlineData(AuditIndex.Actor, "SEARCH audit USING COVERING INDEX audit_by_actor (actor=? AND place>? AND place<?)")]
    [InlineData(AuditIndex.Kind, "SEARCH audit USING INDEX audit_by_kind (kind=? AND place>? AND place<?)")]
    public void A_lane_is_one_walk_down_an_index_and_nothing_is_sorted(AuditIndex by, string plan)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(_folder.Path, "documents.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand(
            $"EXPLAIN QUERY PLAN {SqliteAuditStore.Select(by)}", ("$key", ""), ("$since", ""), ("$before", "9"), ("$examine", 1));
        using var reader = command.ExecuteReader();
        var steps = new List<string>();
        while (reader.Read())
        {
            steps.Add(reader.GetString(3));
        }

        Assert.Equal([plan], steps);
    }

    public void Dispose()
    {
        _storage.Dispose();
        _folder.Dispose();
    }
}
