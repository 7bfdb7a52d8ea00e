using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Raktar.Infra.Specs;

#pragma warning disable CA1507 // the names in quotes are CloudFormation's

/// <summary>A CloudFormation template, read by resource. Logical ids are used without the hash that the CDK puts behind them.</summary>
public sealed partial class Template(string json)
{
    private readonly JsonObject _root = JsonNode.Parse(json)!.AsObject();

    /// <summary>As it was written.</summary>
    public string Json { get; } = json;

    /// <summary>All resources, by id.</summary>
    public IEnumerable<(string Id, JsonNode Resource)> Resources => _root["Resources"]!.AsObject().Select(pair => (Short(pair.Key), pair.Value!));

    /// <summary>The properties of one resource.</summary>
    public JsonNode this[string id] => Resource(id)["Properties"]!;

    /// <summary>The outputs, as text.</summary>
    public IReadOnlyDictionary<string, string> Outputs =>
        _root["Outputs"]!.AsObject().ToDictionary(pair => pair.Key, pair => Text(pair.Value!["Value"]));

    /// <summary>One resource.</summary>
    public JsonNode Resource(string id) => Resources.Single(each => each.Id == id).Resource;

    /// <summary>The properties of all resources of a type, by id.</summary>
    public IReadOnlyList<(string Id, JsonNode Properties)> OfType(string type) =>
        [.. Resources.Where(each => (string?)each.Resource["Type"] == type).Select(each => (each.Id, each.Resource["Properties"]!))];

    /// <summary>
    /// A value with its references written as <c>${Id}</c> and <c>${Id.Attribute}</c>; what is no text, as JSON.
    /// </summary>
    public static string Text(JsonNode? value) => value switch
    {
        null => "",
        JsonValue text when text.TryGetValue<string>(out var s) => s,
        JsonObject o when o["Ref"] is { } id => $"${{{Short((string)id!)}}}",
        JsonObject o when o["Fn::GetAtt"] is JsonArray path => $"${{{Short((string)path[0]!)}.{path[1]}}}",
        JsonObject o when o["Fn::Join"] is JsonArray join => string.Join((string)join[0]!, join[1]!.AsArray().Select(Text)),
        JsonObject o when o["Fn::Sub"] is { } sub => Text(sub),
        _ => value.ToJsonString(),
    };

    /// <summary>A value that may be one text or a list of them.</summary>
    public static IReadOnlyList<string> Texts(JsonNode? value) => value is JsonArray list ? [.. list.Select(Text)] : [Text(value)];

    private static string Short(string id) => IdHash().Replace(id, "");

    [GeneratedRegex("[0-9A-F]{8}$", RegexOptions.None, 1000)]
    private static partial Regex IdHash();
}

/// <summary>One statement of a policy, as text.</summary>
/// <param name="Owner">The resource that holds the policy.</param>
/// <param name="Effect"><c>Allow</c> or <c>Deny</c>.</param>
/// <param name="Actions">What.</param>
/// <param name="Resources">On what.</param>
/// <param name="Principal">Who, in policies of resources.</param>
/// <param name="Condition">When; empty: always.</param>
public sealed record Statement(
    string Owner, string Effect, IReadOnlyList<string> Actions, IReadOnlyList<string> Resources, string Principal, string Condition)
{
    /// <summary>Every statement of every policy in a template.</summary>
    public static IReadOnlyList<Statement> All(Template template) =>
    [
        .. from resource in template.Resources
           from statement in Find(resource.Resource)
           select new Statement(
               resource.Id,
               Template.Text(statement["Effect"]),
               Template.Texts(statement["Action"]),
               Template.Texts(statement["Resource"]),
               Template.Text(statement["Principal"]),
               Conditions(statement["Condition"])),
    ];

    /// <summary>In one line: actions, resources, condition.</summary>
    public override string ToString() =>
        $"{string.Join(' ', Actions)} on {string.Join(' ', Resources)}{(Condition.Length == 0 ? "" : $" when {Condition}")}";

    private static IEnumerable<JsonNode> Find(JsonNode? node) => node switch
    {
        JsonObject o when o.ContainsKey("Effect") => [o],
        JsonObject o => o.SelectMany(pair => Find(pair.Value)),
        JsonArray a => a.SelectMany(Find),
        _ => [],
    };

    private static string Conditions(JsonNode? condition) => condition is null
        ? ""
        : string.Join(" and ", from test in condition.AsObject()
                               from key in test.Value!.AsObject()
                               select $"{key.Key} {test.Key} {string.Join('|', Template.Texts(key.Value))}");
}
