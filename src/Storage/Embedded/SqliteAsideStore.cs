using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using Raktar.Application.Ports;

namespace Raktar.Storage.Embedded;

/// <summary>
/// What is kept beside the log, in an SQLite file of its own. <c>synchronous=FULL</c>: who signed out stays out, also after a power cut. What is past its
/// end is deleted by a later write, at most every <see cref="SweepEvery"/>.
/// </summary>
internal sealed class SqliteAsideStore : IAsideStore, IDependency, IDisposable
{
    /// <summary>How often what is past its end is deleted.</summary>
    public static readonly TimeSpan SweepEvery = TimeSpan.FromMinutes(10);

    private const string Schema = """
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = FULL;
        CREATE TABLE IF NOT EXISTS aside (
            kind TEXT NOT NULL,
            key TEXT NOT NULL,
            until INTEGER,
            value BLOB NOT NULL,
            PRIMARY KEY (kind, key)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS aside_by_end ON aside (until) WHERE until IS NOT NULL;
        """;

    private const string Upsert =
        "INSERT INTO aside (kind, key, until, value) VALUES ($kind, $key, $until, $value) ON CONFLICT (kind, key) DO UPDATE SET until = $until, value = $value";

    private const int PageSize = 200;

    private readonly SqliteWriter _writer;
    private readonly SqliteReader _reader;
    private readonly TimeProvider _time;

    // Touched by the writer's thread alone.
    private DateTimeOffset _swept;

    public SqliteAsideStore(string file, TimeProvider time) =>
        (_writer, _reader, _time) = (new SqliteWriter(file, "aside", Schema), new SqliteReader(file, "aside"), time);

    public string Name => "aside";

    private long Now => _time.GetUtcNow().ToUnixTimeSeconds();

    public Task<byte[]?> Get(string kind, string key, CancellationToken cancellationToken) => Task.FromResult(_reader.Query(
        "SELECT value FROM aside WHERE kind = $kind AND key = $key AND (until IS NULL OR until > $now)",
        row => row.GetFieldValue<byte[]>(0),
        ("$kind", kind),
        ("$key", key),
        ("$now", Now)).FirstOrDefault());

    public Task Put(string kind, string key, ReadOnlyMemory<byte> value, DateTimeOffset? until, CancellationToken cancellationToken) =>
        Write(Upsert, kind, key, value, until);

    public async Task<bool> PutIfAbsent(string kind, string key, ReadOnlyMemory<byte> value, DateTimeOffset? until, CancellationToken cancellationToken) =>
        await Write($"{Upsert} WHERE aside.until <= $now", kind, key, value, until) == 1;

    public Task Remove(string kind, string key, CancellationToken cancellationToken) => _writer.Write(connection =>
    {
        using var delete = connection.CreateCommand("DELETE FROM aside WHERE kind = $kind AND key = $key", ("$kind", kind), ("$key", key));
        return delete.ExecuteNonQuery();
    });

    public async IAsyncEnumerable<AsideItem> Newest(string kind, string? before, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await ValueTask.CompletedTask;
        for (var last = before; ;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var page = _reader.Query(
                $"""
                SELECT key, value FROM aside WHERE kind = $kind{(last is null ? string.Empty : " AND key < $last")} AND (until IS NULL OR until > $now)
                ORDER BY key DESC LIMIT $page
                """,
                row => new AsideItem(row.GetString(0), row.GetFieldValue<byte[]>(1)),
                ("$kind", kind),
                ("$last", last ?? string.Empty),
                ("$now", Now),
                ("$page", PageSize));
            foreach (var item in page)
            {
                yield return item;
                last = item.Key;
            }

            if (page.Count < PageSize)
            {
                yield break;
            }
        }
    }

    public Task Probe(CancellationToken cancellationToken) =>
        _writer.Write(connection => connection.State).WaitAsync(TimeSpan.FromSeconds(5), cancellationToken);

    public void Dispose()
    {
        _writer.Dispose();
        _reader.Close();
    }

    private Task<int> Write(string sql, string kind, string key, ReadOnlyMemory<byte> value, DateTimeOffset? until)
    {
        var bytes = AsideLimits.Checked(value);
        return _writer.Write(connection =>
        {
            Sweep(connection);
            using var write = connection.CreateCommand(
                sql,
                ("$kind", kind),
                ("$key", key),
                ("$until", until is { } end ? AsideLimits.Seconds(end) : DBNull.Value),
                ("$value", bytes),
                ("$now", Now));
            return write.ExecuteNonQuery();
        });
    }

    private void Sweep(SqliteConnection connection)
    {
        var now = _time.GetUtcNow();
        if (now - _swept < SweepEvery)
        {
            return;
        }

        using var sweep = connection.CreateCommand("DELETE FROM aside WHERE until <= $now", ("$now", now.ToUnixTimeSeconds()));
        sweep.ExecuteNonQuery();
        _swept = now;
    }
}
