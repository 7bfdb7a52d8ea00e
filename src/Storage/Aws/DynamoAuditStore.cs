using System.Globalization;
using System.Runtime.CompilerServices;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Raktar.Application.Audit;
using Raktar.Application.Log;
using Raktar.Application.State;
using static Raktar.Storage.Aws.DynamoItems;

namespace Raktar.Storage.Aws;

/// <summary>
/// The audit's rows in a DynamoDB table: an item per row under its stream and its place, and in an index each for all rows (a partition per year), for
/// an actor's and for a kind's. An index is eventually consistent; a stream is not.
/// </summary>
internal sealed class DynamoAuditStore(IAmazonDynamoDB dynamo, string table, TimeProvider time) : IAuditStore, IDisposable
{
    // No registry is older; what says it is stands with this year.
    private const int FirstYear = 2020;

    // A partition takes a thousand writes a second, and in its index all rows of a year, or of a kind, are in one
    // (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html). A rebuild would write more at a time.
    private readonly SemaphoreSlim _writers = new(8);

    private readonly AwsCalls _calls = new("audit", TimeSpan.FromSeconds(20));

    public async Task Put(StreamName stream, IReadOnlyList<AuditRow> rows, CancellationToken cancellationToken)
    {
        foreach (var row in rows)
        {
            var item = Item(stream, row);
            await Write(limit => dynamo.PutItemAsync(new() { TableName = table, Item = item }, limit), cancellationToken);
        }
    }

    public async Task Delete(StreamName stream, IReadOnlyList<AuditPlace> places, CancellationToken cancellationToken)
    {
        foreach (var place in places)
        {
            await Write(limit => dynamo.DeleteItemAsync(new() { TableName = table, Key = Key(stream, place) }, limit), cancellationToken);
        }
    }

    public async Task<AuditSlice> Read(AuditLane lane, AuditPlace since, AuditPlace before, int limit, CancellationToken cancellationToken)
    {
        var rows = new List<AuditRow>();
        if (since >= before)
        {
            return new(rows, null);
        }

        if (lane.By == AuditIndex.All)
        {
            var first = Partition(since.At);
            for (var year = Math.Min(Partition(before.At), time.GetUtcNow().Year + 1); year >= first && rows.Count < limit; year--)
            {
                if (await Look(year.ToString(CultureInfo.InvariantCulture), before, limit - rows.Count) is { } reached)
                {
                    return new(rows, reached);
                }
            }

            return new(rows, rows.Count < limit ? null : rows[^1].Place);
        }

        // Few at first: where most rows are admitted these are enough. A page of DynamoDB's is at most 1 MB, so it may look at fewer.
        AuditPlace? next = before;
        var look = limit;
        for (var examined = 0; next is { } end && rows.Count < limit && examined < IAuditStore.MaxExamined; examined += look, look = IAuditStore.MaxExamined)
        {
            next = await Look(lane.Key, end, look);
        }

        return new(rows, next);

        async Task<AuditPlace?> Look(string key, AuditPlace end, int examine)
        {
            var page = await Query(lane, key, since, end, examine, cancellationToken);
            rows.AddRange((page.Items ?? []).Select(item => AuditRow.Parse(item["body"].B.ToArray())));
            return page.LastEvaluatedKey is { Count: > 0 } last ? AuditPlace.Parse(last["place"].S) : null;
        }
    }

    public async IAsyncEnumerable<string> Streams([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var scan = new ScanRequest
        {
            TableName = table,
            ProjectionExpression = "#stream",
            ExpressionAttributeNames = new() { ["#stream"] = "stream" },
        };
        var seen = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var item in dynamo.ScanAll(_calls, scan, cancellationToken))
        {
            if (seen.Add(item["stream"].S))
            {
                yield return item["stream"].S;
            }
        }
    }

    public IAsyncEnumerable<FiledRow> Filed(StreamName stream, CancellationToken cancellationToken)
    {
        var query = new QueryRequest
        {
            TableName = table,
            ConsistentRead = true,
            KeyConditionExpression = "#stream = :stream",
            ExpressionAttributeNames = new() { ["#stream"] = "stream" },
            ExpressionAttributeValues = new() { [":stream"] = new(stream.ToString()) },
        };
        return dynamo.QueryAll(_calls, query, cancellationToken).Select(item =>
        {
            var row = AuditRow.Parse(item["body"].B.ToArray());
            var right = Item(stream, row);
            var isRight = right.Count == item.Count
                && right.All(field => field.Key == "body" || (item.TryGetValue(field.Key, out var value) && value.S == field.Value.S && value.N == field.Value.N));
            return new FiledRow(row, AuditPlace.Parse(item["place"].S), isRight);
        });
    }

    public void Dispose() => _writers.Dispose();

    private static int Partition(DateTimeOffset at) => Math.Max(FirstYear, at.UtcDateTime.Year);

    private static Dictionary<string, AttributeValue> Key(StreamName stream, AuditPlace place) =>
        new() { ["stream"] = new(stream.ToString()), ["place"] = new(place.ToString()) };

    private static Dictionary<string, AttributeValue> Item(StreamName stream, AuditRow row)
    {
        var item = Key(stream, row.Place);
        item["year"] = new(Partition(row.At).ToString(CultureInfo.InvariantCulture));
        item["kind"] = new(row.Kind);
        item["body"] = new() { B = new MemoryStream(row.ToBytes()) };
        if (row.Actor is { } actor)
        {
            item["actor"] = new(actor.Text);
        }

        if (row.Token is { } token)
        {
            item["token"] = Number(token);
        }

        return item;
    }

    private async Task<QueryResponse> Query(
        AuditLane lane, string key, AuditPlace since, AuditPlace before, int examine, CancellationToken cancellationToken)
    {
        var query = new QueryRequest
        {
            TableName = table,
            ScanIndexForward = false,
            Limit = examine,
            KeyConditionExpression = "#key = :key AND #place BETWEEN :since AND :last",
            ProjectionExpression = "#place, #body",
            ExpressionAttributeNames = new() { ["#place"] = "place", ["#body"] = "body" },
            // Between two places includes both.
            ExpressionAttributeValues = new() { [":key"] = new(key), [":since"] = new(since.ToString()), [":last"] = new(before.Before.ToString()) },
        };
        (query.IndexName, query.ExpressionAttributeNames["#key"]) = lane.By switch
        {
            AuditIndex.All => ("by-year", "year"),
            AuditIndex.Stream => (null, "stream"),
            AuditIndex.Actor => ("by-actor", "actor"),
            AuditIndex.Kind => ("by-kind", "kind"),
            _ => throw new InvalidOperationException($"no index {lane.By}"),
        };
        query.ConsistentRead = query.IndexName is null;
        Narrow(query, lane);
        return await _calls.Make(limit => dynamo.QueryAsync(query, limit), cancellationToken);
    }

    private static void Narrow(QueryRequest query, AuditLane lane)
    {
        var conditions = new List<string>();
        if (lane.Actor is { } actor)
        {
            Add("actor", "=", new(actor.Text));
        }

        if (lane.Token is { } token)
        {
            Add("token", "=", Number(token));
        }

        if (lane.Kinds.Count > 0)
        {
            var values = lane.Kinds.Select((kind, i) => (Name: $":kind{i}", Value: new AttributeValue(kind))).ToList();
            values.ForEach(value => query.ExpressionAttributeValues[value.Name] = value.Value);
            query.ExpressionAttributeNames["#kind"] = "kind";
            conditions.Add($"#kind IN ({string.Join(", ", values.Select(value => value.Name))})");
        }

        if (conditions.Count > 0)
        {
            query.FilterExpression = string.Join(" AND ", conditions);
        }

        void Add(string name, string comparison, AttributeValue value)
        {
            query.ExpressionAttributeNames[$"#{name}"] = name;
            query.ExpressionAttributeValues[$":{name}"] = value;
            conditions.Add($"#{name} {comparison} :{name}");
        }
    }

    private async Task Write<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        await _writers.WaitAsync(cancellationToken);
        try
        {
            await _calls.Make(call, cancellationToken);
        }
        finally
        {
            _writers.Release();
        }
    }
}
