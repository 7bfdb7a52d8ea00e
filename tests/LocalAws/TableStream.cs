using System.Text.Json;
using System.Text.Json.Nodes;

namespace Raktar.LocalAws;

/// <summary>Reads a table's stream from its beginning: a shard after its parent, each to its end.</summary>
internal sealed class TableStream(string arn, DynamoDbClient dynamoDb)
{
    private readonly List<Shard> _shards = [];

    /// <summary>What has come since the last time; nothing when everything was read.</summary>
    public async Task<IReadOnlyList<JsonNode>> Read()
    {
        await FindShards();
        var records = new List<JsonNode>();
        // Parents were found before their children.
        foreach (var shard in _shards.Where(shard => !shard.Ended))
        {
            if (_shards.Exists(parent => parent.Id == shard.Parent && !parent.Ended))
            {
                continue;
            }

            records.AddRange(await Read(shard));
        }

        return records;
    }

    private async Task FindShards()
    {
        string? last = null;
        do
        {
            var request = new Dictionary<string, string>(StringComparer.Ordinal) { ["StreamArn"] = arn };
            if (last is not null)
            {
                request["ExclusiveStartShardId"] = last;
            }

            var description = (await dynamoDb.Call("DescribeStream", request)).GetProperty("StreamDescription");
            foreach (var shard in description.GetProperty("Shards").EnumerateArray())
            {
                var id = shard.GetProperty("ShardId").GetString()!;
                if (!_shards.Exists(known => known.Id == id))
                {
                    _shards.Add(new(id, shard.TryGetProperty("ParentShardId", out var parent) ? parent.GetString() : null));
                }
            }

            last = description.TryGetProperty("LastEvaluatedShardId", out var more) ? more.GetString() : null;
        }
        while (last is not null);
    }

    private async Task<List<JsonNode>> Read(Shard shard)
    {
        var records = new List<JsonNode>();
        shard.Iterator ??= await Beginning(shard);
        while (true)
        {
            // DynamoDB Local numbers the records of all tables together, and takes an iterator from before a shard's first record for one
            // of lost records. A new one is right; that it may repeat records is a stream's right, too.
            var page = await dynamoDb.TryCall("GetRecords", new { ShardIterator = shard.Iterator })
                ?? await dynamoDb.Call("GetRecords", new { ShardIterator = await Beginning(shard) });
            shard.Iterator = page.TryGetProperty("NextShardIterator", out var next) ? next.GetString() : null;
            shard.Ended = shard.Iterator is null;
            var found = page.GetProperty("Records").EnumerateArray().Select(record => JsonNode.Parse(record.GetRawText())!).ToList();
            records.AddRange(found);
            if (shard.Ended || found.Count == 0)
            {
                return records;
            }
        }
    }

    private async Task<string> Beginning(Shard shard)
    {
        var request = new { StreamArn = arn, ShardId = shard.Id, ShardIteratorType = "TRIM_HORIZON" };
        return (await dynamoDb.Call("GetShardIterator", request)).GetProperty("ShardIterator").GetString()!;
    }

    private sealed class Shard(string id, string? parent)
    {
        public string Id { get; } = id;

        public string? Parent { get; } = parent;

        public string? Iterator { get; set; }

        public bool Ended { get; set; }
    }
}
