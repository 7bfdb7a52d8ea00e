using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using Raktar.Application.Audit;
using Raktar.Application.Log;
using Raktar.Application.State;

namespace Raktar.Storage.Embedded;

/// <summary>
/// The audit's rows, a table beside the documents. A row is found by its stream and its place, and by each index there is, of which every one has the key of a lane and the
/// place or goes on from it: so each lane is read in order from where it is asked for.
/// </summary>
internal sealed class SqliteAuditStore(SqliteWriter? writer, SqliteReader reader, bool isBegun) : IAuditStore
{
    /// <summary>Its part of the schema.</summary>
    public const string Schema = """
        CREATE TABLE IF NOT EXISTS audit (
            id INTEGER PRIMARY KEY,
            stream TEXT NOT NULL,
            place TEXT NOT NULL,
            kind TEXT NOT NULL,
            actor TEXT,
            token INTEGER,
            body BLOB NOT NULL,
            UNIQUE (stream, place)
        ) STRICT;
        """;

    /// <summary>The indexes. Where many rows are written at once they are quicker made afterwards.</summary>
    public const string Indexes = """
        CREATE INDEX IF NOT EXISTS audit_by_place ON audit (place);
        CREATE INDEX IF NOT EXISTS audit_by_actor ON audit (actor, place, kind, token);
        CREATE INDEX IF NOT EXISTS audit_by_kind ON audit (kind, place);
        """;

    private SqliteWriter Writer => writer ?? throw new InvalidOperationException("these rows were opened to read");

    public Task Put(StreamName stream, IReadOnlyList<AuditRow> rows, CancellationToken cancellationToken)
    {
        var name = stream.ToString();
        var bodies = rows.Select(row => row.ToBytes()).ToList();
        return Writer.Write(connection =>
        {
            using var put = connection.CreateCommand(
                "INSERT OR REPLACE INTO audit (stream, place, kind, actor, token, body) VALUES ($stream, $place, $kind, $actor, $token, $body)",
                ("$stream", name));
            // One command for all of them.
            var (place, kind, actor, token, value) = (Parameter("$place"), Parameter("$kind"), Parameter("$actor"), Parameter("$token"), Parameter("$body"));
            foreach (var (row, body) in rows.Zip(bodies))
            {
                place.Value = row.Place.ToString();
                kind.Value = row.Kind;
                actor.Value = (object?)row.Actor?.Text ?? DBNull.Value;
                token.Value = (object?)row.Token ?? DBNull.Value;
                value.Value = body;
                put.ExecuteNonQuery();
            }

            return rows.Count;

            SqliteParameter Parameter(string parameter) => put.Parameters.AddWithValue(parameter, DBNull.Value);
        });
    }

    public Task Delete(StreamName stream, IReadOnlyList<AuditPlace> places, CancellationToken cancellationToken) => Writer.Write(connection =>
    {
        foreach (var place in places)
        {
            using var delete = connection.CreateCommand(
                "DELETE FROM audit WHERE stream = $stream AND place = $place", ("$stream", stream.ToString()), ("$place", place.ToString()));
            delete.ExecuteNonQuery();
        }

        return places.Count;
    });

    public IAsyncEnumerable<string> Streams(CancellationToken cancellationToken) =>
        reader.Query("SELECT DISTINCT stream FROM audit", row => row.GetString(0)).ToAsyncEnumerable();

    public async IAsyncEnumerable<FiledRow> Filed(StreamName stream, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await ValueTask.CompletedTask;
        const int page = 500;
        for (string? last = null; ;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var rows = reader.Query(
                "SELECT place, kind, actor, token, body FROM audit WHERE stream = $stream AND place > $last ORDER BY place LIMIT $page",
                Filed,
                ("$stream", stream.ToString()),
                ("$last", last ?? string.Empty),
                ("$page", page));
            foreach (var (place, filed) in rows)
            {
                yield return filed;
                last = place;
            }

            if (rows.Count < page)
            {
                yield break;
            }
        }

        static (string Place, FiledRow Row) Filed(SqliteDataReader row)
        {
            var read = AuditRow.Parse(row.GetFieldValue<byte[]>(4));
            var isRight = string.Equals(row.GetString(0), read.Place.ToString(), StringComparison.Ordinal)
                && string.Equals(row.GetString(1), read.Kind, StringComparison.Ordinal)
                && string.Equals(row.IsDBNull(2) ? null : row.GetString(2), read.Actor?.Text, StringComparison.Ordinal)
                && (row.IsDBNull(3) ? null : row.GetInt32(3)) == read.Token;
            return (row.GetString(0), new(read, AuditPlace.Parse(row.GetString(0)), isRight));
        }
    }

    public Task<AuditSlice> Read(AuditLane lane, AuditPlace since, AuditPlace before, int limit, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (isBegun)
        {
            // As of documents that are all made now: no row of the stream is there yet.
            return Task.FromResult(new AuditSlice([], null));
        }

        var examine = lane.IsNarrowed ? IAuditStore.MaxExamined : limit;
        var (admitted, examined, last) = (new List<long>(), 0, string.Empty);
        reader.Read(
            Select(lane.By),
            row =>
            {
                (examined, last) = (examined + 1, row.GetString(1));
                if (lane.Admits(row.GetString(2), row.IsDBNull(3) ? null : row.GetString(3), row.IsDBNull(4) ? null : row.GetInt32(4)))
                {
                    admitted.Add(row.GetInt64(0));
                }

                return admitted.Count < limit;
            },
            ("$key", lane.Key),
            ("$since", since.ToString()),
            ("$before", before.ToString()),
            ("$examine", examine));
        // Only of what is admitted is the body read.
        var rows = admitted.Count == 0 ? [] : reader.Query(
            $"SELECT body FROM audit WHERE id IN ({string.Join(',', admitted)}) ORDER BY place DESC", row => AuditRow.Parse(row.GetFieldValue<byte[]>(0)));
        return Task.FromResult(new AuditSlice(rows, examined == examine || admitted.Count == limit ? AuditPlace.Parse(last) : null));
    }

    /// <summary>How a lane is read; each is one walk down an index, <c>EXPLAIN QUERY PLAN</c> says so and a spec holds it.</summary>
    internal static string Select(AuditIndex by) =>
        $"""
        SELECT id, place, kind, actor, token FROM audit WHERE {by switch
        {
            AuditIndex.All => "$key = ''",
            AuditIndex.Stream => "stream = $key",
            AuditIndex.Actor => "actor = $key",
            AuditIndex.Kind => "kind = $key",
            _ => throw new InvalidOperationException($"no index {by}"),
        }} AND place >= $since AND place < $before ORDER BY place DESC LIMIT $examine
        """;
}
