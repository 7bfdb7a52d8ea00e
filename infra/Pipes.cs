using Amazon.CDK;
using Amazon.CDK.AWS.DynamoDB;
using Amazon.CDK.AWS.IAM;
using Constructs;

namespace Raktar.Infra;

/// <summary>What a pipe may do: read the stream of the events table, and what <c>may</c> lists.</summary>
internal sealed class PipeRole(Construct scope, ITable events, params PolicyStatement[] may) : Role(scope, "PipeRole", new RoleProps
{
    AssumedBy = new ServicePrincipal("pipes.amazonaws.com", new ServicePrincipalOpts
    {
        Conditions = new Dictionary<string, object>
        {
            ["StringEquals"] = new Dictionary<string, string> { ["aws:SourceAccount"] = Stack.Of(scope).Account },
        },
    }),
    InlinePolicies = new Dictionary<string, PolicyDocument>
    {
        // https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-permissions.html
        ["least"] = new(new PolicyDocumentProps
        {
            Statements =
            [
                Allow.To(
                    [events.TableStreamArn!],
                    "dynamodb:DescribeStream",
                    "dynamodb:GetRecords",
                    "dynamodb:GetShardIterator",
                    "dynamodb:ListStreams"),
                .. may,
            ],
        }),
    },
});
