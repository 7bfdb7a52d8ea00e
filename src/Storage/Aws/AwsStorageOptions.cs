namespace Raktar.Storage.Aws;

/// <summary>Where a registry on AWS keeps everything. Region and credentials come from where every AWS program looks for them.</summary>
public sealed record AwsStorageOptions
{
    /// <summary>The table of the log.</summary>
    public string EventsTable { get; init; } = string.Empty;

    /// <summary>The table of the documents.</summary>
    public string DocumentsTable { get; init; } = string.Empty;

    /// <summary>The table of what is kept beside the log.</summary>
    public string AsideTable { get; init; } = string.Empty;

    /// <summary>The table of the audit's rows.</summary>
    public string AuditTable { get; init; } = string.Empty;

    /// <summary>The bucket of the crate files.</summary>
    public string Bucket { get; init; } = string.Empty;

    /// <summary>The bucket of the checkpoints; empty: the same as <see cref="Bucket"/>.</summary>
    public string CheckpointsBucket { get; init; } = string.Empty;

    /// <summary>The KMS key that signs checkpoints, by id, alias or ARN; null: none.</summary>
    public string? SigningKey { get; init; }

    /// <summary>Another DynamoDB endpoint than the region's.</summary>
    public string? DynamoDbUrl { get; init; }

    /// <summary>Another S3 endpoint than the region's; it is addressed with the bucket in the path, and clients download from it.</summary>
    public string? S3Url { get; init; }

    /// <summary>Another KMS endpoint than the region's.</summary>
    public string? KmsUrl { get; init; }
}
