using Amazon.DynamoDBv2;
using Amazon.KeyManagementService;
using Amazon.S3;
using Raktar.Application.Audit;
using Raktar.Application.Ports;

namespace Raktar.Storage.Aws;

/// <summary>The stores of a registry on AWS: four tables and two buckets, and a key.</summary>
public sealed class AwsStorage : IStores
{
    private static readonly TimeSpan DynamoAttempt = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan S3Attempt = TimeSpan.FromSeconds(10);

    private readonly AmazonDynamoDBClient _dynamo;
    private readonly AmazonS3Client _s3;
    private readonly AmazonKeyManagementServiceClient? _kms;
    private readonly DynamoEventStore _events;
    private readonly DynamoDocumentStore _documents;
    private readonly S3BlobStore _blobs;
    private readonly DynamoAsideStore _aside;
    private readonly DynamoAuditStore _audit;

    /// <summary>Clients of the tables and the bucket that <paramref name="options"/> name. Nothing is asked of them yet.</summary>
    public AwsStorage(AwsStorageOptions options, TimeProvider time)
    {
        _dynamo = new(AwsCalls.Configure(new AmazonDynamoDBConfig(), options.DynamoDbUrl, DynamoAttempt));
        _s3 = new(AwsCalls.Configure(
            new AmazonS3Config
            {
                ForcePathStyle = options.S3Url is not null,
                // Blobs carry their own SHA-256; a second checksum in a trailer is what few S3-compatible stores understand.
                RequestChecksumCalculation = Amazon.Runtime.RequestChecksumCalculation.WHEN_REQUIRED,
                ResponseChecksumValidation = Amazon.Runtime.ResponseChecksumValidation.WHEN_REQUIRED,
            },
            options.S3Url,
            S3Attempt));
        _events = new(_dynamo, options.EventsTable, time);
        _documents = new(_dynamo, options.DocumentsTable, new Spill(_s3, options.Bucket), time);
        var checkpoints = options.CheckpointsBucket.Length > 0 ? options.CheckpointsBucket : options.Bucket;
        _blobs = new(_s3, options.Bucket, checkpoints, options.S3Url?.StartsWith("http:", StringComparison.OrdinalIgnoreCase) != true, time);
        if (options.SigningKey is { Length: > 0 } key)
        {
            _kms = new(AwsCalls.Configure(new AmazonKeyManagementServiceConfig(), options.KmsUrl, DynamoAttempt));
            SigningKey = new KmsKey(_kms, key);
        }

        _aside = new(_dynamo, options.AsideTable, time);
        _audit = new(_dynamo, options.AuditTable, time);
    }

    /// <inheritdoc/>
    public IEventStore Events => _events;

    /// <inheritdoc/>
    public IEventFeed Feed => _events;

    /// <inheritdoc/>
    public IDocumentStore Documents => _documents;

    /// <inheritdoc/>
    public IAuditStore Audit => _audit;

    /// <inheritdoc/>
    public IBlobStore Blobs => _blobs;

    /// <summary>The key in KMS, if one is set.</summary>
    public ISigningKey? SigningKey { get; }

    /// <inheritdoc/>
    public IAsideStore Aside => _aside;

    /// <inheritdoc/>
    public void Dispose()
    {
        _documents.Dispose();
        _audit.Dispose();
        _dynamo.Dispose();
        _s3.Dispose();
        _kms?.Dispose();
    }
}
