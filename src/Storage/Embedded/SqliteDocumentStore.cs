using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Caching.Memory;
using Raktar.Application.Ports;

namespace Raktar.Storage.Embedded;

/// <summary>
/// The projections' documents in one SQLite file, the recently used ones in memory. <c>synchronous=NORMAL</c>: after a power cut the newest may be
/// missing, never the middle, and the log has them all.
/// </summary>
internal sealed class SqliteDocumentStore : IDocumentStore, IDependency, IDisposable
{
    private const string Schema = """
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = NORMAL;
        CREATE TABLE IF NOT EXISTS documents (
            id INTEGER PRIMARY KEY,
            kind TEXT NOT NULL,
            key TEXT NOT NULL,
            version INTEGER NOT NULL,
            change INTEGER NOT NULL,
            body BLOB NOT NULL,
            UNIQUE (kind, key)
        ) STRICT;
        CREATE INDEX IF NOT EXISTS documents_by_change ON documents (kind, change);
        CREATE TABLE IF NOT EXISTS parts (
            document INTEGER NOT NULL,
            number INTEGER NOT NULL,
            hash BLOB NOT NULL,
            body BLOB NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX IF NOT EXISTS parts_of ON parts (document, number, hash);
        CREATE TABLE IF NOT EXISTS aliases (
            kind TEXT NOT NULL,
            alias TEXT NOT NULL,
            key TEXT NOT NULL,
            PRIMARY KEY (kind, alias)
        ) STRICT, WITHOUT ROWID;
        """ + "\n" + SqliteAuditStore.Schema + "\n";

    // What is read and written again and again while all documents are made is kept, and written to its place once in a while.
    private const string Beside = "PRAGMA cache_size = -32768; PRAGMA wal_autocheckpoint = 8192;";

    private const int PageSize = 500;

    private const long CacheBytes = 48 * 1024 * 1024;

    // Whether these are made in one go: each document is put once, and asked for by nobody before all are there.
    private readonly bool _isBegun;
    private readonly SqliteWriter? _writer;
    private readonly SqliteReader _reader;
    private readonly MemoryCache _cache = new(new MemoryCacheOptions { SizeLimit = CacheBytes });
    private readonly ConcurrentDictionary<string, long> _lastChanges;

    // Those that were looked for. An alias moves to another document only with an identity that was unlinked from one account and linked to another.
    private readonly ConcurrentDictionary<(string Kind, string Alias), string> _aliases = new();
    private readonly Lock _caching = new();
    private long _change;

    private SqliteDocumentStore(string file, SqliteWriter? writer, bool isBegun = false)
    {
        (_writer, _reader, _isBegun) = (writer, new SqliteReader(file, "documents"), isBegun);
        Audit = new SqliteAuditStore(_writer, _reader, isBegun);
        // Documents of another format are thrown away at the start, and made anew from the log before anything is served.
        if (writer is not null && FormatIn(_reader) != Document.Format)
        {
            writer.Write(connection =>
            {
                using var reset = connection.CreateCommand($"DELETE FROM documents; DELETE FROM parts; DELETE FROM aliases; DELETE FROM audit; PRAGMA user_version = {Document.Format}");
                return reset.ExecuteNonQuery();
            }).GetAwaiter().GetResult();
        }

        var last = _reader.Query("SELECT kind, MAX(change) FROM documents GROUP BY kind", row => KeyValuePair.Create(row.GetString(0), row.GetInt64(1)));
        _lastChanges = new(last, StringComparer.Ordinal);
        _change = _lastChanges.Values.DefaultIfEmpty().Max();
    }

    public string Name => "documents";

    private SqliteWriter Writer => _writer ?? throw new InvalidOperationException("these documents were opened to read");

    /// <summary>The documents of a folder that this process owns.</summary>
    public static SqliteDocumentStore Open(string file) => new(file, new SqliteWriter(file, "documents", Schema + SqliteAuditStore.Indexes));

    /// <summary>Documents that are all made now, each once, in a file that is empty: none is there until <see cref="Complete"/> was called.</summary>
    public static SqliteDocumentStore Begin(string file) => new(file, new SqliteWriter(file, "documents", Schema + Beside), isBegun: true);

    /// <summary>Documents that another process may own; null: there are none that this program could read.</summary>
    public static SqliteDocumentStore? OpenToRead(string file)
    {
        if (!File.Exists(file))
        {
            return null;
        }

        var reader = new SqliteReader(file, "documents");
        var isReadable = FormatIn(reader) == Document.Format;
        reader.Close();
        return isReadable ? new(file, writer: null) : null;
    }

    /// <summary>The audit's rows, in the same file.</summary>
    public SqliteAuditStore Audit { get; }

    public TimeSpan Remembered => TimeSpan.Zero;

    public long? LastChange(string kind) => _lastChanges.GetValueOrDefault(kind);

    public IAsyncEnumerable<DocumentKey> Keys(CancellationToken cancellationToken) =>
        _reader.Query("SELECT kind, key FROM documents", row => new DocumentKey(row.GetString(0), row.GetString(1))).ToAsyncEnumerable();

    public ValueTask<Document?> Get(DocumentKey key, CancellationToken cancellationToken)
    {
        if (_isBegun)
        {
            // None can be there yet, and a rebuild of many crates would look for a million of them.
            return new((Document?)null);
        }

        if (_cache.TryGetValue(key, out Document? cached))
        {
            return new(cached);
        }

        var before = Volatile.Read(ref _change);
        var document = ReadWhole(key);
        // What another process writes this one does not hear of.
        if (document is not null && _writer is not null)
        {
            lock (_caching)
            {
                // What was read may be old when something was written meanwhile; the next reader will do.
                if (before == _change)
                {
                    Remember(key, document);
                }
            }
        }

        return new(document);
    }

    public Task Put(DocumentKey key, Document document, long expectedVersion, CancellationToken cancellationToken) => Writer.Write(
        connection =>
        {
            var stored = _isBegun ? 0 : Version(connection, key);
            if (stored != expectedVersion)
            {
                throw new DocumentMovedException(key, expectedVersion);
            }

            // Only this thread writes _change; the others see it after the commit at the earliest.
            var change = Interlocked.Increment(ref _change);
            using var put = connection.CreateCommand(
                """
                INSERT INTO documents (kind, key, version, change, body) VALUES ($kind, $key, $version, $change, $body)
                ON CONFLICT (kind, key) DO UPDATE SET version = $version, change = $change, body = $body
                RETURNING id
                """,
                ("$kind", key.Kind),
                ("$key", key.Key),
                ("$version", document.Version),
                ("$change", document.IsFollowed ? change : 0),
                ("$body", document.Body.ToArray()));
            var id = (long)put.ExecuteScalar()!;
            if (stored != 0 || document.Parts.Count > 0)
            {
                PutParts(connection, id, document.Parts);
            }

            foreach (var alias in document.Aliases)
            {
                using var name = connection.CreateCommand(
                    "INSERT OR REPLACE INTO aliases (kind, alias, key) VALUES ($kind, $alias, $key)",
                    ("$kind", key.Kind),
                    ("$alias", alias),
                    ("$key", key.Key));
                name.ExecuteNonQuery();
            }

            return change;
        },
        change =>
        {
            lock (_caching)
            {
                Interlocked.Increment(ref _change);
                Remember(key, document);
            }

            foreach (var alias in document.Aliases.Where(alias => _aliases.ContainsKey((key.Kind, alias))))
            {
                _aliases[(key.Kind, alias)] = key.Key;
            }

            if (document.IsFollowed)
            {
                _lastChanges[key.Kind] = change;
            }
        });

    public Task Remove(DocumentKey key, CancellationToken cancellationToken) => Writer.Write(
        connection =>
        {
            using var delete = connection.CreateCommand(
                """
                DELETE FROM parts WHERE document = (SELECT id FROM documents WHERE kind = $kind AND key = $key);
                DELETE FROM documents WHERE kind = $kind AND key = $key
                """,
                ("$kind", key.Kind),
                ("$key", key.Key));
            return delete.ExecuteNonQuery();
        },
        _ =>
        {
            lock (_caching)
            {
                Interlocked.Increment(ref _change);
                _cache.Remove(key);
            }
        });

    public ValueTask<Document?> Find(string kind, string alias, CancellationToken cancellationToken)
    {
        if (!_aliases.TryGetValue((kind, alias), out var key))
        {
            key = _reader.Query(
                "SELECT key FROM aliases WHERE kind = $kind AND alias = $alias", row => row.GetString(0), ("$kind", kind), ("$alias", alias)).FirstOrDefault();
            if (key is null)
            {
                return new((Document?)null);
            }

            _aliases[(kind, alias)] = key;
        }

        return Get(new(kind, key), cancellationToken);
    }

    public async IAsyncEnumerable<ChangedDocument> Changes(string kind, long afterChange, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await ValueTask.CompletedTask;
        for (var after = afterChange; _lastChanges.TryGetValue(kind, out var last) && last > after;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var page = _reader.Query(
                "SELECT version, body, change, key FROM documents WHERE kind = $kind AND change > $after ORDER BY change LIMIT $page",
                row => new ChangedDocument(row.GetString(3), Read(row), row.GetInt64(2)),
                ("$kind", kind),
                ("$after", after),
                ("$page", PageSize));
            foreach (var changed in page)
            {
                yield return changed;
                after = changed.Change;
            }
        }
    }

    /// <summary>Makes what was left for the end.</summary>
    public Task Complete() => Writer.Write(connection =>
    {
        using var indexes = connection.CreateCommand(SqliteAuditStore.Indexes);
        return indexes.ExecuteNonQuery();
    });

    public Task Probe(CancellationToken cancellationToken) =>
        Writer.Write(connection => connection.State).WaitAsync(TimeSpan.FromSeconds(5), cancellationToken);

    public void Dispose()
    {
        _writer?.Dispose();
        _reader.Close();
        _cache.Dispose();
    }

    private static long FormatIn(SqliteReader reader) => reader.Query("PRAGMA user_version", row => row.GetInt64(0))[0];

    private static long Version(SqliteConnection connection, DocumentKey key)
    {
        using var current = connection.CreateCommand(
            "SELECT version FROM documents WHERE kind = $kind AND key = $key", ("$kind", key.Kind), ("$key", key.Key));
        return current.ExecuteScalar() as long? ?? 0;
    }

    private static Document Read(SqliteDataReader row) => new(row.GetInt64(0), row.GetFieldValue<byte[]>(1)) { IsFollowed = row.GetInt64(2) > 0 };

    /// <summary>Writes the parts that are not there yet, in place of those that are no more.</summary>
    private static void PutParts(SqliteConnection connection, long document, IReadOnlyList<DocumentPart> parts)
    {
        var stored = new List<byte[]>();
        using (var select = connection.CreateCommand("SELECT hash FROM parts WHERE document = $document ORDER BY number", ("$document", document)))
        using (var rows = select.ExecuteReader())
        {
            while (rows.Read())
            {
                stored.Add(rows.GetFieldValue<byte[]>(0));
            }
        }

        if (stored.Count > parts.Count)
        {
            using var delete = connection.CreateCommand(
                "DELETE FROM parts WHERE document = $document AND number >= $count", ("$document", document), ("$count", parts.Count));
            delete.ExecuteNonQuery();
        }

        foreach (var (number, part) in parts.Index())
        {
            if (number < stored.Count && stored[number].AsSpan().SequenceEqual(part.Hash))
            {
                continue;
            }

            using var put = connection.CreateCommand(
                number < stored.Count
                    ? "UPDATE parts SET hash = $hash, body = $body WHERE document = $document AND number = $number"
                    : "INSERT INTO parts (document, number, hash, body) VALUES ($document, $number, $hash, $body)",
                ("$document", document),
                ("$number", number),
                ("$hash", part.Hash),
                ("$body", part.Bytes.ToArray()));
            put.ExecuteNonQuery();
        }
    }

    private Document? ReadWhole(DocumentKey key)
    {
        // In one statement, so that the parts are those of the body.
        var (document, parts) = ((Document?)null, new List<DocumentPart>());
        _reader.Read(
            """
            SELECT d.version, d.body, d.change, p.body FROM documents d LEFT JOIN parts p ON p.document = d.id
            WHERE d.kind = $kind AND d.key = $key ORDER BY p.number
            """,
            row =>
            {
                document ??= Read(row);
                if (!row.IsDBNull(3))
                {
                    parts.Add(new(row.GetFieldValue<byte[]>(3)));
                }

                return true;
            },
            ("$kind", key.Kind),
            ("$key", key.Key));
        return parts.Count == 0 ? document : new(document!.Version, document.Body) { IsFollowed = document.IsFollowed, Parts = parts };
    }

    // The parsed form that a document keeps is about as large as its bytes.
    private void Remember(DocumentKey key, Document document)
    {
        if (_isBegun)
        {
            return;
        }

        if (document.Length < CacheBytes / 2)
        {
            _cache.Set(key, document, new MemoryCacheEntryOptions { Size = 500 + (2 * document.Length) });
        }
        else
        {
            _cache.Remove(key);
        }
    }
}
