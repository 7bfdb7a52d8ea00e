using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Raktar.Infra.Specs;

/// <summary>Every commit reaches every projection that follows its stream, or a queue that is watched.</summary>
public sealed partial class FanningOut
{
    private static readonly Template Stack = Synthesised.Default;

    public static TheoryData<string, string, string> Projections => new()
    {
        { "index", "FanOutindex", "crate/" },
        { "crate-state", "FanOutcratestate", "crate/" },
        { "crate", "FanOutcrate", "crate/" },
        { "catalogue", "FanOutcatalogue", "crate/" },
        { "account", "FanOutaccount", "account/" },
        { "audit", "FanOutaudit", "" },
    };

    [Fact]
    public void The_pipe_takes_inserts_from_the_beginning_of_the_stream()
    {
        var pipe = Stack["FanOutPipe"];
        var source = pipe["SourceParameters"]!;
        var stream = source["DynamoDBStreamParameters"]!;
        Assert.Equal("${StorageEvents.StreamArn}", Template.Text(pipe["Source"]));
        Assert.Equal("""[{"Pattern":"{\u0022eventName\u0022:[\u0022INSERT\u0022]}"}]""", source["FilterCriteria"]!["Filters"]!.ToJsonString());
        Assert.Equal("TRIM_HORIZON", (string?)stream["StartingPosition"]);
        Assert.Equal("AUTOMATIC_BISECT", (string?)stream["OnPartialBatchItemFailure"]);
        Assert.Equal("${FanOutPipeDeadLetters.Arn}", Template.Text(stream["DeadLetterConfig"]!["Arn"]));
        Assert.InRange((int)stream["MaximumRecordAgeInSeconds"]!, 3600, 86400);
    }

    [Fact]
    public void The_pipe_says_which_stream_moved()
    {
        var pipe = Stack["FanOutPipe"];
        var target = pipe["TargetParameters"]!;
        Assert.Equal("${FanOutBus.Arn}", Template.Text(pipe["Target"]));
        Assert.Equal(
            """{"DetailType":"stream-moved","Source":"raktar"}""", target["EventBridgeEventBusParameters"]!.ToJsonString());
        var record = JsonNode.Parse(
            """
            {"eventName":"INSERT","dynamodb":{"NewImage":{
              "stream":{"S":"crate/foo"},"first":{"N":"3"},"last":{"N":"4"},"types":{"SS":["version-published","version-yanked"]},
              "at":{"S":"2026-11-23T10:00:00.0000000Z"},"account":{"S":"ann"},"body":{"B":"AA=="}}}}
            """)!;
        Assert.Equal(
            """{"stream":"crate/foo","first":"3","last":"4","types":["version-published","version-yanked"],"at":"2026-11-23T10:00:00.0000000Z"}""",
            JsonNode.Parse(Filled((string)target["InputTemplate"]!, record))!.ToJsonString());
    }

    [Fact]
    public void There_are_no_other_rules() => Assert.Equal(
        Projections.Select(row => $"{row[1]}Rule").Concat(["CheckpointsDaily", "CheckpointsOnDemand"]), Stack.OfType("AWS::Events::Rule").Select(each => each.Id));

    [Fact]
    public void A_checkpoint_is_made_daily_and_when_somebody_asked_for_one()
    {
        var (daily, asked) = (Stack["CheckpointsDaily"], Stack["CheckpointsOnDemand"]);
        Assert.Equal("rate(1 day)", (string?)daily["ScheduleExpression"]);
        Assert.Null(daily["EventBusName"]);
        Assert.Equal(
            """{"detail":{"stream":["registry/checkpoints"],"types":["checkpoint-requested"]},"detail-type":["stream-moved"],"source":["raktar"]}""",
            asked["EventPattern"]!.ToJsonString());
        Assert.Equal("${FanOutBus}", Template.Text(asked["EventBusName"]));
        foreach (var rule in (JsonNode[])[daily, asked])
        {
            Assert.Equal("ENABLED", (string?)rule["State"]);
            var target = Assert.Single(rule["Targets"]!.AsArray())!;
            Assert.Equal("${CheckpointsFunction.Arn}", Template.Text(target["Arn"]));
            Assert.Equal("${CheckpointsDeadLetters.Arn}", Template.Text(target["DeadLetterConfig"]!["Arn"]));
            Assert.Equal("""{"MaximumEventAgeInSeconds":21600,"MaximumRetryAttempts":185}""", target["RetryPolicy"]!.ToJsonString());
        }

        var invoke = Stack["CheckpointsFunctionEventInvokeConfig"];
        Assert.Equal(2, (int)invoke["MaximumRetryAttempts"]!);
        Assert.Equal("${CheckpointsDeadLetters.Arn}", Template.Text(invoke["DestinationConfig"]!["OnFailure"]!["Destination"]));
    }

    [Theory]
    [MemberData(nameof(Projections))]
    public void A_rule_wakes_its_projection(string kind, string id, string prefix)
    {
        var rule = Stack[$"{id}Rule"];
        Assert.Equal(
            prefix.Length == 0
                ? """{"detail-type":["stream-moved"],"source":["raktar"]}"""
                : $$$"""{"detail":{"stream":[{"prefix":"{{{prefix}}}"}]},"detail-type":["stream-moved"],"source":["raktar"]}""",
            rule["EventPattern"]!.ToJsonString());
        Assert.Equal("${FanOutBus}", Template.Text(rule["EventBusName"]));
        Assert.Equal("ENABLED", (string?)rule["State"]);
        var target = Assert.Single(rule["Targets"]!.AsArray())!;
        Assert.Equal($"${{{id}Function.Arn}}", Template.Text(target["Arn"]));
        // The function sees the whole event.
        Assert.Null(target["Input"] ?? target["InputPath"] ?? target["InputTransformer"]);
        Assert.Equal(kind, (string?)Stack[$"{id}Function"]["Environment"]!["Variables"]!["Raktar__Role"]);
    }

    [Theory]
    [MemberData(nameof(Projections))]
    public void What_fails_is_tried_again_and_then_kept(string kind, string id, string prefix)
    {
        _ = (kind, prefix);
        var target = Stack[$"{id}Rule"]["Targets"]![0]!;
        Assert.Equal($"${{{id}DeadLetters.Arn}}", Template.Text(target["DeadLetterConfig"]!["Arn"]));
        Assert.Equal("""{"MaximumEventAgeInSeconds":21600,"MaximumRetryAttempts":185}""", target["RetryPolicy"]!.ToJsonString());

        var invoke = Stack[$"{id}FunctionEventInvokeConfig"];
        Assert.Equal($"${{{id}Function}}", Template.Text(invoke["FunctionName"]));
        Assert.Equal(2, (int)invoke["MaximumRetryAttempts"]!);
        Assert.Equal(21600, (int)invoke["MaximumEventAgeInSeconds"]!);
        Assert.Equal($"${{{id}DeadLetters.Arn}}", Template.Text(invoke["DestinationConfig"]!["OnFailure"]!["Destination"]));
    }

    [Fact]
    public void Queues_are_encrypted_and_keep_what_they_have_for_14_days()
    {
        var queues = Stack.OfType("AWS::SQS::Queue");
        Assert.Equal(9, queues.Count);
        Assert.All(queues, queue =>
        {
            Assert.True((bool)queue.Properties["SqsManagedSseEnabled"]!);
            Assert.Equal(14 * 24 * 60 * 60, (int)queue.Properties["MessageRetentionPeriod"]!);
        });
    }

    [Fact]
    public void Queues_take_no_plain_HTTP_and_only_their_rules_events()
    {
        var statements = Statement.All(Stack).Where(each => each.Owner.EndsWith("DeadLettersPolicy", StringComparison.Ordinal)).ToLookup(each => each.Owner);
        Assert.Equal(8, statements.Count);
        Assert.All(statements, queue =>
        {
            var id = queue.Key[..^"DeadLettersPolicy".Length];
            List<string> expected = [$"Deny sqs:* on ${{{id}DeadLetters.Arn}} when aws:SecureTransport Bool false"];
            string[] rules = id switch { "FanOutPipe" => [], "Checkpoints" => ["CheckpointsDaily", "CheckpointsOnDemand"], _ => [$"{id}Rule"] };
            expected.AddRange(rules.Select(rule => $"Allow sqs:SendMessage on ${{{id}DeadLetters.Arn}} when aws:SourceArn ArnEquals ${{{rule}.Arn}}"));

            Assert.Equal(expected, queue.Select(each => $"{each.Effect} {each}"));
        });
    }

    [Fact]
    public void The_archive_keeps_what_the_bus_carried_for_a_month()
    {
        var archive = Assert.Single(Stack.OfType("AWS::Events::Archive")).Properties;
        Assert.Equal("${FanOutBus.Arn}", Template.Text(archive["SourceArn"]));
        Assert.Equal(30, (int)archive["RetentionDays"]!);
        Assert.Equal("""{"source":["raktar"]}""", archive["EventPattern"]!.ToJsonString());
    }

    // As EventBridge does it: inside quotes the text, outside of them the JSON.
    private static string Filled(string template, JsonNode record) => Placeholder().Replace(template, match =>
    {
        var value = match.Groups["path"].Value.Split('.').Aggregate(record, (node, name) => node[name]!);
        return match.Value.StartsWith('"') ? $"\"{(string)value!}\"" : value.ToJsonString();
    });

    [GeneratedRegex(@"""<\$\.(?<path>[\w.]+)>""|<\$\.(?<path>[\w.]+)>", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Placeholder();
}
