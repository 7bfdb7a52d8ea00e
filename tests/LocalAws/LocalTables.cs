using System.Text.Json.Nodes;

namespace Raktar.LocalAws;

/// <summary>Raktar's tables on DynamoDB Local, with the keys and indexes that the stack gives them: infra/tables.json.</summary>
public static class LocalTables
{
    private static readonly JsonObject All = JsonNode.Parse(typeof(LocalTables).Assembly.GetManifestResourceStream("tables.json")!)!.AsObject();

    /// <summary>Creates the table that the stack calls <paramref name="table"/>, under a name.</summary>
    public static async Task Create(LocalServers servers, string table, string name)
    {
        var (shape, attributes) = (All[table]!, new SortedDictionary<string, string>(StringComparer.Ordinal));
        var request = new JsonObject { ["TableName"] = name, ["BillingMode"] = "PAY_PER_REQUEST", ["KeySchema"] = Keys((string)shape["keys"]!) };
        if (shape["indexes"] is JsonObject indexes)
        {
            request["GlobalSecondaryIndexes"] = new JsonArray([.. indexes.Select(index => new JsonObject
            {
                ["IndexName"] = index.Key,
                ["KeySchema"] = Keys((string)index.Value!),
                ["Projection"] = new JsonObject { ["ProjectionType"] = (string)shape["projection"]! },
            })]);
        }

        request["AttributeDefinitions"] = new JsonArray(
            [.. attributes.Select(each => new JsonObject { ["AttributeName"] = each.Key, ["AttributeType"] = each.Value })]);
        using var dynamoDb = new DynamoDbClient(servers.DynamoDbUrl);
        await dynamoDb.Call("CreateTable", request);

        JsonArray Keys(string text) => new([.. text.Split(' ').Select(key => key.Split(':')).Select((key, i) =>
        {
            attributes[key[0]] = key[1];
            return new JsonObject { ["AttributeName"] = key[0], ["KeyType"] = i == 0 ? "HASH" : "RANGE" };
        })]);
    }
}
