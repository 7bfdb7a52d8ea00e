using Amazon.CDK;
using Amazon.CDK.AWS.Events;
using Amazon.CDK.AWS.Events.Targets;
using Amazon.CDK.AWS.IAM;
using Amazon.CDK.AWS.KMS;
using Constructs;

namespace Raktar.Infra;

/// <summary>What signs the log: a key that never leaves KMS, the one function that may use it, and what wakes that: a schedule, and whoever asks.</summary>
internal sealed class Checkpoints : Construct
{
    /// <summary>The stream of the checkpoints, to which alone the function may append.</summary>
    private const string Stream = "registry/checkpoints";

    /// <summary>Builds it.</summary>
    public Checkpoints(Construct scope, ProgramSettings program, IEventBus bus)
        : base(scope, "Checkpoints")
    {
        var storage = program.Storage;
        Key = new Key(this, "SigningKey", new KeyProps
        {
            Description = "Raktar: signs checkpoints",
            KeySpec = KeySpec.ECC_NIST_P256,
            KeyUsage = KeyUsage.SIGN_VERIFY,
            PendingWindow = Duration.Days(30),
            RemovalPolicy = RemovalPolicy.RETAIN,
        });
        DeadLetters = new DeadLetters(this, "DeadLetters");
        Function = new RaktarFunction(
            this,
            "checkpoint",
            program,
            // It reads the hashes of the whole log.
            Duration.Minutes(10),
            new Dictionary<string, string>
            {
                ["AWS_LWA_ERROR_STATUS_CODES"] = "400-599",
                ["Raktar__Aws__CheckpointsBucket"] = storage.Checkpoints.BucketName,
                ["Raktar__Aws__SigningKey"] = Key.KeyArn,
            },
            May(storage, Key),
            DeadLetters);
        var target = new LambdaFunction(Function, new LambdaFunctionProps
        {
            DeadLetterQueue = DeadLetters,
            MaxEventAge = Duration.Hours(6),
            RetryAttempts = 185, // the most; the age decides
        });
        _ = new Rule(this, "Daily", new RuleProps
        {
            Description = "Raktar: a checkpoint a day",
            Schedule = Schedule.Rate(Duration.Days(1)),
            Targets = [target],
        });
        _ = new Rule(this, "OnDemand", new RuleProps
        {
            Description = "Raktar: a checkpoint when somebody asked for one",
            EventBus = bus,
            EventPattern = new EventPattern
            {
                Source = [Notice.Source],
                DetailType = [Notice.DetailType],
                Detail = new Dictionary<string, object> { ["stream"] = Match.ExactString(Stream), ["types"] = Match.ExactString("checkpoint-requested") },
            },
            Targets = [target],
        });
    }

    /// <summary>Signs.</summary>
    public Key Key { get; }

    /// <summary>Makes checkpoints.</summary>
    public RaktarFunction Function { get; }

    /// <summary>Deliveries that failed after all retries.</summary>
    public DeadLetters DeadLetters { get; }

    private static PolicyStatement[] May(Storage storage, Key key) =>
    [
        Allow.To([storage.Events.TableArn], "dynamodb:Scan"),
        new(new PolicyStatementProps
        {
            Actions = ["dynamodb:Query", "dynamodb:PutItem"],
            Resources = [storage.Events.TableArn],
            Conditions = new Dictionary<string, object>
            {
                ["ForAllValues:StringEquals"] = new Dictionary<string, object> { ["dynamodb:LeadingKeys"] = new[] { Stream } },
            },
        }),
        Allow.To([storage.Checkpoints.ArnForObjects("checkpoints/*")], "s3:GetObject", "s3:PutObject"),
        // Without it S3 answers 403 for an object that is not there.
        Allow.To([storage.Checkpoints.BucketArn], "s3:ListBucket"),
        Allow.To([key.KeyArn], "kms:GetPublicKey", "kms:Sign"),
    ];
}
