using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using Raktar.Application.Log;
using Raktar.Application.Ports;
using Raktar.Application.State;
using Raktar.Domain;

namespace Raktar.Storage.Embedded;

/// <summary>
/// The log in one SQLite file. <c>synchronous=FULL</c>: what was acknowledged survives a killed process and a power cut
/// (https://sqlite.org/pragma.html#pragma_synchronous). Triggers refuse every statement that would change, delete or replace a commit, so that nobody does so
/// by mistake. They are part of the file: whoever may write it can drop them, and then only the hash chains and the checkpoints tell.
/// </summary>
internal sealed class SqliteEventStore : IEventStore, IEventFeed, IDependency, IDisposable
{
    private const string Schema = """
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = FULL;
        CREATE TABLE IF NOT EXISTS commits (
            position INTEGER PRIMARY KEY AUTOINCREMENT,
            stream TEXT NOT NULL,
            first_version INTEGER NOT NULL,
            last_version INTEGER NOT NULL,
            hash TEXT NOT NULL,
            body BLOB NOT NULL,
            UNIQUE (stream, first_version)
        ) STRICT;
        CREATE TRIGGER IF NOT EXISTS commits_are_never_changed BEFORE UPDATE ON commits
            BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
        CREATE TRIGGER IF NOT EXISTS commits_are_never_deleted BEFORE DELETE ON commits
            BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
        -- INSERT OR REPLACE deletes what is in its way without asking the trigger above (https://sqlite.org/lang_conflict.html).
        CREATE TRIGGER IF NOT EXISTS commits_are_never_replaced BEFORE INSERT ON commits
            WHEN EXISTS (SELECT 1 FROM commits WHERE position = NEW.position)
                OR EXISTS (SELECT 1 FROM commits WHERE stream = NEW.stream AND first_version = NEW.first_version)
            BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
        """;

    private const int PageSize = 1000;

    // A commit may be a megabyte: a page of them ends here, whatever their number.
    private const int PageBytes = 4 * 1024 * 1024;

    private readonly SqliteWriter? _writer;
    private readonly SqliteReader _reader;

    private SqliteEventStore(string file, SqliteWriter? writer) => (_writer, _reader) = (writer, new SqliteReader(file, "events"));

    public string Name => "events";

    /// <summary>The log of a folder that this process owns.</summary>
    public static SqliteEventStore Open(DataFolder folder) => new(folder.Events, new SqliteWriter(folder.Events, "events", Schema));

    /// <summary>The log of a folder that another process may own; appending is not possible.</summary>
    public static SqliteEventStore OpenToRead(string root) => new(DataFolder.EventsIn(root), writer: null);

    public TimeSpan? Poll => null;

    public Task Append(NewCommit commit, CancellationToken cancellationToken)
    {
        var stream = commit.Commit.Stream.ToString();
        return (_writer ?? throw new InvalidOperationException("this log was opened to read")).Write(connection =>
        {
            using var last = connection.CreateCommand(
                "SELECT last_version, hash FROM commits WHERE stream = $stream ORDER BY first_version DESC LIMIT 1", ("$stream", stream));
            using (var reader = last.ExecuteReader())
            {
                var (version, hash) = reader.Read() ? (reader.GetInt64(0), reader.GetString(1)) : (0, Checksum.Zero.Hex);
                if (version + 1 != commit.Commit.FirstVersion || !string.Equals(hash, commit.Commit.PreviousHash.Hex, StringComparison.Ordinal))
                {
                    throw new StreamMovedException(commit.Commit.Stream, commit.Commit.FirstVersion - 1);
                }
            }

            using var insert = connection.CreateCommand(
                "INSERT INTO commits (stream, first_version, last_version, hash, body) VALUES ($stream, $first, $last, $hash, $body)",
                ("$stream", stream),
                ("$first", commit.Commit.FirstVersion),
                ("$last", commit.Commit.LastVersion),
                ("$hash", commit.Hash.Hex),
                ("$body", commit.Body.ToArray()));
            return insert.ExecuteNonQuery();
        });
    }

    public async IAsyncEnumerable<StoredCommit> ReadStored(
        StreamName stream, long afterVersion, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await ValueTask.CompletedTask;
        for (var (after, isWhole) = (afterVersion, false); !isWhole;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            (var page, isWhole) = ReadPage(stream, after);
            foreach (var stored in page)
            {
                yield return stored;
                after = stored.FirstVersion;
            }
        }
    }

    public ValueTask<long> Bytes(StreamName stream, long afterVersion, CancellationToken cancellationToken) => new(_reader.Query(
        "SELECT COALESCE(SUM(LENGTH(body)), 0) FROM commits WHERE stream = $stream AND first_version > $after",
        row => row.GetInt64(0),
        ("$stream", stream.ToString()),
        ("$after", afterVersion))[0]);

    public IAsyncEnumerable<StreamName> Streams(CancellationToken cancellationToken) =>
        _reader.Query("SELECT DISTINCT stream FROM commits", row => StreamName.Parse(row.GetString(0))).ToAsyncEnumerable();

    public IAsyncEnumerable<CommitHash> Hashes(StreamName? stream, CancellationToken cancellationToken) => Paged(
        0L,
        after => _reader.Query(
            $"""
            SELECT position, stream, first_version, last_version, hash FROM commits
            WHERE position > $after {(stream is null ? string.Empty : "AND stream = $stream")} ORDER BY position LIMIT $page
            """,
            row => (Position: row.GetInt64(0), Commit: new CommitHash(StreamName.Parse(row.GetString(1)), row.GetInt64(2), row.GetInt64(3), HashIn(row.GetString(4)))),
            ("$after", after),
            ("$stream", stream?.ToString() ?? string.Empty),
            ("$page", PageSize)),
        read => read.Position,
        cancellationToken).Select(read => read.Commit);

    public IAsyncEnumerable<MovedStream> After(long position, CancellationToken cancellationToken) => Paged(
        position,
        after => _reader.Query(
            "SELECT position, stream FROM commits WHERE position > $after ORDER BY position LIMIT $page",
            row => new MovedStream(row.GetInt64(0), StreamName.Parse(row.GetString(1))),
            ("$after", after),
            ("$page", PageSize)),
        moved => moved.Position,
        cancellationToken);

    public Task Probe(CancellationToken cancellationToken) =>
        // Through the writer's transaction: a log that can be read but not appended to is not ready.
        _writer!.Write(connection =>
        {
            using var command = connection.CreateCommand("SELECT COUNT(*) FROM (SELECT 1 FROM commits LIMIT 1)");
            return (long)command.ExecuteScalar()!;
        }).WaitAsync(TimeSpan.FromSeconds(5), cancellationToken);

    public void Dispose()
    {
        _writer?.Dispose();
        _reader.Close();
    }

    private static async IAsyncEnumerable<T> Paged<T>(
        long start, Func<long, List<T>> read, Func<T, long> place, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await ValueTask.CompletedTask;
        for (var after = start; ;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var page = read(after);
            foreach (var row in page)
            {
                yield return row;
            }

            if (page.Count < PageSize)
            {
                yield break;
            }

            after = place(page[^1]);
        }
    }

    /// <summary>The next commits of a stream, and whether there are no more.</summary>
    private (List<StoredCommit> Page, bool IsWhole) ReadPage(StreamName stream, long after)
    {
        var (page, bytes) = (new List<StoredCommit>(), 0L);
        _reader.Read(
            "SELECT stream, first_version, hash, body FROM commits WHERE stream = $stream AND first_version > $after ORDER BY first_version",
            row =>
            {
                page.Add(Stored(row));
                bytes += page[^1].Body.Length;
                return bytes < PageBytes && page.Count < PageSize;
            },
            ("$stream", stream.ToString()),
            ("$after", after));
        return (page, bytes < PageBytes && page.Count < PageSize);
    }

    private static StoredCommit Stored(SqliteDataReader row) => new(
        StreamName.Parse(row.GetString(0)),
        row.GetInt64(1),
        row.GetFieldValue<byte[]>(3),
        HashIn(row.GetString(2)));

    private static Checksum HashIn(string text) => Checksum.TryParse(text, out var hash) ? hash : Checksum.Zero;
}
