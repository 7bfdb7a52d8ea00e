using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Raktar.LocalAws;

/// <summary>
/// The input templates of pipes (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-input-transformation.html): quotes belong
/// around a placeholder of a string, and none around one of a list or an object. What the page does not promise is an error here.
/// </summary>
public static partial class InputTemplate
{
    /// <summary>Puts the values of <paramref name="source"/> into the template.</summary>
    public static JsonNode Render(string template, JsonNode source)
    {
        var rendered = new StringBuilder();
        var at = 0;
        foreach (Match placeholder in Placeholder().Matches(template))
        {
            rendered.Append(template, at, placeholder.Index - at);
            at = placeholder.Index + placeholder.Length;
            var path = placeholder.Groups["path"].Value;
            var value = Find(path, source) ?? throw new NotSupportedException($"there is no {path} in {source.ToJsonString()}");
            rendered.Append(InString(rendered) ? Quoted(value, path) : value.ToJsonString());
        }

        rendered.Append(template, at, template.Length - at);
        return JsonNode.Parse(rendered.ToString()) ?? throw new JsonException("the template renders null");
    }

    private static JsonNode? Find(string path, JsonNode source)
    {
        if (!path.StartsWith('$'))
        {
            throw new NotSupportedException($"<{path}> is not understood");
        }

        JsonNode? found = source;
        foreach (Match step in Step().Matches(path))
        {
            found = step.Groups["index"] is { Success: true } index
                ? (found as JsonArray)?.ElementAtOrDefault(int.Parse(index.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture))
                : (found as JsonObject)?[step.Groups["name"].Value];
        }

        return found;
    }

    private static string Quoted(JsonNode value, string path) => value switch
    {
        JsonValue when value.GetValueKind() == JsonValueKind.String => value.ToJsonString()[1..^1],
        JsonValue => value.ToJsonString(),
        _ => throw new NotSupportedException($"<{path}> is a list or an object: no quotes belong around it"),
    };

    private static bool InString(StringBuilder json)
    {
        var inside = false;
        for (var i = 0; i < json.Length; i++)
        {
            if (json[i] == '\\')
            {
                i++;
            }
            else if (json[i] == '"')
            {
                inside = !inside;
            }
        }

        return inside;
    }

    [GeneratedRegex("<(?<path>[$a-z][^<>]*)>", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Placeholder();

    [GeneratedRegex(@"\.(?<name>[\w-]+)|\[(?<index>\d+)\]", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Step();
}
