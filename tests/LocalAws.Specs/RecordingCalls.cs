using System.Net;
using Amazon.DynamoDBv2.Model;
using Amazon.S3;
using Amazon.S3.Model;

namespace Raktar.LocalAws.Specs;

public sealed class RecordingCalls : IAsyncLifetime
{
    private AwsProxy _proxy = null!;

    public async Task InitializeAsync() => _proxy = await AwsProxy.Start("someone");

    public async Task DisposeAsync() => await _proxy.DisposeAsync();

    [Fact]
    public async Task DynamoDb_calls_with_table_index_and_partition_keys()
    {
        using var dynamo = Clients.DynamoDb(_proxy.Url);
        var table = await Clients.EventsTable();
        _proxy.Forget();

        await dynamo.PutItemAsync(table, new() { ["stream"] = Clients.S("crate/foo"), ["first"] = Clients.N(1) });
        await dynamo.GetItemAsync(table, new() { ["stream"] = Clients.S("crate/bar"), ["first"] = Clients.N(1) });
        await dynamo.QueryAsync(new QueryRequest(table)
        {
            KeyConditionExpression = "#s = :s AND #f > :f",
            ExpressionAttributeNames = new() { ["#s"] = "stream", ["#f"] = "first" },
            ExpressionAttributeValues = new() { [":s"] = Clients.S("crate/foo"), [":f"] = Clients.N(0) },
        });
        await dynamo.QueryAsync(new QueryRequest(table)
        {
            IndexName = "by-month",
            KeyConditionExpression = "#m=:month",
            ExpressionAttributeNames = new() { ["#m"] = "month" },
            ExpressionAttributeValues = new() { [":month"] = Clients.S("2026-11") },
        });

        Assert.Equal(
            [
                $"someone: PutItem {table} [crate/foo] -> 200",
                $"someone: GetItem {table} [crate/bar] -> 200",
                $"someone: Query {table} [crate/foo] -> 200",
                $"someone: Query {table}/by-month [2026-11] -> 200",
            ],
            _proxy.Calls.Select(call => $"{call}"));
    }

    [Fact]
    public async Task S3_calls_with_bucket_and_key()
    {
        using var s3 = Clients.S3(_proxy.Url);
        var bucket = Clients.Unique("bucket");
        await s3.PutBucketAsync(bucket);
        const string key = "crates/foo/1.0.0+b~1/x.crate";
        await s3.PutObjectAsync(new PutObjectRequest { BucketName = bucket, Key = key, ContentBody = "hello" });
        await s3.GetObjectMetadataAsync(bucket, key);
        using (var got = await s3.GetObjectAsync(bucket, key))
        using (var reader = new StreamReader(got.ResponseStream))
        {
            Assert.Equal("hello", await reader.ReadToEndAsync());
        }

        Assert.Equal([key], (await s3.ListObjectsV2Async(new() { BucketName = bucket })).S3Objects.Select(o => o.Key));
        await s3.DeleteObjectAsync(bucket, key);
        var missing = await Assert.ThrowsAnyAsync<AmazonS3Exception>(() => s3.GetObjectAsync(bucket, key));
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);

        Assert.Equal(
            [
                ("CreateBucket", "s3:CreateBucket", null, 200),
                ("PutObject", "s3:PutObject", key, 200),
                ("HeadObject", "s3:GetObject", key, 200),
                ("GetObject", "s3:GetObject", key, 200),
                ("ListObjectsV2", "s3:ListBucket", null, 200),
                ("DeleteObject", "s3:DeleteObject", key, 204),
                ("GetObject", "s3:GetObject", key, 404),
            ],
            _proxy.Calls.Select(call => (call.Operation, call.Action, call.Key, call.Status)));
        Assert.All(_proxy.Calls, call => Assert.Equal(bucket, call.Bucket));
    }

    [Fact]
    public async Task A_checksum_and_whether_it_was_right()
    {
        using var s3 = Clients.S3(_proxy.Url);
        var bucket = Clients.Unique("bucket");
        await s3.PutBucketAsync(bucket);
        await s3.PutObjectAsync(Put("right", "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ="));
        await s3.PutObjectAsync(new() { BucketName = bucket, Key = "calculated", ContentBody = "hello", ChecksumAlgorithm = ChecksumAlgorithm.SHA256 });
        var wrong = await Assert.ThrowsAnyAsync<AmazonS3Exception>(() => s3.PutObjectAsync(Put("wrong", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")));

        Assert.Equal("BadDigest", wrong.ErrorCode);
        Assert.Equal(
            [("right", true), ("calculated", true), ("wrong", false)],
            _proxy.Calls.Where(call => call.Sha256 is not null).Select(call => (call.Key, call.Sha256IsRight)));

        PutObjectRequest Put(string key, string sha256) =>
            new() { BucketName = bucket, Key = key, ContentBody = "hello", ChecksumSHA256 = sha256, UseChunkEncoding = false };
    }

    [Fact]
    public async Task A_presigned_url_needs_nothing_else_and_nothing_else_goes_unsigned()
    {
        using var s3 = Clients.S3(_proxy.Url);
        var bucket = Clients.Unique("bucket");
        await s3.PutBucketAsync(bucket);
        await s3.PutObjectAsync(new() { BucketName = bucket, Key = "a", ContentBody = "hello" });
        var url = await s3.GetPreSignedURLAsync(new()
        {
            BucketName = bucket,
            Key = "a",
            Verb = HttpVerb.GET,
            Protocol = Protocol.HTTP,
            Expires = TimeProvider.System.GetUtcNow().UtcDateTime.AddMinutes(5),
        });
        using var client = new HttpClient();
        using var get = new HttpRequestMessage(HttpMethod.Get, url);
        using var both = new HttpRequestMessage(HttpMethod.Get, url) { Headers = { { "Authorization", "a-registry-token" } } };

        Assert.StartsWith(_proxy.Url, url, StringComparison.Ordinal);
        Assert.Equal("hello", await (await client.SendAsync(get)).Content.ReadAsStringAsync());
        Assert.True(_proxy.Calls[^1].Presigned);
        Assert.Equal(HttpStatusCode.BadRequest, (await client.SendAsync(both)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await client.GetAsync(new Uri($"{_proxy.Url}/{bucket}/a"))).StatusCode);
    }

    [Fact]
    public async Task What_is_not_allowed_is_denied()
    {
        using var dynamo = Clients.DynamoDb(_proxy.Url);
        using var s3 = Clients.S3(_proxy.Url);
        var (table, bucket) = (await Clients.EventsTable(), Clients.Unique("bucket"));
        await s3.PutBucketAsync(bucket);
        _proxy.Allows = call => call.Operation is "GetObject";

        var denied = await Assert.ThrowsAnyAsync<Amazon.DynamoDBv2.AmazonDynamoDBException>(() => dynamo.PutItemAsync(table, []));
        Assert.Equal("AccessDeniedException", denied.ErrorCode);
        var listing = await Assert.ThrowsAnyAsync<AmazonS3Exception>(() => s3.ListObjectsV2Async(new() { BucketName = bucket }));
        Assert.Equal("AccessDenied", listing.ErrorCode);
        // As in AWS: who may not list does not learn what is missing.
        var missing = await Assert.ThrowsAnyAsync<AmazonS3Exception>(() => s3.GetObjectAsync(bucket, "missing"));
        Assert.Equal(HttpStatusCode.Forbidden, missing.StatusCode);
    }
}
