using System.Net;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Raktar.Application.Ports;

namespace Raktar.Storage.Aws;

/// <summary>
/// Blobs as objects under their key. An upload waits in a temporary file until it is known to be welcome, then goes up in one put with its SHA-256, which
/// S3 checks (https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html), on condition that the key is free. Checkpoints have a
/// bucket of their own, which locks what is in it; there S3 insists on the checksum.
/// </summary>
internal sealed class S3BlobStore(IAmazonS3 s3, string bucket, string checkpointsBucket, bool isEncrypted, TimeProvider time) : IBlobStore, IDependency
{
    // Long enough for a slow client to begin its download, short enough for a link that leaks.
    private static readonly TimeSpan LinkLife = TimeSpan.FromMinutes(15);

    private readonly AwsCalls _calls = new("blobs", TimeSpan.FromSeconds(20));

    public string Name => "blobs";

    public ValueTask<IStagedBlob> Stage(CancellationToken cancellationToken) => new(new StagedObject(this));

    public async ValueTask<Stream?> Open(BlobKey key, CancellationToken cancellationToken)
    {
        try
        {
            var found = await _calls.Make(limit => s3.GetObjectAsync(BucketOf(key), key.Path, limit), cancellationToken, e => e is NoSuchKeyException);
            return new S3Blob(found);
        }
        catch (NoSuchKeyException)
        {
            return null;
        }
    }

    public Uri? Link(BlobKey key)
    {
        var link = new GetPreSignedUrlRequest
        {
            BucketName = BucketOf(key),
            Key = key.Path,
            Verb = HttpVerb.GET,
            Expires = (time.GetUtcNow() + LinkLife).UtcDateTime,
            Protocol = isEncrypted ? Protocol.HTTPS : Protocol.HTTP,
        };
        try
        {
            // Signing asks nobody; only the credentials may be out of reach.
            return new(s3.GetPreSignedURL(link));
        }
        catch (AmazonClientException e)
        {
            throw new StoreUnavailableException(Name, e);
        }
    }

    public async IAsyncEnumerable<BlobKey> Checkpoints([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var list = new ListObjectsV2Request { BucketName = checkpointsBucket, Prefix = "checkpoints/" };
        do
        {
            var page = await _calls.Make(limit => s3.ListObjectsV2Async(list, limit), cancellationToken);
            foreach (var key in (page.S3Objects ?? []).Select(found => BlobKey.FindCheckpoint(found.Key)).OfType<BlobKey>())
            {
                yield return key;
            }

            list.ContinuationToken = page.NextContinuationToken;
        }
        while (list.ContinuationToken is not null);
    }

    /// <summary>In a bucket that keeps versions, as the stack's does, the bytes remain as an older version under a delete marker.</summary>
    public async Task Remove(BlobKey key, CancellationToken cancellationToken) =>
        await _calls.Make(limit => s3.DeleteObjectAsync(bucket, key.Path, limit), cancellationToken);

    public async Task Probe(CancellationToken cancellationToken) =>
        await _calls.Make(limit => s3.HeadBucketAsync(new() { BucketName = bucket }, limit), cancellationToken);

    private string BucketOf(BlobKey key) => key.IsCheckpoint ? checkpointsBucket : bucket;

    private async Task Put(BlobKey key, Stream bytes, CancellationToken cancellationToken)
    {
        var checksum = Convert.ToBase64String(Convert.FromHexString(key.Checksum.Hex));
        try
        {
            await _calls.Make(
                limit =>
                {
                    bytes.Position = 0;
                    var put = new PutObjectRequest
                    {
                        BucketName = BucketOf(key),
                        Key = key.Path,
                        InputStream = bytes,
                        AutoCloseStream = false,
                        UseChunkEncoding = false,
                        ChecksumSHA256 = checksum,
                        ContentType = "application/octet-stream",
                        // A blob is never written over: the same key means the same bytes, and those are there already.
                        IfNoneMatch = "*",
                    };
                    return s3.PutObjectAsync(put, limit);
                },
                cancellationToken,
                e => e.StatusCode == HttpStatusCode.PreconditionFailed);
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.PreconditionFailed)
        {
            // It is there: put by an earlier publish, a rival, or our own attempt whose answer was lost.
        }
    }

    private sealed class StagedObject(S3BlobStore store) : IStagedBlob
    {
        private readonly FileStream _file = new(Path.GetTempFileName(), new FileStreamOptions
        {
            Mode = FileMode.Open,
            Access = FileAccess.ReadWrite,
            Options = FileOptions.DeleteOnClose,
            BufferSize = 0,
        });

        public ValueTask Write(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) => _file.WriteAsync(bytes, cancellationToken);

        public Stream Read()
        {
            _file.Position = 0;
            return _file;
        }

        public ValueTask<int> ReadAt(long offset, Memory<byte> buffer, CancellationToken cancellationToken) =>
            RandomAccess.ReadAsync(_file.SafeFileHandle, buffer, offset, cancellationToken);

        public async Task Keep(BlobKey key, CancellationToken cancellationToken)
        {
            _file.Position = 0;
            // Before it goes anywhere: a key must not be taken by other bytes.
            if (!Convert.ToHexStringLower(await SHA256.HashDataAsync(_file, cancellationToken)).Equals(key.Checksum.Hex, StringComparison.Ordinal))
            {
                throw new InvalidOperationException($"{key.Path} is not what was staged");
            }

            await store.Put(key, _file, cancellationToken);
        }

        public ValueTask DisposeAsync() => _file.DisposeAsync();
    }
}
