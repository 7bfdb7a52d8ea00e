using System.Runtime.CompilerServices;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Raktar.Application.Ports;
using static Raktar.Storage.Aws.DynamoItems;

namespace Raktar.Storage.Aws;

/// <summary>
/// What is kept beside the log, in a DynamoDB table. DynamoDB deletes an item within days of its end
/// (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html), so every read looks at the end itself.
/// </summary>
internal sealed class DynamoAsideStore(IAmazonDynamoDB dynamo, string table, TimeProvider time) : IAsideStore, IDependency
{
    // Read on behalf of somebody who wants a page; DynamoDB's own page is a megabyte.
    private const int PageSize = 100;

    private readonly AwsCalls _calls = new("aside", TimeSpan.FromSeconds(8));

    public string Name => "aside";

    private AttributeValue Now => Number(time.GetUtcNow().ToUnixTimeSeconds());

    public async Task<byte[]?> Get(string kind, string key, CancellationToken cancellationToken)
    {
        var get = new GetItemRequest { TableName = table, ConsistentRead = true, Key = Key(kind, key) };
        var got = await _calls.Make(limit => dynamo.GetItemAsync(get, limit), cancellationToken);
        return got.Item is { Count: > 0 } item && (!item.ContainsKey("until") || item.Number("until") > time.GetUtcNow().ToUnixTimeSeconds())
            ? item["value"].B.ToArray()
            : null;
    }

    public Task Put(string kind, string key, ReadOnlyMemory<byte> value, DateTimeOffset? until, CancellationToken cancellationToken)
    {
        var put = new PutItemRequest { TableName = table, Item = Item(kind, key, value, until) };
        return _calls.Make(limit => dynamo.PutItemAsync(put, limit), cancellationToken);
    }

    public async Task<bool> PutIfAbsent(string kind, string key, ReadOnlyMemory<byte> value, DateTimeOffset? until, CancellationToken cancellationToken)
    {
        // Tells our own item, whose answer was lost, from a rival's.
        var mark = Guid.NewGuid().ToString("N");
        var item = Item(kind, key, value, until);
        item["mark"] = new(mark);
        var put = new PutItemRequest
        {
            TableName = table,
            Item = item,
            ConditionExpression = "attribute_not_exists(#kind) OR #until <= :now",
            ExpressionAttributeNames = new() { ["#kind"] = "kind", ["#until"] = "until" },
            ExpressionAttributeValues = new() { [":now"] = Now },
            ReturnValuesOnConditionCheckFailure = ReturnValuesOnConditionCheckFailure.ALL_OLD,
        };
        try
        {
            await _calls.Make(limit => dynamo.PutItemAsync(put, limit), cancellationToken, e => e is ConditionalCheckFailedException);
            return true;
        }
        catch (ConditionalCheckFailedException e)
        {
            return e.Item is { } there && there.TryGetValue("mark", out var its) && string.Equals(its.S, mark, StringComparison.Ordinal);
        }
    }

    public Task Remove(string kind, string key, CancellationToken cancellationToken)
    {
        var delete = new DeleteItemRequest { TableName = table, Key = Key(kind, key) };
        return _calls.Make(limit => dynamo.DeleteItemAsync(delete, limit), cancellationToken);
    }

    public async IAsyncEnumerable<AsideItem> Newest(string kind, string? before, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var query = new QueryRequest
        {
            TableName = table,
            ConsistentRead = true,
            ScanIndexForward = false,
            Limit = PageSize,
            KeyConditionExpression = "#kind = :kind",
            FilterExpression = "attribute_not_exists(#until) OR #until > :now",
            ExpressionAttributeNames = new() { ["#kind"] = "kind", ["#until"] = "until" },
            ExpressionAttributeValues = new() { [":kind"] = new(kind), [":now"] = Now },
        };
        if (before is not null)
        {
            query.KeyConditionExpression += " AND #key < :before";
            query.ExpressionAttributeNames["#key"] = "key";
            query.ExpressionAttributeValues[":before"] = new(before);
        }

        await foreach (var item in dynamo.QueryAll(_calls, query, cancellationToken))
        {
            yield return new(item["key"].S, item["value"].B.ToArray());
        }
    }

    public Task Probe(CancellationToken cancellationToken) => Get("probe", "probe", cancellationToken);

    private static Dictionary<string, AttributeValue> Key(string kind, string key) => new() { ["kind"] = new(kind), ["key"] = new(key) };

    private static Dictionary<string, AttributeValue> Item(string kind, string key, ReadOnlyMemory<byte> value, DateTimeOffset? until)
    {
        var item = Key(kind, key);
        item["value"] = new() { B = new MemoryStream(AsideLimits.Checked(value)) };
        if (until is { } end)
        {
            item["until"] = Number(AsideLimits.Seconds(end));
        }

        return item;
    }
}
