using Amazon.CDK;
using Amazon.CDK.AWS.IAM;
using Amazon.CDK.AWS.Lambda;
using Amazon.CDK.AWS.Logs;
using Amazon.CDK.AWS.SQS;
using Constructs;

namespace Raktar.Infra;

/// <summary>What all functions share.</summary>
/// <param name="Code">The published program.</param>
/// <param name="Processor">What it was published for.</param>
/// <param name="Storage">Where it keeps everything.</param>
internal sealed record ProgramSettings(Code Code, Processor Processor, Storage Storage);

/// <summary>
/// One function: the published program in one role, under the AWS Lambda Web Adapter, which makes HTTP requests of invocations. It may do what
/// <c>may</c> lists, write its log and its traces, and nothing else.
/// </summary>
internal sealed class RaktarFunction : Function
{
    /// <summary>Builds it.</summary>
    public RaktarFunction(
        Construct scope,
        string role,
        ProgramSettings program,
        Duration timeout,
        IReadOnlyDictionary<string, string> environment,
        PolicyStatement[] may,
        Queue? deadLetters = null)
        : base(scope, "Function", Props(scope, role, program, timeout, environment, may, deadLetters))
    {
    }

    private static FunctionProps Props(
        Construct scope,
        string role,
        ProgramSettings program,
        Duration timeout,
        IReadOnlyDictionary<string, string> environment,
        PolicyStatement[] may,
        Queue? deadLetters)
    {
        var log = new LogGroup(scope, "Log", new LogGroupProps { Retention = RetentionDays.ONE_MONTH, RemovalPolicy = RemovalPolicy.DESTROY });
        var arm = program.Processor == Processor.Arm64;
        var props = new FunctionProps
        {
            Description = $"Raktar: {role}",
            Runtime = new Runtime("dotnet10", RuntimeFamily.DOTNET_CORE),
            Architecture = arm ? Amazon.CDK.AWS.Lambda.Architecture.ARM_64 : Amazon.CDK.AWS.Lambda.Architecture.X86_64,
            Code = program.Code,
            Handler = "run.sh",
            Layers = [LayerVersion.FromLayerVersionArn(scope, "Adapter", AdapterLayer(Stack.Of(scope).Region, arm))],
            // A share of the processor comes with the memory; a start of .NET is what needs it.
            MemorySize = 1024,
            Timeout = timeout,
            Environment = Environment(role, program.Storage, environment),
            LogGroup = log,
            Tracing = Tracing.ACTIVE,
            Role = LeastRole(scope, log, may, deadLetters),
        };
        if (deadLetters is not null)
        {
            props.RetryAttempts = 2;
            // https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html: six hours is the most.
            props.MaxEventAge = Duration.Hours(6);
            props.OnFailure = new Amazon.CDK.AWS.Lambda.Destinations.SqsDestination(deadLetters);
        }

        return props;
    }

    // https://aws.github.io/aws-lambda-web-adapter/getting-started/zip-packages.html; layer 27 is release 1.0.0.
    private static string AdapterLayer(string region, bool arm) =>
        $"arn:aws:lambda:{region}:753240598075:layer:LambdaAdapterLayer{(arm ? "Arm64" : "X86")}:27";

    private static Dictionary<string, string> Environment(string role, Storage storage, IReadOnlyDictionary<string, string> more) => new(more)
    {
        ["Raktar__Storage"] = "aws",
        ["Raktar__Role"] = role,
        ["Raktar__Aws__EventsTable"] = storage.Events.TableName,
        ["Raktar__Aws__DocumentsTable"] = storage.Documents.TableName,
        ["Raktar__Aws__Bucket"] = storage.Files.BucketName,
        ["ASPNETCORE_URLS"] = "http://127.0.0.1:8080",
        ["AWS_LAMBDA_EXEC_WRAPPER"] = "/opt/bootstrap",
        ["AWS_LWA_PORT"] = "8080",
        ["AWS_LWA_READINESS_CHECK_PATH"] = "/health",
    };

    // Inline, so that the role is complete before anything uses it; immutable, so that no construct adds more than is listed here.
    private static IRole LeastRole(Construct scope, LogGroup log, PolicyStatement[] may, Queue? deadLetters)
    {
        var statements = new List<PolicyStatement>(may)
        {
            Allow.To([log.LogGroupArn], "logs:CreateLogStream", "logs:PutLogEvents"),
            // X-Ray knows no resources: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsx-ray.html
            Allow.To(["*"], "xray:PutTraceSegments", "xray:PutTelemetryRecords"),
        };
        if (deadLetters is not null)
        {
            statements.Add(Allow.To([deadLetters.QueueArn], "sqs:SendMessage"));
        }

        return new Role(scope, "Role", new RoleProps
        {
            AssumedBy = new ServicePrincipal("lambda.amazonaws.com"),
            InlinePolicies = new Dictionary<string, PolicyDocument>
            {
                ["least"] = new(new PolicyDocumentProps { Statements = [.. statements] }),
            },
        }).WithoutPolicyUpdates();
    }
}

/// <summary>Writes policy statements.</summary>
internal static class Allow
{
    /// <summary>Allows <paramref name="actions"/> on <paramref name="resources"/>.</summary>
    public static PolicyStatement To(string[] resources, params string[] actions) =>
        new(new PolicyStatementProps { Actions = actions, Resources = resources });
}
