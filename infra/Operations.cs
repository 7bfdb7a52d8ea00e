using Amazon.CDK;
using Amazon.CDK.AWS.CloudWatch;
using Amazon.CDK.AWS.CloudWatch.Actions;
using Amazon.CDK.AWS.IAM;
using Amazon.CDK.AWS.Logs;
using Amazon.CDK.AWS.Pipes;
using Amazon.CDK.AWS.SNS;
using Amazon.CDK.AWS.SNS.Subscriptions;
using Constructs;

namespace Raktar.Infra;

/// <summary>What tells people that something is wrong: alarms, the topic they go to, and a dashboard.</summary>
internal sealed class Operations : Construct
{
    private readonly Topic _topic;

    /// <summary>Builds it.</summary>
    public Operations(Construct scope, Storage storage, FanOut fanOut, Api api, Checkpoints checkpoints, Tampering tampering, string? alarmEmail)
        : base(scope, "Operations")
    {
        _topic = Topic(alarmEmail);
        (string Name, RaktarFunction Function)[] functions =
            [("api", api.Function), ("checkpoint", checkpoints.Function), .. fanOut.Projections.Select(each => (each.Kind, each.Function))];
        (string Name, DeadLetters Queue)[] queues =
            [("pipe", fanOut.PipeDeadLetters), ("checkpoint", checkpoints.DeadLetters), .. fanOut.Projections.Select(each => (each.Kind, each.DeadLetters))];

        Alarm("api-5xx", Http("5xx", api), 5, "The registry answered with server errors: read the log of the api function.");
        Alarm(
            "log-changed",
            tampering.Changes.MetricApproximateNumberOfMessagesVisible(EveryMinute("Maximum")),
            1,
            "A commit of the log was changed or deleted, which nothing of Raktar does: read the queue, run raktar verify, and ask who could.");
        Alarm("log-changed-pipe-failures", Pipe("ExecutionFailed", tampering.Pipe), 1, "What watches the log for changes cannot tell of them.");
        Alarm(
            "not-in-force",
            NotInForce(api),
            1,
            "Something was taken away but can still be had, because crate-state lags: read the log of its function. Callers were answered 503.");
        Alarm("pipe-failures", Pipe("ExecutionFailed", fanOut.Pipe), 1, "The pipe cannot hand notices to the bus: readers do not see new commits.");
        foreach (var (name, function) in functions)
        {
            Alarm($"{name}-errors", function.MetricErrors(Every5Minutes()), 1, $"Invocations of {name} failed or ran out of time: read its log.");
            Alarm($"{name}-throttles", function.MetricThrottles(Every5Minutes()), 1, $"Lambda turned invocations of {name} away: see its quotas.");
        }

        foreach (var (name, queue) in queues)
        {
            Alarm($"{name}-dead-letters", Waiting(queue), 1, $"Work of {name} was given up: replay the archive, then purge the queue.");
        }

        foreach (var each in fanOut.Projections)
        {
            // What restrictions and deletions are enforced by is waited for.
            var (lag, most, words) = each.Kind == FanOut.Enforcing
                ? (each.Function.Metric("AsyncEventAge", EveryMinute("Maximum")), 60_000, "a minute")
                : (Lag(each.Function), 300_000, "five minutes");
            Alarm($"{each.Kind}-lag", lag, most, $"The projection {each.Kind} is more than {words} behind the log.");
            Alarm($"{each.Kind}-set-aside", SetAside(each), 1, $"The projection {each.Kind} cannot make the document of a stream, which its log names: see docs/operating.md.");
        }

        Alarm("checkpoint-lag", Lag(checkpoints.Function), 300_000, "A checkpoint is more than five minutes late.");

        foreach (var (name, table) in new[] { ("events", storage.Events), ("documents", storage.Documents), ("aside", storage.Aside), ("audit", storage.Audit) })
        {
            foreach (var access in new[] { "Read", "Write" })
            {
                Alarm(
                    $"{name}-{access.ToLowerInvariant()}-throttles",
                    table.Metric($"{access}ThrottleEvents", Every5Minutes("Sum")),
                    1,
                    $"DynamoDB turned requests to the {name} table away.");
            }
        }

        Dashboard(storage, fanOut, api, functions, queues);
    }

    private Topic Topic(string? alarmEmail)
    {
        var topic = new Topic(this, "Alarms", new TopicProps { EnforceSSL = true });
        var stack = Stack.Of(this);
        // A topic with a policy has lost the default one, by which alarms of its account may publish.
        topic.AddToResourcePolicy(new PolicyStatement(new PolicyStatementProps
        {
            Principals = [new ServicePrincipal("cloudwatch.amazonaws.com")],
            Actions = ["sns:Publish"],
            Resources = [topic.TopicArn],
            Conditions = new Dictionary<string, object>
            {
                ["StringEquals"] = new Dictionary<string, string> { ["aws:SourceAccount"] = stack.Account },
            },
        }));
        if (alarmEmail is not null)
        {
            topic.AddSubscription(new EmailSubscription(alarmEmail));
        }

        return topic;
    }

    private void Alarm(string id, IMetric metric, double threshold, string description) =>
        new Alarm(this, id, new AlarmProps
        {
            AlarmDescription = description,
            Metric = metric,
            Threshold = threshold,
            ComparisonOperator = ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            EvaluationPeriods = 1,
            TreatMissingData = TreatMissingData.NOT_BREACHING,
        }).AddAlarmAction(new SnsAction(_topic));

    /// <summary>How often the api answered that something is recorded but not in force: the program says so in these words.</summary>
    private Metric NotInForce(Api api) => new MetricFilter(this, "NotInForce", new MetricFilterProps
    {
        LogGroup = api.Log,
        FilterPattern = FilterPattern.Literal("\"not in force yet\""),
        MetricNamespace = "Raktar",
        MetricName = "NotInForce",
        MetricValue = "1",
    }).Metric(EveryMinute("Sum"));

    private void Dashboard(
        Storage storage,
        FanOut fanOut,
        Api api,
        (string Name, RaktarFunction Function)[] functions,
        (string Name, DeadLetters Queue)[] queues)
    {
        var board = new Dashboard(this, "Dashboard", new DashboardProps { DefaultInterval = Duration.Days(1) });
        board.AddWidgets(
            Graph("Requests", Http("Count", api), Http("4xx", api), Http("5xx", api)),
            Graph("Latency (ms)", Http("Latency", api, "p50"), Http("Latency", api, "p99")));
        board.AddWidgets(
            Graph("Errors", [.. functions.Select(each => each.Function.MetricErrors(Every5Minutes(label: each.Name)))]),
            Graph("Duration, p99 (ms)", [.. functions.Select(each => each.Function.MetricDuration(Every5Minutes("p99", each.Name)))]));
        board.AddWidgets(
            Graph("Behind the log (ms)", [.. fanOut.Projections.Select(each => Lag(each.Function, each.Kind))]),
            Graph("Dead letters", [.. queues.Select(each => Waiting(each.Queue, each.Name))]));
        board.AddWidgets(
            Graph("Pipe", Pipe("EventCount", fanOut.Pipe), Pipe("ExecutionFailed", fanOut.Pipe)),
            Graph(
                "Consumed capacity",
                storage.Events.Metric("ConsumedReadCapacityUnits", Every5Minutes("Sum", "events read")),
                storage.Events.Metric("ConsumedWriteCapacityUnits", Every5Minutes("Sum", "events written")),
                storage.Documents.Metric("ConsumedReadCapacityUnits", Every5Minutes("Sum", "documents read")),
                storage.Documents.Metric("ConsumedWriteCapacityUnits", Every5Minutes("Sum", "documents written"))));
    }

    private static GraphWidget Graph(string title, params IMetric[] metrics) => new(new GraphWidgetProps { Title = title, Left = metrics, Width = 12 });

    private static Metric Http(string name, Api api, string statistic = "Sum") => api.Http.Metric(name, Every5Minutes(statistic));

    private static Metric Waiting(DeadLetters queue, string? label = null) =>
        queue.MetricApproximateNumberOfMessagesVisible(Every5Minutes("Maximum", label));

    private static Metric Lag(RaktarFunction function, string? label = null) =>
        function.Metric("AsyncEventAge", Every5Minutes("Maximum", label));

    /// <summary>How often the function said so in its log.</summary>
    private static Metric SetAside(Projection each) => new MetricFilter(each, "SetAside", new MetricFilterProps
    {
        LogGroup = each.Function.LogGroup,
        FilterPattern = FilterPattern.Literal("\"is set aside: its document\""),
        MetricNamespace = "Raktar",
        MetricName = $"SetAside-{each.Kind}",
        MetricValue = "1",
    }).Metric(Every5Minutes("Sum"));

    // https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-monitoring.html: a pipe has no metric of its lag.
    private static Metric Pipe(string name, CfnPipe pipe) => new(new MetricProps
    {
        Namespace = "AWS/EventBridge/Pipes",
        MetricName = name,
        DimensionsMap = new Dictionary<string, string> { ["PipeName"] = pipe.Ref },
        Statistic = "Sum",
        Period = Duration.Minutes(5),
    });

    private static MetricOptions EveryMinute(string statistic) => new() { Period = Duration.Minutes(1), Statistic = statistic };

    private static MetricOptions Every5Minutes(string? statistic = null, string? label = null) =>
        new() { Period = Duration.Minutes(5), Statistic = statistic, Label = label };
}
