using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Amazon.Runtime;
using Amazon.S3;

namespace Raktar.LocalAws.Specs;

/// <summary>The SDK's clients as the program makes them, without its retries.</summary>
internal static class Clients
{
    private static readonly BasicAWSCredentials Credentials = new(LocalServers.AccessKey, LocalServers.SecretKey);

    public static AmazonDynamoDBClient DynamoDb(string url) => new(
        Credentials,
        new AmazonDynamoDBConfig { ServiceURL = url, MaxErrorRetry = 0, Timeout = TimeSpan.FromSeconds(2) });

    public static AmazonS3Client S3(string url) => new(
        Credentials,
        new AmazonS3Config { ServiceURL = url, ForcePathStyle = true, MaxErrorRetry = 0, Timeout = TimeSpan.FromSeconds(2) });

    public static string Unique(string word) => $"{word}-{Guid.NewGuid():N}";

    public static AttributeValue S(string value) => new() { S = value };

    public static AttributeValue N(int value) => new() { N = $"{value}" };

    /// <summary>An events table.</summary>
    public static async Task<string> EventsTable()
    {
        var name = Unique("events");
        await LocalTables.Create(await LocalServers.Start(), "Events", name);
        return name;
    }
}
