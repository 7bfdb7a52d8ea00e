using System.Text.Json.Nodes;

namespace Raktar.LocalAws.Specs;

public sealed class Templates
{
    private static readonly Template Small = Template.Parse(
        """
        {"Parameters": {"Stage": {"Type": "String", "Default": "prod"}},
         "Resources": {"Events": {"Type": "AWS::DynamoDB::Table"}, "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"Name": {"Ref": "Stage"}}}}}
        """);

    private static readonly Dictionary<string, string> Physical = new() { ["Events"] = "events-1", ["Events.Arn"] = "arn:events-1" };

    [Theory]
    [InlineData("""{"Ref": "Events"}""", "events-1")]
    [InlineData("""{"Ref": "Queue"}""", "Queue")]
    [InlineData("""{"Ref": "Stage"}""", "prod")]
    [InlineData("""{"Ref": "AWS::Region"}""", "eu-central-1")]
    [InlineData("""{"Fn::GetAtt": ["Events", "Arn"]}""", "arn:events-1")]
    [InlineData("""{"Fn::GetAtt": "Queue.Arn"}""", "arn:aws:sqs:eu-central-1:000000000000:Queue")]
    [InlineData("""{"Fn::Join": ["", [{"Fn::GetAtt": ["Events", "Arn"]}, "/index/", {"Ref": "Stage"}]]}""", "arn:events-1/index/prod")]
    [InlineData("""{"Fn::Sub": "${Events}.${Events.Arn}.${AWS::URLSuffix}.${!Events}"}""", "events-1.arn:events-1.amazonaws.com.${Events}")]
    [InlineData("""{"Fn::Sub": ["${A}-${Stage}", {"A": {"Ref": "Events"}}]}""", "events-1-prod")]
    [InlineData("""{"Fn::Select": ["1", {"Fn::Split": [":", {"Fn::GetAtt": ["Events", "Arn"]}]}]}""", "events-1")]
    public void Resolve(string json, string expected) => Assert.Equal(expected, (string?)Small.Resolve(JsonNode.Parse(json), Physical));

    [Fact]
    public void Resolve_in_depth_and_leave_out_what_has_no_value() => Assert.Equal(
        """{"a":[{"b":"events-1"},1,true]}""",
        Small.Resolve(JsonNode.Parse("""{"a": [{"b": {"Ref": "Events"}}, 1, true], "c": {"Ref": "AWS::NoValue"}}"""), Physical)!.ToJsonString());

    [Theory]
    [InlineData("""{"Fn::If": ["IsProd", 1, 2]}""", typeof(NotSupportedException))]
    [InlineData("""{"Ref": "Nobody"}""", typeof(KeyNotFoundException))]
    [InlineData("""{"Fn::GetAtt": ["Nobody", "Arn"]}""", typeof(KeyNotFoundException))]
    public void Fail_at_what_they_do_not_know(string json, Type exception) =>
        Assert.Throws(exception, () => Small.Resolve(JsonNode.Parse(json), Physical));
}
