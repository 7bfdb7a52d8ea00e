namespace Raktar.Infra.Specs;

/// <summary>Whatever goes wrong raises an alarm, and every alarm reaches the topic.</summary>
public sealed class Watching
{
    private static readonly Template Stack = Synthesised.Default;

    private static readonly IReadOnlyList<string> Alarms =
    [
        .. Stack.OfType("AWS::CloudWatch::Alarm").Select(each => each.Properties).Select(alarm =>
            $"{alarm["Namespace"]} {alarm["MetricName"]} {Template.Text(alarm["Dimensions"]?[0]?["Value"])} {alarm["Statistic"]} {alarm["Threshold"]}"),
    ];

    [Fact]
    public void Functions_that_fail_or_are_throttled() => Assert.All(Stack.OfType("AWS::Lambda::Function"), function =>
    {
        Assert.Contains($"AWS/Lambda Errors ${{{function.Id}}} Sum 1", Alarms);
        Assert.Contains($"AWS/Lambda Throttles ${{{function.Id}}} Sum 1", Alarms);
    });

    [Fact]
    public void Projections_that_fall_behind() => Assert.All(
        Stack.OfType("AWS::Lambda::EventInvokeConfig"),
        each => Assert.Contains(
            $"AWS/Lambda AsyncEventAge {Template.Text(each.Properties["FunctionName"])} Maximum {(each.Id.Contains("cratestate", StringComparison.Ordinal) ? 60000 : 300000)}",
            Alarms));

    [Fact]
    public void What_was_taken_away_and_can_still_be_had()
    {
        var filter = Stack["OperationsNotInForce"];
        Assert.Equal(("${ApiLog}", "\"not in force yet\""), (Template.Text(filter["LogGroupName"]), (string?)filter["FilterPattern"]));
        Assert.Equal("""[{"MetricName":"NotInForce","MetricNamespace":"Raktar","MetricValue":"1"}]""", filter["MetricTransformations"]!.ToJsonString());
        Assert.Contains("Raktar NotInForce  Sum 1", Alarms);
    }

    [Fact]
    public void Every_change_of_the_log_within_a_minute()
    {
        var pipe = Stack["TamperingPipe"];
        Assert.Equal("${StorageEvents.StreamArn}", Template.Text(pipe["Source"]));
        Assert.Equal("""[{"Pattern":"{\u0022eventName\u0022:[\u0022MODIFY\u0022,\u0022REMOVE\u0022]}"}]""", pipe["SourceParameters"]!["FilterCriteria"]!["Filters"]!.ToJsonString());
        Assert.Equal("${TamperingChanges.Arn}", Template.Text(pipe["Target"]));
        Assert.Equal("${TamperingPipeRole.Arn}", Template.Text(pipe["RoleArn"]));
        Assert.Equal("RUNNING", (string?)pipe["DesiredState"] ?? "RUNNING");
        Assert.Contains("AWS/EventBridge/Pipes ExecutionFailed ${TamperingPipe} Sum 1", Alarms);
        var alarm = Stack["Operationslogchanged"];
        Assert.Equal("${TamperingChanges.QueueName}", Template.Text(alarm["Dimensions"]![0]!["Value"]));
        Assert.Equal((60, 1, 1), ((int)alarm["Period"]!, (int)alarm["EvaluationPeriods"]!, (int)alarm["Threshold"]!));
    }

    [Fact]
    public void Streams_that_a_projection_sets_aside()
    {
        var filters = Stack.OfType("AWS::Logs::MetricFilter").Select(each => each.Properties).ToList();
        var alarms = Stack.OfType("AWS::CloudWatch::Alarm").Select(each => $"{each.Properties["Namespace"]} {each.Properties["MetricName"]}").ToList();
        foreach (var kind in "index crate-state crate catalogue account audit".Split(' '))
        {
            var filter = Assert.Single(filters, each => (string?)each["MetricTransformations"]![0]!["MetricName"] == $"SetAside-{kind}");
            // The words of src/Api/Hosting/LambdaFunction.cs.
            Assert.Equal("\"is set aside: its document\"", (string?)filter["FilterPattern"]);
            Assert.Contains($"Raktar SetAside-{kind}", alarms);
        }
    }

    [Fact]
    public void Queues_that_hold_something()
    {
        foreach (var (id, _) in Stack.OfType("AWS::SQS::Queue"))
        {
            Assert.Contains($"AWS/SQS ApproximateNumberOfMessagesVisible ${{{id}.QueueName}} Maximum 1", Alarms);
        }
    }

    [Fact]
    public void The_pipe_the_tables_and_the_api()
    {
        Assert.Contains("AWS/EventBridge/Pipes ExecutionFailed ${FanOutPipe} Sum 1", Alarms);
        foreach (var table in new[] { "StorageEvents", "StorageDocuments", "StorageAudit", "StorageAside" })
        {
            Assert.Contains($"AWS/DynamoDB ReadThrottleEvents ${{{table}}} Sum 1", Alarms);
            Assert.Contains($"AWS/DynamoDB WriteThrottleEvents ${{{table}}} Sum 1", Alarms);
        }

        Assert.Contains("AWS/ApiGateway 5xx ${ApiHttp} Sum 5", Alarms);
    }

    [Fact]
    public void Alarms_go_to_the_topic_and_silence_is_no_alarm() => Assert.All(Stack.OfType("AWS::CloudWatch::Alarm"), alarm =>
    {
        Assert.Equal(["${OperationsAlarms}"], Template.Texts(alarm.Properties["AlarmActions"]));
        Assert.Equal("GreaterThanOrEqualToThreshold", (string?)alarm.Properties["ComparisonOperator"]);
        Assert.Equal("notBreaching", (string?)alarm.Properties["TreatMissingData"]);
        Assert.NotEqual("", Template.Text(alarm.Properties["AlarmDescription"]));
    });

    [Fact]
    public void Alarms_of_the_account_may_publish_and_nobody_without_TLS() => Assert.Equal(
        [
            "Allow {\"Service\":\"cloudwatch.amazonaws.com\"} sns:Publish on ${OperationsAlarms} when aws:SourceAccount StringEquals ${AWS::AccountId}",
            "Deny * sns:Publish on ${OperationsAlarms} when aws:SecureTransport Bool false",
        ],
        Statement.All(Stack).Where(each => each.Owner == "OperationsAlarmsPolicy").Select(each => $"{each.Effect} {each.Principal} {each}"));

    [Fact]
    public void Mail_is_sent_to_whom_it_was_asked_for()
    {
        Assert.Empty(Stack.OfType("AWS::SNS::Subscription"));
        var subscription = Assert.Single(Synthesised.Full.OfType("AWS::SNS::Subscription")).Properties;
        Assert.Equal("email ops@example.com", $"{subscription["Protocol"]} {subscription["Endpoint"]}");
    }

    [Fact]
    public void There_is_one_dashboard() => Assert.Single(Stack.OfType("AWS::CloudWatch::Dashboard"));

    [Fact]
    public void Everything_is_tagged() => Assert.All(
        Stack.Resources.Where(each => (string?)each.Resource["Type"] is "AWS::DynamoDB::Table" or "AWS::S3::Bucket" or "AWS::Lambda::Function" or "AWS::SQS::Queue"),
        each => Assert.Contains("""{"Key":"application","Value":"raktar"}""", each.Resource["Properties"]!["Tags"]!.ToJsonString(), StringComparison.Ordinal));
}
