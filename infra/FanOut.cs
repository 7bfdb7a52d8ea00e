using Amazon.CDK;
using Amazon.CDK.AWS.DynamoDB;
using Amazon.CDK.AWS.Events;
using Amazon.CDK.AWS.Pipes;
using Amazon.CDK.AWS.SQS;
using Constructs;

namespace Raktar.Infra;

/// <summary>
/// From the log to the projections: the table's stream, a pipe that says which stream of events moved, a bus, and per projection a rule, a
/// function and a queue for what it could not do.
/// </summary>
internal sealed class FanOut : Construct
{
    /// <summary>The projection whose documents say what is kept from whom.</summary>
    public const string Enforcing = "crate-state";

    /// <summary>Every projection and the streams that it follows; null: all.</summary>
    private static readonly (string Kind, string? Prefix)[] Kinds =
    [
        ("index", "crate/"), (Enforcing, "crate/"), ("crate", "crate/"), ("catalogue", "crate/"), ("account", "account/"), (Projection.Audit, null),
    ];

    /// <summary>Builds it.</summary>
    public FanOut(Construct scope, ProgramSettings program)
        : base(scope, "FanOut")
    {
        Bus = new EventBus(this, "Bus");
        Archive = new Archive(this, "Archive", new ArchiveProps
        {
            SourceEventBus = Bus,
            EventPattern = new EventPattern { Source = [Notice.Source] },
            Retention = Duration.Days(30),
        });
        PipeDeadLetters = new DeadLetters(this, "PipeDeadLetters");
        Pipe = StartPipe(program.Storage.Events);
        Projections = [.. Kinds.Select(each => new Projection(this, each.Kind, each.Prefix, Bus, program))];
    }

    /// <summary>Carries the notices.</summary>
    public EventBus Bus { get; }

    /// <summary>Keeps them for replays.</summary>
    public Archive Archive { get; }

    /// <summary>Makes notices of commits.</summary>
    public CfnPipe Pipe { get; }

    /// <summary>Which commits the pipe gave up on.</summary>
    public DeadLetters PipeDeadLetters { get; }

    /// <summary>What the notices wake.</summary>
    public IReadOnlyList<Projection> Projections { get; }

    private CfnPipe StartPipe(ITable events)
    {
        var role = new PipeRole(
            this, events, Allow.To([Bus.EventBusArn], "events:PutEvents"), Allow.To([PipeDeadLetters.QueueArn], "sqs:SendMessage"));
        return new CfnPipe(this, "Pipe", new CfnPipeProps
        {
            Description = "Raktar: which stream of events moved",
            RoleArn = role.RoleArn,
            Source = events.TableStreamArn!,
            SourceParameters = new CfnPipe.PipeSourceParametersProperty
            {
                DynamoDbStreamParameters = new CfnPipe.PipeSourceDynamoDBStreamParametersProperty
                {
                    StartingPosition = "TRIM_HORIZON",
                    BatchSize = 10, // what one call of PutEvents takes
                    OnPartialBatchItemFailure = "AUTOMATIC_BISECT",
                    MaximumRecordAgeInSeconds = 6 * 60 * 60,
                    DeadLetterConfig = new CfnPipe.DeadLetterConfigProperty { Arn = PipeDeadLetters.QueueArn },
                },
                FilterCriteria = new CfnPipe.FilterCriteriaProperty
                {
                    Filters = new[] { new CfnPipe.FilterProperty { Pattern = """{"eventName":["INSERT"]}""" } },
                },
            },
            Target = Bus.EventBusArn,
            TargetParameters = new CfnPipe.PipeTargetParametersProperty
            {
                EventBridgeEventBusParameters = new CfnPipe.PipeTargetEventBridgeEventBusParametersProperty
                {
                    Source = Notice.Source,
                    DetailType = Notice.DetailType,
                },
                InputTemplate = Notice.Template,
            },
        });
    }
}

/// <summary>What the bus carries: that a stream of events moved, without what happened.</summary>
internal static class Notice
{
    /// <summary>Its source.</summary>
    public const string Source = "raktar";

    /// <summary>Its detail-type.</summary>
    public const string DetailType = "stream-moved";

    /// <summary>
    /// Its detail, made of a stream record. DynamoDB writes numbers as strings. Strings are quoted, lists are not:
    /// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-input-transformation.html
    /// </summary>
    public const string Template =
        """
        {
          "stream": "<$.dynamodb.NewImage.stream.S>",
          "first": "<$.dynamodb.NewImage.first.N>",
          "last": "<$.dynamodb.NewImage.last.N>",
          "types": <$.dynamodb.NewImage.types.SS>,
          "at": "<$.dynamodb.NewImage.at.S>"
        }
        """;
}

/// <summary>Keeps for 14 days, the longest there is, what could not be done.</summary>
internal sealed class DeadLetters(Construct scope, string id) : Queue(scope, id, new QueueProps
{
    Encryption = QueueEncryption.SQS_MANAGED,
    EnforceSSL = true,
    RetentionPeriod = Duration.Days(14),
});
