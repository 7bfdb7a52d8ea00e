using Amazon.CDK;
using Amazon.CDK.AWS.Events;
using Amazon.CDK.AWS.Events.Targets;
using Amazon.CDK.AWS.IAM;
using Constructs;

namespace Raktar.Infra;

/// <summary>One projection: its function, the rule that wakes it, and the queue of what it could not do.</summary>
internal sealed class Projection : Construct
{
    /// <summary>The projection that writes rows into a table of its own instead of documents.</summary>
    public const string Audit = "audit";

    /// <summary>
    /// Builds the projection of <paramref name="kind"/>, which follows the streams whose names begin with <paramref name="prefix"/> (null: all streams).
    /// </summary>
    public Projection(Construct scope, string kind, string? prefix, IEventBus bus, ProgramSettings program)
        : base(scope, kind)
    {
        Kind = kind;
        DeadLetters = new DeadLetters(this, "DeadLetters");
        Function = new RaktarFunction(
            this,
            kind,
            program,
            Duration.Seconds(60),
            Environment(kind, program.Storage),
            May(kind, program.Storage),
            DeadLetters);
        _ = new Rule(this, "Rule", new RuleProps
        {
            Description = $"Raktar: {prefix ?? "all"} streams to {kind}",
            EventBus = bus,
            EventPattern = new EventPattern
            {
                Source = [Notice.Source],
                DetailType = [Notice.DetailType],
                Detail = prefix is null ? null : new Dictionary<string, object> { ["stream"] = Match.Prefix(prefix) },
            },
            Targets =
            [
                new LambdaFunction(Function, new LambdaFunctionProps
                {
                    DeadLetterQueue = DeadLetters,
                    MaxEventAge = Duration.Hours(6),
                    RetryAttempts = 185, // the most; the age decides
                }),
            ],
        });
    }

    /// <summary>The kind of its documents, and its role.</summary>
    public string Kind { get; }

    /// <summary>The function that folds.</summary>
    public RaktarFunction Function { get; }

    /// <summary>Deliveries that failed after all retries.</summary>
    public DeadLetters DeadLetters { get; }

    private static Dictionary<string, string> Environment(string kind, Storage storage)
    {
        // An answer that is an error fails the invocation, so that Lambda tries again.
        var environment = new Dictionary<string, string> { ["AWS_LWA_ERROR_STATUS_CODES"] = "400-599" };
        if (kind == Audit)
        {
            environment["Raktar__Aws__AuditTable"] = storage.Audit.TableName;
        }

        return environment;
    }

    private static PolicyStatement[] May(string kind, Storage storage) => kind == Audit
        ? [Allow.To([storage.Events.TableArn], "dynamodb:Query"), Allow.To([storage.Audit.TableArn], "dynamodb:PutItem", "dynamodb:Query")]
        :
    [
        Allow.To([storage.Events.TableArn], "dynamodb:Query"),
        new(new PolicyStatementProps
        {
            Actions = ["dynamodb:GetItem", "dynamodb:PutItem"],
            Resources = [storage.Documents.TableArn],
            // The key of a document begins with its kind: index.1/serde.
            Conditions = new Dictionary<string, object>
            {
                ["ForAllValues:StringLike"] = new Dictionary<string, object> { ["dynamodb:LeadingKeys"] = new[] { $"{kind}.*" } },
            },
        }),
        Allow.To([storage.Files.ArnForObjects($"documents/{kind}/*")], "s3:GetObject", "s3:PutObject", "s3:DeleteObject"),
    ];
}
