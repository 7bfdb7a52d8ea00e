using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Raktar.LocalAws;

/// <summary>One resource of a template, as it is written there.</summary>
/// <param name="Id">Its logical id.</param>
/// <param name="Type">Such as <c>AWS::DynamoDB::Table</c>.</param>
/// <param name="Properties">Not resolved yet.</param>
public sealed record Resource(string Id, string Type, JsonObject Properties);

/// <summary>A synthesised CloudFormation template.</summary>
public sealed partial class Template
{
    private readonly Dictionary<string, string> _parameters = new(StringComparer.Ordinal)
    {
        ["AWS::Region"] = LocalServers.Region,
        ["AWS::AccountId"] = Arns.Account,
        ["AWS::Partition"] = "aws",
        ["AWS::URLSuffix"] = "amazonaws.com",
        ["AWS::StackName"] = "local",
        ["AWS::StackId"] = Arns.Of("cloudformation", "stack/local/1"),
    };

    private readonly Dictionary<string, Resource> _resources;

    private Template(JsonObject root)
    {
        _resources = Section(root, "Resources").ToDictionary(
            entry => entry.Key,
            entry => new Resource(entry.Key, (string)entry.Value!["Type"]!, entry.Value["Properties"]?.AsObject() ?? []),
            StringComparer.Ordinal);
        foreach (var (name, parameter) in Section(root, "Parameters"))
        {
            if (parameter!["Default"] is { } value)
            {
                _parameters[name] = value.ToString();
            }
        }
    }

    /// <summary>All resources.</summary>
    public IReadOnlyCollection<Resource> Resources => _resources.Values;

    /// <summary>The resource with this logical id.</summary>
    public Resource this[string id] => _resources[id];

    /// <summary>Reads a template's file.</summary>
    public static Template Read(string path) => Parse(File.ReadAllText(path));

    /// <summary>Reads a template's text.</summary>
    public static Template Parse(string json) => new(JsonNode.Parse(json)!.AsObject());

    /// <summary>The resources of one type.</summary>
    public IEnumerable<Resource> OfType(string type) => Resources.Where(resource => resource.Type == type);

    /// <summary>
    /// Replaces all intrinsic functions. <paramref name="physical"/> says what <c>Id</c> (Ref) and <c>Id.Attribute</c> (GetAtt) are;
    /// what it does not know, such as a log group, gets a name and an ARN made of its logical id.
    /// </summary>
    public JsonNode? Resolve(JsonNode? node, IReadOnlyDictionary<string, string> physical) => node switch
    {
        JsonObject { Count: 1 } call when call.First() is ({ } name, { } argument) && IsIntrinsic(name) => Call(name, argument, physical),
        JsonObject map => new JsonObject(
            map.Select(entry => KeyValuePair.Create(entry.Key, Resolve(entry.Value, physical))).Where(entry => entry.Value is not null)),
        JsonArray list => new JsonArray([.. list.Select(each => Resolve(each, physical)).Where(each => each is not null)]),
        _ => node?.DeepClone(),
    };

    private static bool IsIntrinsic(string name) => name == "Ref" || name.StartsWith("Fn::", StringComparison.Ordinal);

    private static JsonObject Section(JsonObject root, string name) => root[name]?.AsObject() ?? [];

    private JsonNode? Call(string name, JsonNode argument, IReadOnlyDictionary<string, string> physical)
    {
        switch (name)
        {
            case "Ref":
                return (string)argument! == "AWS::NoValue" ? null : Reference((string)argument!, physical);
            case "Fn::GetAtt":
                return argument is JsonArray path
                    ? Attribute((string)path[0]!, (string)path[1]!, physical)
                    : Reference((string)argument!, physical);
            case "Fn::Join":
                return string.Join((string)argument[0]!, List(argument[1]!).Select(each => each!.ToString()));
            case "Fn::Split":
                return new JsonArray([.. Text(argument[1]!).Split((string)argument[0]!).Select(each => JsonValue.Create(each))]);
            case "Fn::Select":
                return List(argument[1]!)[int.Parse(argument[0]!.ToString(), System.Globalization.CultureInfo.InvariantCulture)]!.DeepClone();
            case "Fn::Sub":
                var names = argument is JsonArray withNames ? Resolve(withNames[1], physical)!.AsObject() : [];
                return Substitution().Replace(
                    (string)(argument is JsonArray both ? both[0]! : argument)!,
                    match => match.Groups["name"].Value is var inner && inner.StartsWith('!')
                        ? $"${{{inner[1..]}}}"
                        : names[inner]?.ToString() ?? Reference(inner, physical));
            default:
                throw new NotSupportedException($"{name} is not understood");
        }

        JsonArray List(JsonNode of) => Resolve(of, physical)!.AsArray();

        string Text(JsonNode of) => Resolve(of, physical)!.ToString();
    }

    private string Reference(string name, IReadOnlyDictionary<string, string> physical)
    {
        if (physical.TryGetValue(name, out var value) || _parameters.TryGetValue(name, out value))
        {
            return value;
        }

        if (name.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot)
        {
            return Attribute(name[..dot], name[(dot + 1)..], physical);
        }

        return _resources.ContainsKey(name) ? name : throw new KeyNotFoundException($"the template refers to {name}, which it does not have");
    }

    private string Attribute(string id, string attribute, IReadOnlyDictionary<string, string> physical)
    {
        if (physical.TryGetValue($"{id}.{attribute}", out var value))
        {
            return value;
        }

        if (!_resources.TryGetValue(id, out var resource))
        {
            throw new KeyNotFoundException($"the template refers to {id}.{attribute}, which it does not have");
        }

        return attribute.EndsWith("Arn", StringComparison.Ordinal)
            ? Arns.Of(resource.Type.Split("::")[1].ToLowerInvariant(), id)
            : $"{id}.{attribute}";
    }

    [GeneratedRegex(@"\$\{(?<name>[^}]+)\}", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Substitution();
}
