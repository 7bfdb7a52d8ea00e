using System.Text.Json;
using System.Text.Json.Nodes;

namespace Raktar.LocalAws;

/// <summary>
/// EventBridge's patterns, for rules and for the filters of pipes
/// (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html). An operator that is not in here is an error.
/// </summary>
public static class EventPattern
{
    /// <summary>Whether an event matches: every field of the pattern must, by one of its alternatives.</summary>
    public static bool Matches(JsonObject pattern, JsonNode? candidate) => pattern.All(field =>
    {
        var value = (candidate as JsonObject)?[field.Key];
        var present = candidate is JsonObject map && map.ContainsKey(field.Key);
        return field.Value switch
        {
            JsonObject nested => Matches(nested, value),
            JsonArray alternatives => alternatives.Any(alternative => Accepts(alternative, value, present)),
            _ => throw new NotSupportedException($"{field.Key} must be an array or an object"),
        };
    });

    private static bool Accepts(JsonNode? alternative, JsonNode? value, bool present)
    {
        if (alternative is not JsonObject test)
        {
            return present && Values(value).Any(each => Same(alternative, each));
        }

        var (name, argument) = test.Single();
        return name switch
        {
            // Of a leaf: an object does not count.
            "exists" => (bool)argument! == (present && value is not JsonObject),
            "prefix" => present && Texts(value).Any(text => text.StartsWith(Text(argument, name), StringComparison.Ordinal)),
            "suffix" => present && Texts(value).Any(text => text.EndsWith(Text(argument, name), StringComparison.Ordinal)),
            "equals-ignore-case" => present && Texts(value).Any(text => text.Equals(Text(argument, name), StringComparison.OrdinalIgnoreCase)),
            "anything-but" => present && Values(value).Any(each => !Excluded(argument!, each)),
            _ => throw new NotSupportedException($"the pattern {test.ToJsonString()} is not understood"),
        };
    }

    private static bool Excluded(JsonNode excluded, JsonNode? value) => excluded switch
    {
        JsonArray all => all.Any(each => Same(each, value)),
        JsonObject test => Accepts(test, value, present: true),
        _ => Same(excluded, value),
    };

    private static string Text(JsonNode? argument, string name) =>
        argument is JsonValue value && value.TryGetValue<string>(out var text) ? text : throw new NotSupportedException($"{name} wants a string");

    private static JsonNode?[] Values(JsonNode? value) => value is JsonArray all ? [.. all] : [value];

    private static IEnumerable<string> Texts(JsonNode? value) =>
        Values(value).Where(each => each?.GetValueKind() == JsonValueKind.String).Select(each => (string)each!);

    private static bool Same(JsonNode? one, JsonNode? other) => JsonNode.DeepEquals(one, other);
}
