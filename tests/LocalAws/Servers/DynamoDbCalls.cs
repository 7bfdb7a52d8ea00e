using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Raktar.LocalAws;

/// <summary>Reads calls of DynamoDB. What a table's partition key is, it asks the table once.</summary>
internal sealed partial class DynamoDbCalls(string caller, DynamoDbClient dynamoDb)
{
    private readonly ConcurrentDictionary<(string Table, string? Index), string?> _partitionKeys = [];

    public async Task<AwsCall> Read(string target, ReadOnlyMemory<byte> body)
    {
        var operation = target[(target.LastIndexOf('.') + 1)..];
        var call = new AwsCall(caller, "dynamodb", operation, $"dynamodb:{operation}");
        using var document = JsonDocument.Parse(body);
        var request = document.RootElement;
        if (request.TryGetProperty("RequestItems", out var batch) && batch.EnumerateObject().ToList() is [var only])
        {
            return await Batch(call with { Table = only.Name }, only.Value);
        }

        call = call with { Table = Text(request, "TableName"), Index = Text(request, "IndexName") };
        var item = request.TryGetProperty("Item", out var put) ? put : request.TryGetProperty("Key", out var key) ? key : (JsonElement?)null;
        if (call.Table is null || (item is null && operation != "Query") || await PartitionKey(call.Table, call.Index) is not { } name)
        {
            return call;
        }

        return call with { Keys = item is { } one ? Values([one], name) : Queried(request, name) };
    }

    private static string? Text(JsonElement request, string name) =>
        request.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private async Task<AwsCall> Batch(AwsCall call, JsonElement requests)
    {
        if (await PartitionKey(call.Table!, null) is not { } name)
        {
            return call;
        }

        var items = requests.ValueKind == JsonValueKind.Object
            ? requests.GetProperty("Keys").EnumerateArray()
            : requests.EnumerateArray().Select(request => request.EnumerateObject().Single().Value.EnumerateObject().Single().Value);
        return call with { Keys = Values(items, name) };
    }

    private static List<string> Values(IEnumerable<JsonElement> items, string name) =>
        [.. items.Where(item => item.TryGetProperty(name, out _)).Select(item => Value(item.GetProperty(name))).Distinct(StringComparer.Ordinal)];

    private static string Value(JsonElement attribute) => attribute.EnumerateObject().Single().Value.GetString()!;

    private static List<string> Queried(JsonElement query, string name)
    {
        foreach (Match equality in Equality().Matches(Text(query, "KeyConditionExpression") ?? string.Empty))
        {
            var left = equality.Groups["name"].Value;
            var attribute = left.StartsWith('#') ? Text(query.GetProperty("ExpressionAttributeNames"), left) : left;
            if (attribute == name)
            {
                return [Value(query.GetProperty("ExpressionAttributeValues").GetProperty(equality.Groups["value"].Value))];
            }
        }

        return [];
    }

    private async Task<string?> PartitionKey(string table, string? index)
    {
        if (!_partitionKeys.TryGetValue((table, index), out var name))
        {
            // A call on a table that is not there is read all the same.
            if (await dynamoDb.TryCall("DescribeTable", new { TableName = table }) is not { } answer)
            {
                return null;
            }

            var description = answer.GetProperty("Table");
            _partitionKeys[(table, null)] = HashOf(description);
            if (description.TryGetProperty("GlobalSecondaryIndexes", out var indexes))
            {
                foreach (var one in indexes.EnumerateArray())
                {
                    _partitionKeys[(table, one.GetProperty("IndexName").GetString())] = HashOf(one);
                }
            }

            _partitionKeys.TryGetValue((table, index), out name);
        }

        return name;
    }

    private static string HashOf(JsonElement keyed) => keyed.GetProperty("KeySchema").EnumerateArray()
        .Single(key => key.GetProperty("KeyType").GetString() == "HASH").GetProperty("AttributeName").GetString()!;

    [GeneratedRegex(@"(?<name>[#\w.-]+)\s*=\s*(?<value>:\w+)", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Equality();
}
