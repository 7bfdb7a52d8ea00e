using System.Runtime.CompilerServices;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;

namespace Raktar.Storage.Aws;

/// <summary>Answers of many pages. A page ends after 1 MB, also with no item in it; only a missing key says that it was the last.</summary>
internal static class DynamoPages
{
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
