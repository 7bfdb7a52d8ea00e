using System.Globalization;
using Amazon.DynamoDBv2.Model;

namespace Raktar.Storage.Aws;

/// <summary>What the tables have in common.</summary>
internal static class DynamoItems
{
    /// <summary>
    /// How far back who follows a table by time looks: the time of an item is taken before it is written, on machines whose clocks differ a little.
    /// </summary>
    public static readonly TimeSpan Overlap = TimeSpan.FromMinutes(2);

    /// <summary>A number as DynamoDB has it.</summary>
    public static AttributeValue Number(long number) => new() { N = number.ToString(CultureInfo.InvariantCulture) };

    /// <summary>The number in an attribute.</summary>
    public static long Number(this Dictionary<string, AttributeValue> item, string attribute) => long.Parse(item[attribute].N, CultureInfo.InvariantCulture);
}
