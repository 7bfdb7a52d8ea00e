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
        await LocalTables.Create(servers, "Events", options.EventsTable);
        await LocalTables.Create(servers, "Documents", options.DocumentsTable);
        await LocalTables.Create(servers, "Audit", options.AuditTable);
        await LocalTables.Create(servers, "Aside", options.AsideTable);
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
}
