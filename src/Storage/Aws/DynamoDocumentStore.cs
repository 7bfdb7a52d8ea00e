using System.Globalization;
using System.IO.Hashing;
using System.Runtime.CompilerServices;
using System.Text;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Microsoft.Extensions.Caching.Memory;
using Raktar.Application.Crates.Views;
using Raktar.Application.Log;
using Raktar.Application.Ports;
using static Raktar.Storage.Aws.DynamoItems;

namespace Raktar.Storage.Aws;

/// <summary>
/// The projections' documents in a DynamoDB table, gzipped, one consistent read each; a document too large for an item lies in the bucket. What is found
/// by an alias, which is accounts by the hashes of their tokens, is remembered for <see cref="Memory"/>: that long a revoked token may go on working
/// on an instance that has just seen it.
/// </summary>
internal sealed class DynamoDocumentStore(IAmazonDynamoDB dynamo, string table, Spill spill, TimeProvider time) : IDocumentStore, IDependency, IDisposable
{
    /// <summary>How long what was found by an alias is answered from memory.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromSeconds(5);

    // An item has at most 400 KB with its key and its other attributes.
    private const int MaxBody = 350 * 1024;


    private readonly AwsCalls _calls = new("documents", TimeSpan.FromSeconds(8));
    private readonly MemoryCache _found = new(new MemoryCacheOptions { SizeLimit = 10_000 });

    public string Name => "documents";

    public TimeSpan Remembered => Memory;

    public long? LastChange(string kind) => null;

    public async IAsyncEnumerable<DocumentKey> Keys([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var scan = new ScanRequest { TableName = table, ConsistentRead = true, ProjectionExpression = "id" };
        await foreach (var item in dynamo.ScanAll(_calls, scan, cancellationToken))
        {
            // kind.format/key
            var id = item["id"].S;
            var (dot, slash) = (id.IndexOf('.', StringComparison.Ordinal), id.IndexOf('/', StringComparison.Ordinal));
            if (dot > 0 && slash > dot && id[slash + 1] != '#' && string.Equals(id, IdOf(id[..dot], id[(slash + 1)..]), StringComparison.Ordinal))
            {
                yield return new(id[..dot], id[(slash + 1)..]);
            }
        }
    }

    public async ValueTask<Document?> Get(DocumentKey key, CancellationToken cancellationToken)
    {
        // A document that lies in the bucket is deleted there once it is replaced; then the item says where the new one is.
        for (var attempt = 1; ; attempt++)
        {
            if (await Item(IdOf(key.Kind, key.Key), cancellationToken) is not { } item)
            {
                return null;
            }

            if (await Read(key, item, cancellationToken) is { } document)
            {
                return document;
            }

            if (attempt == 5)
            {
                throw new StoreUnavailableException(Name, new InvalidDataException($"document {key} is not in the bucket at {item["spill"].S}"));
            }
        }
    }

    public async Task Put(DocumentKey key, Document document, long expectedVersion, CancellationToken cancellationToken)
    {
        // Aliases first: one that leads to a document which does not know it yet is harmless, a document that cannot be found is not.
        await Task.WhenAll(document.Aliases.Select(alias => Write(
            new() { ["id"] = new(AliasOf(key.Kind, alias)), ["key"] = new(key.Key) }, expectedVersion: null, key, cancellationToken)));
        var item = new Dictionary<string, AttributeValue> { ["id"] = new(IdOf(key.Kind, key.Key)), ["version"] = Number(document.Version) };
        // The parts behind the body, with the length of each: they are written again each time.
        var body = Gzip.Compress(document.Parts.Count == 0 ? document.Body.Span : Sections.Join([document.Body, .. document.Parts.Select(part => part.Bytes)]));
        if (body.Length > MaxBody)
        {
            item["spill"] = new(await spill.Put(key, document.Version, body, cancellationToken));
        }
        else
        {
            item["body"] = new() { B = new MemoryStream(body) };
        }

        if (document.Parts.Count > 0)
        {
            item["parts"] = new() { L = [.. document.Parts.Select(part => Number(part.Bytes.Length))] };
        }

        // An item without these two is not in the index.
        if (document.IsFollowed)
        {
            item["shard"] = new(ShardOf(key));
            item["changed"] = Number(time.GetUtcNow().UtcTicks);
        }

        var replaced = await Write(item, expectedVersion, key, cancellationToken);
        if (replaced is not null && replaced.TryGetValue("spill", out var old) && !string.Equals(old.S, item.GetValueOrDefault("spill")?.S, StringComparison.Ordinal))
        {
            await spill.Delete(old.S, cancellationToken);
        }
    }

    public async Task Remove(DocumentKey key, CancellationToken cancellationToken) => await _calls.Make(
        limit => dynamo.DeleteItemAsync(new() { TableName = table, Key = new() { ["id"] = new(IdOf(key.Kind, key.Key)) } }, limit), cancellationToken);

    public async ValueTask<Document?> Find(string kind, string alias, CancellationToken cancellationToken)
    {
        if (_found.TryGetValue((kind, alias), out Document? known))
        {
            return known;
        }

        if (await Item(AliasOf(kind, alias), cancellationToken) is not { } item
            || await Get(new(kind, item["key"].S), cancellationToken) is not { } document)
        {
            return null;
        }

        return _found.Set((kind, alias), document, new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = Memory });
    }

    public async IAsyncEnumerable<ChangedDocument> Changes(string kind, long afterChange, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var from = Math.Max(0, afterChange - Overlap.Ticks);
        foreach (var shard in Enumerable.Range(0, ShardsOf(kind)).Select(shard => Shard(kind, shard, from, cancellationToken)).ToList())
        {
            foreach (var item in await shard)
            {
                var key = new DocumentKey(kind, item["id"].S[(item["id"].S.IndexOf('/', StringComparison.Ordinal) + 1)..]);
                if ((await Read(key, item, cancellationToken) ?? await Get(key, cancellationToken)) is { } document)
                {
                    yield return new(key.Key, document, item.Number("changed"));
                }
            }
        }
    }

    public Task Probe(CancellationToken cancellationToken) => Item("probe", cancellationToken);

    public void Dispose() => _found.Dispose();

    /// <summary>Over how many partitions of the index a kind is spread, that no single one takes all writes: every publish changes the catalogue.</summary>
    private static int ShardsOf(string kind) => string.Equals(kind, CatalogueRow.Kind, StringComparison.Ordinal) ? 8 : 1;

    private static string IdOf(string kind, string key) => $"{kind}.{Document.Format}/{key}";

    // No key contains `#`.
    private static string AliasOf(string kind, string alias) => IdOf(kind, $"#{alias}");

    private static string ShardOf(DocumentKey key) =>
        Shard(key.Kind, (int)(XxHash32.HashToUInt32(Encoding.UTF8.GetBytes(key.Key)) % ShardsOf(key.Kind)));

    private static string Shard(string kind, int shard) => $"{kind}.{Document.Format}/{shard}";

    private async Task<Dictionary<string, AttributeValue>?> Item(string id, CancellationToken cancellationToken)
    {
        var get = new GetItemRequest { TableName = table, ConsistentRead = true, Key = new() { ["id"] = new(id) } };
        var got = await _calls.Make(limit => dynamo.GetItemAsync(get, limit), cancellationToken);
        return got.Item is { Count: > 0 } item ? item : null;
    }

    /// <summary>The document of an item; null when its body was replaced in the bucket meanwhile.</summary>
    private async ValueTask<Document?> Read(DocumentKey key, Dictionary<string, AttributeValue> item, CancellationToken cancellationToken)
    {
        using var body = item.TryGetValue("spill", out var place) ? await spill.Get(place.S, cancellationToken) : item["body"].B;
        var isFollowed = item.TryGetValue("shard", out var shard) && item.ContainsKey("changed") && string.Equals(shard.S, ShardOf(key), StringComparison.Ordinal);
        if (body is null)
        {
            return null;
        }

        ReadOnlyMemory<byte> bytes = Gzip.Expand(body);
        var parts = item.TryGetValue("parts", out var lengths) ? lengths.L.ConvertAll(length => int.Parse(length.N, CultureInfo.InvariantCulture)) : [];
        var end = bytes.Length - parts.Sum();
        return new(item.Number("version"), bytes[..end]) { IsFollowed = isFollowed, Parts = parts.ConvertAll(length => new DocumentPart(bytes[end..(end += length)])) };
    }

    /// <summary>Writes an item on condition; answers what it replaced.</summary>
    private async Task<Dictionary<string, AttributeValue>?> Write(
        Dictionary<string, AttributeValue> item, long? expectedVersion, DocumentKey key, CancellationToken cancellationToken)
    {
        var put = new PutItemRequest { TableName = table, Item = item, ReturnValues = ReturnValue.ALL_OLD };
        if (expectedVersion == 0)
        {
            put.ConditionExpression = "attribute_not_exists(id)";
        }
        else if (expectedVersion is { } version)
        {
            put.ConditionExpression = "version = :expected";
            put.ExpressionAttributeValues = new() { [":expected"] = Number(version) };
        }

        try
        {
            return (await _calls.Make(limit => dynamo.PutItemAsync(put, limit), cancellationToken, e => e is ConditionalCheckFailedException)).Attributes;
        }
        catch (ConditionalCheckFailedException)
        {
            // Perhaps our own write, whose answer was lost: the caller reads and finds nothing left to do.
            throw new DocumentMovedException(key, expectedVersion ?? 0);
        }
    }

    private async Task<List<Dictionary<string, AttributeValue>>> Shard(string kind, int shard, long from, CancellationToken cancellationToken)
    {
        var query = new QueryRequest
        {
            TableName = table,
            IndexName = "by-change",
            KeyConditionExpression = "#shard = :shard AND #changed > :from",
            ExpressionAttributeNames = new() { ["#shard"] = "shard", ["#changed"] = "changed" },
            ExpressionAttributeValues = new() { [":shard"] = new(Shard(kind, shard)), [":from"] = Number(from) },
        };
        return await dynamo.QueryAll(_calls, query, cancellationToken).ToListAsync(cancellationToken);
    }
}
