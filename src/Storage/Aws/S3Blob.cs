using Amazon.Runtime;
using Amazon.S3.Model;
using Raktar.Application.Ports;

namespace Raktar.Storage.Aws;

/// <summary>An object while it is read: its length is known, it cannot seek.</summary>
internal sealed class S3Blob(GetObjectResponse found) : ForwardStream
{
    public override long Length => found.ContentLength;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            return await found.ResponseStream.ReadAsync(buffer, cancellationToken);
        }
        catch (Exception e) when (e is IOException or HttpRequestException or AmazonClientException)
        {
            throw new StoreUnavailableException("blobs", e);
        }
    }

    protected override void Dispose(bool disposing)
    {
        found.Dispose();
        base.Dispose(disposing);
    }
}
