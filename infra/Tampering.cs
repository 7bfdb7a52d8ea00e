using Amazon.CDK;
using Amazon.CDK.AWS.DynamoDB;
using Amazon.CDK.AWS.Pipes;
using Amazon.CDK.AWS.SQS;
using Constructs;

namespace Raktar.Infra;

/// <summary>
/// Commits are only ever added. IAM keeps everything from updating and deleting them, but it cannot demand the condition under which a put adds and does not
/// replace; so whatever else happens to a commit, by whomever, goes into a queue at once, and an alarm rings while there is something in it.
/// </summary>
internal sealed class Tampering : Construct
{
    // Which commit, and what was done to it. Whole commits are larger than a message may be.
    private const string Template =
        """
        {
          "what": "<$.eventName>",
          "stream": "<$.dynamodb.Keys.stream.S>",
          "first": "<$.dynamodb.Keys.first.N>",
          "id": "<$.eventID>"
        }
        """;

    /// <summary>Two readers of a table's stream at a time are what DynamoDB allows: this one and the fan-out.</summary>
    public Tampering(Construct scope, ITable events)
        : base(scope, "Tampering")
    {
        Changes = new Queue(this, "Changes", new QueueProps
        {
            Encryption = QueueEncryption.SQS_MANAGED,
            EnforceSSL = true,
            RetentionPeriod = Duration.Days(14),
        });
        var role = new PipeRole(this, events, Allow.To([Changes.QueueArn], "sqs:SendMessage"));
        Pipe = new CfnPipe(this, "Pipe", new CfnPipeProps
        {
            Description = "Raktar: commits that were changed or deleted",
            RoleArn = role.RoleArn,
            Source = events.TableStreamArn!,
            SourceParameters = new CfnPipe.PipeSourceParametersProperty
            {
                DynamoDbStreamParameters = new CfnPipe.PipeSourceDynamoDBStreamParametersProperty
                {
                    StartingPosition = "TRIM_HORIZON",
                    BatchSize = 10, // what one call of SendMessageBatch takes
                    OnPartialBatchItemFailure = "AUTOMATIC_BISECT",
                },
                FilterCriteria = new CfnPipe.FilterCriteriaProperty
                {
                    Filters = new[] { new CfnPipe.FilterProperty { Pattern = """{"eventName":["MODIFY","REMOVE"]}""" } },
                },
            },
            Target = Changes.QueueArn,
            TargetParameters = new CfnPipe.PipeTargetParametersProperty { InputTemplate = Template },
        });
    }

    /// <summary>What was changed or deleted, for 14 days.</summary>
    public Queue Changes { get; }

    /// <summary>Hears of it.</summary>
    public CfnPipe Pipe { get; }
}
