using System.IO.Enumeration;
using System.Text.Json.Nodes;

namespace Raktar.LocalAws;

/// <summary>One action on one resource that a policy allows; both may hold wildcards.</summary>
public sealed record Grant(string Action, string Resource);

/// <summary>
/// Decides by the policies of a role. A condition that is not in here is an error, so that none is taken for granted.
/// </summary>
public sealed class Iam
{
    private readonly List<Statement> _statements;

    /// <summary>Reads policy documents, resolved.</summary>
    public Iam(IEnumerable<JsonNode> documents) =>
        _statements = [.. documents.SelectMany(document => OneOrMany(document["Statement"])).Select(Read)];

    /// <summary>Whether the role may make this call.</summary>
    public bool Allows(AwsCall call) =>
        _statements.Exists(statement => statement.Allow && Applies(statement, call))
        && !_statements.Exists(statement => !statement.Allow && Applies(statement, call));

    /// <summary>What it allows on DynamoDB, S3 and KMS, although none of these calls needed it.</summary>
    public IReadOnlyList<Grant> Unused(IEnumerable<AwsCall> calls)
    {
        // To be told 404 takes the right to list.
        var needs = calls.SelectMany(call => call is { Action: "s3:GetObject", Status: 404 } ? [call, Listing(call)] : (AwsCall[])[call]).ToList();
        return
        [
            .. from statement in _statements
               where statement.Allow
               from action in statement.Actions
               where action.StartsWith("dynamodb:", StringComparison.Ordinal) || action.StartsWith("s3:", StringComparison.Ordinal)
                   || action.StartsWith("kms:", StringComparison.Ordinal)
               from resource in statement.Resources
               let grant = statement with { Actions = [action], Resources = [resource] }
               where !needs.Exists(call => Applies(grant, call))
               select new Grant(action, resource),
        ];
    }

    internal static AwsCall Listing(AwsCall call) => call with { Operation = "ListObjectsV2", Action = "s3:ListBucket", Key = null };

    private static bool Applies(Statement statement, AwsCall call) =>
        statement.Actions.Exists(action => Like(action, call.Action, ignoreCase: true))
        && statement.Resources.Exists(resource => Like(resource, ArnOf(call), ignoreCase: false))
        && statement.Conditions.TrueForAll(condition => Holds(condition, call));

    private static string ArnOf(AwsCall call) => call switch
    {
        { Service: "kms" } => call.Key ?? string.Empty,
        { Service: "s3", Key: null } => Arns.Bucket(call.Bucket ?? string.Empty),
        { Service: "s3" } => $"{Arns.Bucket(call.Bucket!)}/{call.Key}",
        { Index: not null } => $"{Arns.Table(call.Table!)}/index/{call.Index}",
        _ => Arns.Table(call.Table ?? string.Empty),
    };

    private static Statement Read(JsonNode? statement)
    {
        string[] understood = ["Sid", "Effect", "Action", "Resource", "Condition"];
        if (statement!["Principal"] is { } principal)
        {
            // In the policy of a bucket, where it is for everybody.
            if (principal.ToJsonString() != """{"AWS":"*"}""" || (string)statement["Effect"]! != "Deny")
            {
                throw new NotSupportedException($"{statement.ToJsonString()} is not understood");
            }

            understood = [.. understood, "Principal"];
        }

        if (statement!.AsObject().Select(field => field.Key).FirstOrDefault(field => !understood.Contains(field)) is { } unknown)
        {
            throw new NotSupportedException($"{unknown} is not understood in {statement.ToJsonString()}");
        }

        var conditions =
            from test in statement["Condition"]?.AsObject() ?? []
            from key in test.Value!.AsObject()
            where key.Key != "aws:SecureTransport"
            select new Condition(test.Key, key.Key, Texts(key.Value));
        return new((string)statement["Effect"]! == "Allow", Texts(statement["Action"]), Texts(statement["Resource"]), [.. conditions]);
    }

    private static bool Holds(Condition condition, AwsCall call)
    {
        IReadOnlyList<string> values = condition.Key switch
        {
            "dynamodb:LeadingKeys" => call.Keys,
            "s3:if-none-match" => call.IfNoneMatch is { } given ? [given] : [],
            _ => throw new NotSupportedException($"the condition key {condition.Key} is not understood"),
        };
        return condition.Test switch
        {
            "Null" when condition.Key == "s3:if-none-match" => condition.Values is ["true"] == (values.Count == 0),
            "StringLike" or "ForAnyValue:StringLike" => values.Any(Liked),
            "StringEquals" or "ForAnyValue:StringEquals" => values.Any(condition.Values.Contains),
            // True as well when there is no value at all: that is how AWS has it.
            "ForAllValues:StringLike" => values.All(Liked),
            "ForAllValues:StringEquals" => values.All(condition.Values.Contains),
            _ => throw new NotSupportedException($"the condition {condition.Test} is not understood"),
        };

        bool Liked(string value) => condition.Values.Exists(pattern => Like(pattern, value, ignoreCase: false));
    }

    // Happens to have just the wildcards of a policy: * and ?.
    private static bool Like(string pattern, string value, bool ignoreCase) =>
        FileSystemName.MatchesSimpleExpression(pattern, value, ignoreCase);

    private static JsonNode?[] OneOrMany(JsonNode? node) => node is JsonArray many ? [.. many] : [node];

    private static List<string> Texts(JsonNode? node) => [.. OneOrMany(node).Select(each => (string)each!)];

    private sealed record Condition(string Test, string Key, List<string> Values);

    private sealed record Statement(bool Allow, List<string> Actions, List<string> Resources, List<Condition> Conditions);
}
