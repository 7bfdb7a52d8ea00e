using System.Globalization;
using System.Runtime.CompilerServices;
using Amazon.DynamoDBv2;
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

    // Answers of many pages: a page ends after 1 MB, also with no item in it; only a missing key says that it was the last.

    /// <summary>All items of a query.</summary>
    public static IAsyncEnumerable<Dictionary<string, AttributeValue>> QueryAll(
        this IAmazonDynamoDB dynamo, AwsCalls calls, QueryRequest query, CancellationToken cancellationToken) => All(
        async start =>
        {
            query.ExclusiveStartKey = start;
            var page = await calls.Make(limit => dynamo.QueryAsync(query, limit), cancellationToken);
            return (page.Items, page.LastEvaluatedKey);
        },
        cancellationToken);

    /// <summary>All items of a scan.</summary>
    public static IAsyncEnumerable<Dictionary<string, AttributeValue>> ScanAll(
        this IAmazonDynamoDB dynamo, AwsCalls calls, ScanRequest scan, CancellationToken cancellationToken) => All(
        async start =>
        {
            scan.ExclusiveStartKey = start;
            var page = await calls.Make(limit => dynamo.ScanAsync(scan, limit), cancellationToken);
            return (page.Items, page.LastEvaluatedKey);
        },
        cancellationToken);

    private static async IAsyncEnumerable<Dictionary<string, AttributeValue>> All(
        Func<Dictionary<string, AttributeValue>?, Task<(List<Dictionary<string, AttributeValue>>? Items, Dictionary<string, AttributeValue>? Last)>> page,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Dictionary<string, AttributeValue>? next = null;
        do
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (items, last) = await page(next);
            foreach (var item in items ?? [])
            {
                yield return item;
            }

            next = last;
        }
        while (next is { Count: > 0 });
    }
}
