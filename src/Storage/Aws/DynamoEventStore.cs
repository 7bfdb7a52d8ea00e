using System.Globalization;
using System.Runtime.CompilerServices;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Raktar.Application.Log;
using Raktar.Application.Ports;
using Raktar.Application.State;
using Raktar.Domain;
using static Raktar.Storage.Aws.DynamoItems;

namespace Raktar.Storage.Aws;

/// <summary>
/// The log in a DynamoDB table: an item per commit, its key the stream and the version of its first fact. An append is one put on condition that there is
/// no such item. IAM lets nothing of the stack update or delete one, but it cannot demand that condition: that a put replaced a commit is found, at
/// once by the pipe that watches for changes and by <c>raktar verify</c>. Every read of a stream is consistent
/// (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.ReadConsistency.html).
/// </summary>
internal sealed class DynamoEventStore(IAmazonDynamoDB dynamo, string table, TimeProvider time) : IEventStore, IEventFeed, IDependency
{
    // Enough to read a large log quickly from one machine, few enough to leave capacity to the registry.
    private const int Segments = 8;

    // An item of 400 KB could unpack to a thousand times as much; no commit that was ever written comes near to this.
    private const long MaxUnpacked = 128 * 1024 * 1024;

    private readonly AwsCalls _calls = new("events", TimeSpan.FromSeconds(8));
    private readonly Dictionary<(string Stream, string First), DateTimeOffset> _told = [];

    public string Name => "events";

    public TimeSpan? Poll => TimeSpan.FromSeconds(1);

    public async Task Append(NewCommit commit, CancellationToken cancellationToken)
    {
        var facts = commit.Commit;
        var put = new PutItemRequest
        {
            TableName = table,
            Item = new()
            {
                ["stream"] = new(facts.Stream.ToString()),
                ["first"] = Number(facts.FirstVersion),
                ["last"] = Number(facts.LastVersion),
                ["hash"] = new() { B = new MemoryStream(Convert.FromHexString(commit.Hash.Hex)) },
                ["body"] = new() { B = new MemoryStream(Gzip.Compress(commit.Body.Span)) },
                ["at"] = new(Moment(facts.At)),
                ["month"] = new(Month(facts.At)),
                ["types"] = new() { SS = [.. facts.Events.Select(EventCodec.StoredNameOf).Distinct(StringComparer.Ordinal)] },
            },
            ConditionExpression = "attribute_not_exists(#stream)",
            ExpressionAttributeNames = new() { ["#stream"] = "stream" },
            ReturnValuesOnConditionCheckFailure = ReturnValuesOnConditionCheckFailure.ALL_OLD,
        };
        try
        {
            await _calls.Make(limit => dynamo.PutItemAsync(put, limit), cancellationToken, e => e is ConditionalCheckFailedException);
        }
        catch (ConditionalCheckFailedException e)
        {
            // The bytes contain the commit's id: an equal hash is our own write, which arrived although its answer did not.
            if (e.Item is null || !e.Item.TryGetValue("hash", out var hash) || HashIn(hash) != commit.Hash)
            {
                throw new StreamMovedException(facts.Stream, facts.FirstVersion - 1, e);
            }
        }
    }

    public async IAsyncEnumerable<StoredCommit> ReadStored(
        StreamName stream, long afterVersion, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var query = new QueryRequest
        {
            TableName = table,
            ConsistentRead = true,
            KeyConditionExpression = "#stream = :stream AND #first > :after",
            ExpressionAttributeNames = new() { ["#stream"] = "stream", ["#first"] = "first" },
            ExpressionAttributeValues = new() { [":stream"] = new(stream.ToString()), [":after"] = Number(afterVersion) },
        };
        await foreach (var item in dynamo.QueryAll(_calls, query, cancellationToken))
        {
            yield return Stored(item);
        }
    }

    public async IAsyncEnumerable<StreamName> Streams([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var segment in Enumerable.Range(0, Segments).Select(segment => Scan(
            segment, "#stream", new() { ["#stream"] = "stream" }, item => item["stream"].S, cancellationToken).ToHashSetAsync(StringComparer.Ordinal, cancellationToken).AsTask()).ToList())
        {
            foreach (var stream in await segment)
            {
                // A stream may lie in two segments.
                if (seen.Add(stream))
                {
                    yield return StreamName.Parse(stream);
                }
            }
        }
    }

    public async IAsyncEnumerable<CommitHash> Hashes(StreamName? stream, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var names = new Dictionary<string, string> { ["#stream"] = "stream", ["#first"] = "first", ["#last"] = "last", ["#hash"] = "hash" };
        const string attributes = "#stream, #first, #last, #hash";
        if (stream is { } one)
        {
            var query = new QueryRequest
            {
                TableName = table,
                ConsistentRead = true,
                KeyConditionExpression = "#stream = :stream",
                ProjectionExpression = attributes,
                ExpressionAttributeNames = names,
                ExpressionAttributeValues = new() { [":stream"] = new(one.ToString()) },
            };
            await foreach (var item in dynamo.QueryAll(_calls, query, cancellationToken))
            {
                yield return Hash(item);
            }

            yield break;
        }

        foreach (var segment in Enumerable.Range(0, Segments).Select(segment => Scan(segment, attributes, names, Hash, cancellationToken).ToListAsync(cancellationToken).AsTask()).ToList())
        {
            foreach (var hash in await segment)
            {
                yield return hash;
            }
        }
    }

    /// <summary>Without a position: every stream, found by a scan. With one: the commits since, by the index on their time, each told once by this instance.</summary>
    public async IAsyncEnumerable<MovedStream> After(long position, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (position == 0)
        {
            StreamName? last = null;
            await foreach (var stream in Streams(cancellationToken))
            {
                if (last is { } before)
                {
                    yield return new(0, before);
                }

                last = stream;
            }

            if (last is { } end)
            {
                yield return new(now.UtcTicks, end);
            }

            yield break;
        }

        var from = new DateTimeOffset(position, TimeSpan.Zero) - Overlap;
        foreach (var old in _told.Where(told => told.Value < from).Select(told => told.Key).ToList())
        {
            _told.Remove(old);
        }

        for (var month = new DateTimeOffset(from.Year, from.Month, 1, 0, 0, 0, TimeSpan.Zero); month < now + Overlap; month = month.AddMonths(1))
        {
            var query = new QueryRequest
            {
                TableName = table,
                IndexName = "by-month",
                KeyConditionExpression = "#month = :month AND #at > :from",
                ExpressionAttributeNames = new() { ["#month"] = "month", ["#at"] = "at" },
                ExpressionAttributeValues = new() { [":month"] = new(Month(month)), [":from"] = new(Moment(from)) },
            };
            await foreach (var item in dynamo.QueryAll(_calls, query, cancellationToken))
            {
                var at = DateTimeOffset.Parse(item["at"].S, CultureInfo.InvariantCulture);
                if (_told.TryAdd((item["stream"].S, item["first"].N), at))
                {
                    yield return new(at.UtcTicks, StreamName.Parse(item["stream"].S));
                }
            }
        }
    }

    public async Task Probe(CancellationToken cancellationToken)
    {
        var query = new QueryRequest
        {
            TableName = table,
            Limit = 1,
            KeyConditionExpression = "#stream = :stream",
            ExpressionAttributeNames = new() { ["#stream"] = "stream" },
            ExpressionAttributeValues = new() { [":stream"] = new("probe") },
        };
        await _calls.Make(limit => dynamo.QueryAsync(query, limit), cancellationToken);
    }

    private static string Moment(DateTimeOffset at) => at.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);

    private static string Month(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM", CultureInfo.InvariantCulture);

    private static Checksum HashIn(AttributeValue hash) => hash.B is { Length: 32 } bytes ? Checksum.FromHash(bytes.ToArray()) : Checksum.Zero;

    private static StoredCommit Stored(Dictionary<string, AttributeValue> item) => new(
        StreamName.Parse(item["stream"].S),
        item.Number("first"),
        Expand(item["body"].B),
        HashIn(item["hash"]));

    /// <summary>Bytes that are no gzip, or a bomb, are given on as they are: they match no hash, so whoever reads them learns that they are damaged.</summary>
    private static byte[] Expand(MemoryStream body)
    {
        try
        {
            return Gzip.Expand(body, MaxUnpacked);
        }
        catch (InvalidDataException)
        {
            return body.ToArray();
        }
    }

    private static CommitHash Hash(Dictionary<string, AttributeValue> item) =>
        new(StreamName.Parse(item["stream"].S), item.Number("first"), item.Number("last"), HashIn(item["hash"]));

    private IAsyncEnumerable<T> Scan<T>(
        int segment, string attributes, Dictionary<string, string> names, Func<Dictionary<string, AttributeValue>, T> read, CancellationToken cancellationToken)
    {
        var scan = new ScanRequest
        {
            TableName = table,
            Segment = segment,
            TotalSegments = Segments,
            ConsistentRead = true,
            ProjectionExpression = attributes,
            ExpressionAttributeNames = names,
        };
        return dynamo.ScanAll(_calls, scan, cancellationToken).Select(read);
    }
}
