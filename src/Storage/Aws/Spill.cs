using System.Net;
using Amazon.S3;
using Raktar.Application.Ports;

namespace Raktar.Storage.Aws;

/// <summary>The bodies of documents that are too large for a DynamoDB item, in the bucket under a name that no two contents share.</summary>
internal sealed class Spill(IAmazonS3 s3, string bucket)
{
    private readonly AwsCalls _calls = new("documents", TimeSpan.FromSeconds(20));

    /// <summary>Keeps a body; answers its place.</summary>
    public async Task<string> Put(DocumentKey key, long version, byte[] body, CancellationToken cancellationToken)
    {
        var place = $"documents/{key.Kind}/{key.Key}/{version}-{Domain.Checksum.Of(body).Hex[..16]}";
        await _calls.Make(
            limit => s3.PutObjectAsync(new() { BucketName = bucket, Key = place, InputStream = new MemoryStream(body), UseChunkEncoding = false }, limit),
            cancellationToken);
        return place;
    }

    /// <summary>The body there, or null when it was deleted. S3 tells who may not list the bucket that the object is forbidden, not that it is gone.</summary>
    public async Task<MemoryStream?> Get(string place, CancellationToken cancellationToken)
    {
        try
        {
            return await _calls.Make(
                async limit =>
                {
                    using var found = await s3.GetObjectAsync(bucket, place, limit);
                    var body = new MemoryStream();
                    await found.ResponseStream.CopyToAsync(body, limit);
                    body.Position = 0;
                    return body;
                },
                cancellationToken,
                e => e.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Forbidden);
        }
        catch (AmazonS3Exception)
        {
            return null;
        }
    }

    /// <summary>Deletes a body that no item names any more; should it fail, it is only litter.</summary>
    public async Task Delete(string place, CancellationToken cancellationToken)
    {
        try
        {
            await _calls.Make(limit => s3.DeleteObjectAsync(bucket, place, limit), cancellationToken);
        }
        catch (StoreUnavailableException)
        {
            // Litter.
        }
    }
}
