using Amazon.CDK;
using Amazon.CDK.AWS.DynamoDB;
using Amazon.CDK.AWS.IAM;
using Amazon.CDK.AWS.S3;
using Constructs;

namespace Raktar.Infra;

/// <summary>What is kept: the log, the read models, the files, and what is kept beside the log.</summary>
internal sealed class Storage : Construct
{
    // As long as business records are kept in many places; longer than any lock file lives.
    private const int CheckpointYears = 7;

    /// <summary>Builds it, on the events table behind <paramref name="eventsStream"/> when there is one.</summary>
    public Storage(Construct scope, string? eventsStream)
        : base(scope, "Storage")
    {
        Events = eventsStream is null ? OwnEvents() : RestoredEvents(eventsStream);

        Documents = Tables.Create(this, "Documents", new TableProps { DeletionProtection = true, RemovalPolicy = RemovalPolicy.DESTROY });

        // Like documents, but many rows per stream, found by their place in time.
        Audit = Tables.Create(this, "Audit", new TableProps { DeletionProtection = true, RemovalPolicy = RemovalPolicy.DESTROY });

        // Sessions and the like: worth less than a backup, and most of it ends by itself.
        Aside = Tables.Create(this, "Aside", new TableProps
        {
            TimeToLiveAttribute = "until",
            DeletionProtection = true,
            RemovalPolicy = RemovalPolicy.DESTROY,
        });

        var files = new Bucket(this, "Files", new BucketProps
        {
            BlockPublicAccess = BlockPublicAccess.BLOCK_ALL,
            ObjectOwnership = ObjectOwnership.BUCKET_OWNER_ENFORCED,
            Encryption = BucketEncryption.S3_MANAGED,
            EnforceSSL = true,
            Versioned = true,
            RemovalPolicy = RemovalPolicy.RETAIN,
            LifecycleRules =
            [
                new LifecycleRule { AbortIncompleteMultipartUploadAfter = Duration.Days(1) },
                // Documents can be rebuilt, so their past is worth nothing; crate files keep every version.
                new LifecycleRule { Prefix = "documents/", NoncurrentVersionExpiration = Duration.Days(1), ExpiredObjectDeleteMarker = true },
            ],
        });

        AddOnly(files, "crates", "readmes");
        Files = files;

        var checkpoints = new Bucket(this, "Checkpoints", new BucketProps
        {
            BlockPublicAccess = BlockPublicAccess.BLOCK_ALL,
            ObjectOwnership = ObjectOwnership.BUCKET_OWNER_ENFORCED,
            Encryption = BucketEncryption.S3_MANAGED,
            EnforceSSL = true,
            Versioned = true,
            ObjectLockEnabled = true,
            ObjectLockDefaultRetention = ObjectLockRetention.Governance(Duration.Days(CheckpointYears * 365)),
            RemovalPolicy = RemovalPolicy.RETAIN,
        });
        AddOnly(checkpoints, "checkpoints");
        Checkpoints = checkpoints;
    }

    /// <summary>
    /// Objects under <paramref name="prefixes"/> are added, never replaced, whoever asks: a put that would also replace is refused
    /// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html).
    /// </summary>
    private static void AddOnly(Bucket bucket, params string[] prefixes) => bucket.AddToResourcePolicy(new(new PolicyStatementProps
    {
        Effect = Effect.DENY,
        Principals = [new AnyPrincipal()],
        Actions = ["s3:PutObject"],
        Resources = [.. prefixes.Select(prefix => bucket.ArnForObjects($"{prefix}/*"))],
        Conditions = new Dictionary<string, object> { ["Null"] = new Dictionary<string, string> { ["s3:if-none-match"] = "true" } },
    }));

    /// <summary>Checkpoints, which nobody may change or delete before their time.</summary>
    public IBucket Checkpoints { get; }

    /// <summary>The log, one item per commit.</summary>
    public ITable Events { get; }

    /// <summary>The read models.</summary>
    public ITable Documents { get; }

    /// <summary>The audit's rows.</summary>
    public ITable Audit { get; }

    /// <summary>What is kept beside the log.</summary>
    public ITable Aside { get; }

    /// <summary>Crate files, READMEs, and documents too large for their table.</summary>
    public IBucket Files { get; }

    private Table OwnEvents() => Tables.Create(this, "Events", new TableProps
    {
        PointInTimeRecovery = true,
        DeletionProtection = true,
        RemovalPolicy = RemovalPolicy.RETAIN,
        Stream = StreamViewType.NEW_IMAGE,
    });

    // The ARN of a stream begins with that of its table.
    private ITable RestoredEvents(string stream) => Table.FromTableAttributes(
        this, "RestoredEvents", new TableAttributes { TableArn = stream[..stream.IndexOf("/stream/", StringComparison.Ordinal)], TableStreamArn = stream });
}
