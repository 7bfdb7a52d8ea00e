using System.Text.Json.Nodes;
using Amazon.CDK.AWS.DynamoDB;
using Constructs;
using Attribute = Amazon.CDK.AWS.DynamoDB.Attribute;

namespace Raktar.Infra;

/// <summary>
/// The keys and indexes of the tables are told once, in tables.json: the specs and benchmarks make their local tables of it (tests/LocalAws/LocalTables.cs). How a
/// table is kept is said where it is made.
/// </summary>
internal static class Tables
{
    private static readonly JsonObject All = JsonNode.Parse(typeof(Tables).Assembly.GetManifestResourceStream("tables.json")!)!.AsObject();

    /// <summary>The names of a table's indexes.</summary>
    public static IEnumerable<string> IndexesOf(string table) => Indexes(table).Select(index => index.Key);

    /// <summary>Makes a table, which is paid by request, with its keys and indexes.</summary>
    public static Table Create(Construct scope, string table, TableProps props)
    {
        var (hash, range) = Keys((string)All[table]!["keys"]!);
        (props.PartitionKey, props.SortKey, props.BillingMode) = (hash, range, BillingMode.PAY_PER_REQUEST);
        var made = new Table(scope, table, props);
        foreach (var (name, keys) in Indexes(table))
        {
            var (indexHash, indexRange) = Keys((string)keys!);
            made.AddGlobalSecondaryIndex(new GlobalSecondaryIndexProps
            {
                IndexName = name,
                PartitionKey = indexHash,
                SortKey = indexRange,
                ProjectionType = Enum.Parse<ProjectionType>((string)All[table]!["projection"]!),
            });
        }

        return made;
    }

    private static JsonObject Indexes(string table) => All[table]!["indexes"]?.AsObject() ?? [];

    private static (Attribute Hash, Attribute? Range) Keys(string text) => text.Split(' ') is [var hash, .. var range]
        ? (Key(hash), range.Select(Key).SingleOrDefault())
        : throw new FormatException($"`{text}` names no key");

    private static Attribute Key(string text) => text.Split(':') switch
    {
        [var name, "S"] => new() { Name = name, Type = AttributeType.STRING },
        [var name, "N"] => new() { Name = name, Type = AttributeType.NUMBER },
        _ => throw new FormatException($"`{text}` is no attribute and its type"),
    };
}
