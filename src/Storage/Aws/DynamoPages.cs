using System.Runtime.CompilerServices;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;

namespace Raktar.Storage.Aws;

/// <summary>Answers of many pages. A page ends after 1 MB, also with no item in it; only a missing key says that it was the last.</summary>
internal static class DynamoPages
{
    /// <summary>All items of a query.</summary>
    public static async IAsyncEnumerable<Dictionary<string, AttributeValue>> QueryAll(
        this IAmazonDynamoDB dynamo, AwsCalls calls, QueryRequest query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        do
        {
            var page = await calls.Make(limit => dynamo.QueryAsync(query, limit), cancellationToken);
            foreach (var item in page.Items ?? [])
            {
                yield return item;
            }

            query.ExclusiveStartKey = page.LastEvaluatedKey;
        }
        while (query.ExclusiveStartKey is { Count: > 0 });
    }

    /// <summary>All items of a scan.</summary>
    public static async IAsyncEnumerable<Dictionary<string, AttributeValue>> ScanAll(
        this IAmazonDynamoDB dynamo, AwsCalls calls, ScanRequest scan, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        do
        {
            var page = await calls.Make(limit => dynamo.ScanAsync(scan, limit), cancellationToken);
            foreach (var item in page.Items ?? [])
            {
                yield return item;
            }

            scan.ExclusiveStartKey = page.LastEvaluatedKey;
        }
        while (scan.ExclusiveStartKey is { Count: > 0 });
    }
}
