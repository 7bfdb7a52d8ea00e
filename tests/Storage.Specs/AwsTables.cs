using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Amazon.Runtime;
using Amazon.S3;
using Raktar.LocalAws;
using Raktar.Storage.Aws;

namespace Raktar.Storage.Specs;

/// <summary>
/// Specs on the local servers run one after another, after all others: some watch the clock, and some of the others keep every processor busy.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class OnLocalServers
{
    public const string Name = "on local servers";
}

/// <summary>Tables and a bucket of one spec on the local servers, and the stores on them.</summary>
internal sealed class AwsTables : IAsyncDisposable
{
    private AwsTables(AwsStorageOptions options, AwsProxy proxy, TimeProvider time) =>
        (Options, Storage, Proxy) = (options, new AwsStorage(options, time), proxy);

    public AwsStorageOptions Options { get; }

    public AwsStorage Storage { get; }

    /// <summary>What stands between the stores and the servers.</summary>
    public AwsProxy Proxy { get; }

    public static async Task<AwsTables> Create(TimeProvider? time = null)
    {
        var proxy = await AwsProxy.Start("specs");
        var servers = await LocalServers.Start();
        Environment.SetEnvironmentVariable("AWS_REGION", LocalServers.Region);
        Environment.SetEnvironmentVariable("AWS_ACCESS_KEY_ID", LocalServers.AccessKey);
        Environment.SetEnvironmentVariable("AWS_SECRET_ACCESS_KEY", LocalServers.SecretKey);
        var name = $"raktar-{Guid.NewGuid():N}";
        var options = new AwsStorageOptions
        {
            EventsTable = $"{name}-events",
            DocumentsTable = $"{name}-documents",
            AsideTable = $"{name}-aside",
            AuditTable = $"{name}-audit",
            Bucket = name,
            CheckpointsBucket = $"{name}-checkpoints",
            SigningKey = $"arn:aws:kms:{LocalServers.Region}:000000000000:key/{name}",
            KmsUrl = proxy.Url,
            DynamoDbUrl = proxy.Url,
            S3Url = proxy.Url,
        };
        var credentials = new BasicAWSCredentials(LocalServers.AccessKey, LocalServers.SecretKey);
        using var dynamo = new AmazonDynamoDBClient(credentials, new AmazonDynamoDBConfig { ServiceURL = servers.DynamoDbUrl });
        await dynamo.CreateTableAsync(Table(options.EventsTable, ("stream", 'S'), ("first", 'N'), ProjectionType.KEYS_ONLY,
            ("by-month", ("month", 'S'), ("at", 'S')), ("by-account", ("account", 'S'), ("at", 'S'))));
        await dynamo.CreateTableAsync(Table(options.DocumentsTable, ("id", 'S'), null, ProjectionType.ALL, ("by-change", ("shard", 'S'), ("changed", 'N'))));
        await dynamo.CreateTableAsync(Table(options.AuditTable, ("stream", 'S'), ("place", 'S'), ProjectionType.ALL,
            ("by-year", ("year", 'S'), ("place", 'S')), ("by-actor", ("actor", 'S'), ("place", 'S')), ("by-kind", ("kind", 'S'), ("place", 'S'))));
        await dynamo.CreateTableAsync(Table(options.AsideTable, ("kind", 'S'), ("key", 'S'), ProjectionType.ALL));
        using var s3 = new AmazonS3Client(credentials, new AmazonS3Config { ServiceURL = servers.S3Url, ForcePathStyle = true });
        await s3.PutBucketAsync(name);
        await s3.PutBucketAsync(options.CheckpointsBucket);
        return new(options, proxy, time ?? TimeProvider.System);
    }

    public async ValueTask DisposeAsync()
    {
        Storage.Dispose();
        await Proxy.DisposeAsync();
    }

    private static CreateTableRequest Table(
        string name, (string Name, char Type) hash, (string Name, char Type)? range, ProjectionType projection,
        params (string Name, (string Name, char Type) Hash, (string Name, char Type) Range)[] indexes)
    {
        List<(string Name, char Type)> keys = [hash, .. range is { } r ? [r] : Array.Empty<(string, char)>(), .. indexes.SelectMany(i => new[] { i.Hash, i.Range })];
        return new()
        {
            TableName = name,
            BillingMode = BillingMode.PAY_PER_REQUEST,
            AttributeDefinitions = [.. keys.Distinct().Select(key => new AttributeDefinition(key.Name, new ScalarAttributeType($"{key.Type}")))],
            KeySchema = Schema(hash, range),
            GlobalSecondaryIndexes = indexes.Length == 0 ? null : [.. indexes.Select(index => new GlobalSecondaryIndex
            {
                IndexName = index.Name,
                KeySchema = Schema(index.Hash, index.Range),
                Projection = new() { ProjectionType = projection },
            })],
        };
    }

    private static List<KeySchemaElement> Schema((string Name, char Type) hash, (string Name, char Type)? range) =>
        [new(hash.Name, KeyType.HASH), .. range is { } r ? [new(r.Name, KeyType.RANGE)] : Array.Empty<KeySchemaElement>()];
}
