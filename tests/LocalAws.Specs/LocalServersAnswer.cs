using Amazon.DynamoDBv2;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;

namespace Raktar.LocalAws.Specs;

public sealed class LocalServersAnswer
{
    private static readonly BasicAWSCredentials Credentials = new(LocalServers.AccessKey, LocalServers.SecretKey);

    [Fact]
    public async Task DynamoDb()
    {
        var servers = await LocalServers.Start();
        using var dynamo = new AmazonDynamoDBClient(Credentials, new AmazonDynamoDBConfig { ServiceURL = servers.DynamoDbUrl });
        await dynamo.ListTablesAsync();
    }

    [Fact]
    public async Task S3()
    {
        var servers = await LocalServers.Start();
        using var s3 = new AmazonS3Client(Credentials, new AmazonS3Config { ServiceURL = servers.S3Url, ForcePathStyle = true });
        await s3.PutBucketAsync("smoke");
        await s3.PutObjectAsync(new PutObjectRequest { BucketName = "smoke", Key = "a/b", ContentBody = "hello", UseChunkEncoding = false });
        using var got = await s3.GetObjectAsync("smoke", "a/b");
        using var reader = new StreamReader(got.ResponseStream);
        Assert.Equal("hello", await reader.ReadToEndAsync());
    }
}
