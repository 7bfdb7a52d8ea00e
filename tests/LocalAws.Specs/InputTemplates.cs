using System.Text.Json.Nodes;

namespace Raktar.LocalAws.Specs;

public sealed class InputTemplates
{
    private const string Record = """
        {"eventName": "INSERT", "dynamodb": {"NewImage": {"stream": {"S": "crate/fo\"o"}, "first": {"N": "3"}, "types": {"SS": ["a", "b"]}},
         "SizeBytes": 17, "Keys": [{"S": "x"}]}}
        """;

    [Theory]
    [InlineData("""{"stream": "<$.dynamodb.NewImage.stream.S>"}""", """{"stream": "crate/fo\"o"}""")]
    [InlineData("""{"said": "v<$.dynamodb.NewImage.first.N> of <$.eventName>"}""", """{"said": "v3 of INSERT"}""")]
    [InlineData("""{"types": <$.dynamodb.NewImage.types.SS>}""", """{"types": ["a", "b"]}""")]
    [InlineData("""{"image": <$.dynamodb.NewImage.first>}""", """{"image": {"N": "3"}}""")]
    [InlineData("""{"name": <$.eventName>, "bytes": <$.dynamodb.SizeBytes>}""", """{"name": "INSERT", "bytes": 17}""")]
    [InlineData("""{"key": "<$.dynamodb.Keys[0].S>", "type": "<$.dynamodb.NewImage.types.SS[1]>"}""", """{"key": "x", "type": "b"}""")]
    [InlineData("""{"size": "<$.dynamodb.SizeBytes>", "arrow": "a < b"}""", """{"size": "17", "arrow": "a < b"}""")]
    public void Render(string template, string expected) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), InputTemplate.Render(template, JsonNode.Parse(Record)!)));

    [Theory]
    [InlineData("""{"types": "<$.dynamodb.NewImage.types.SS>"}""")]
    [InlineData("""{"absent": "<$.dynamodb.OldImage>"}""")]
    [InlineData("""{"pipe": "<aws.pipes.pipe-name>"}""")]
    public void Fail_where_the_documentation_promises_nothing(string template) =>
        Assert.Throws<NotSupportedException>(() => InputTemplate.Render(template, JsonNode.Parse(Record)!));
}
