using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Raktar.LocalAws;

/// <summary>Reads calls of S3, path style.</summary>
internal static class S3Calls
{
    public static AwsCall Read(string caller, HttpRequest request, ReadOnlySpan<byte> body)
    {
        var path = (request.Path.Value ?? "/")[1..];
        var slash = path.IndexOf('/', StringComparison.Ordinal);
        var bucket = slash < 0 ? path : path[..slash];
        var key = slash < 0 || slash == path.Length - 1 ? null : path[(slash + 1)..];
        var (operation, action) = key is null ? OnBucket(request, bucket) : OnObject(request);
        var sha256 = request.Headers["x-amz-checksum-sha256"] is [{ } given] ? given : null;
        return new AwsCall(caller, "s3", operation, $"s3:{action}")
        {
            Bucket = bucket.Length == 0 ? null : bucket,
            Key = key,
            Presigned = request.Query.ContainsKey("X-Amz-Signature"),
            Sha256 = sha256,
            IfNoneMatch = request.Headers.IfNoneMatch is [{ } condition] ? condition : null,
            Sha256IsRight = sha256 is not null && sha256 == Convert.ToBase64String(SHA256.HashData(body)),
        };
    }

    /// <summary>The SDK may send a body in chunks of its own (aws-chunked), which the local server cannot read: this takes them apart.</summary>
    /// <returns>The body, with the checksums that followed it put into the request's headers.</returns>
    public static byte[] Unchunk(HttpRequest request, byte[] body)
    {
        if (!request.Headers["x-amz-content-sha256"].ToString().StartsWith("STREAMING-", StringComparison.Ordinal))
        {
            return body;
        }

        using var content = new MemoryStream();
        var at = 0;
        while (Line() is { Length: > 0 } head)
        {
            var length = int.Parse(head.Split(';')[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            if (length == 0)
            {
                break;
            }

            content.Write(body, at, length);
            at += length + 2;
        }

        while (Line() is { Length: > 0 } trailer)
        {
            var colon = trailer.IndexOf(':', StringComparison.Ordinal);
            request.Headers[trailer[..colon]] = trailer[(colon + 1)..].Trim();
        }

        foreach (var name in (string[])["Content-Encoding", "x-amz-decoded-content-length", "x-amz-trailer"])
        {
            request.Headers.Remove(name);
        }

        request.Headers["x-amz-content-sha256"] = "UNSIGNED-PAYLOAD";
        return content.ToArray();

        string Line()
        {
            var length = body.AsSpan(at).IndexOf("\r\n"u8);
            var line = length < 0 ? string.Empty : Encoding.ASCII.GetString(body, at, length);
            at += line.Length + 2;
            return line;
        }
    }

    private static (string Operation, string Action) OnObject(HttpRequest request)
    {
        var query = request.Query;
        return request.Method switch
        {
            "GET" => ("GetObject", query.ContainsKey("versionId") ? "GetObjectVersion" : "GetObject"),
            "HEAD" => ("HeadObject", query.ContainsKey("versionId") ? "GetObjectVersion" : "GetObject"),
            "PUT" when query.ContainsKey("partNumber") => ("UploadPart", "PutObject"),
            "PUT" when request.Headers.ContainsKey("x-amz-copy-source") => ("CopyObject", "PutObject"),
            "PUT" => ("PutObject", "PutObject"),
            "DELETE" when query.ContainsKey("uploadId") => ("AbortMultipartUpload", "AbortMultipartUpload"),
            "DELETE" => ("DeleteObject", query.ContainsKey("versionId") ? "DeleteObjectVersion" : "DeleteObject"),
            "POST" when query.ContainsKey("uploads") => ("CreateMultipartUpload", "PutObject"),
            "POST" => ("CompleteMultipartUpload", "PutObject"),
            _ => (request.Method, request.Method),
        };
    }

    private static (string Operation, string Action) OnBucket(HttpRequest request, string bucket) => request.Method switch
    {
        "GET" when bucket.Length == 0 => ("ListBuckets", "ListAllMyBuckets"),
        "GET" when request.Query.ContainsKey("versions") => ("ListObjectVersions", "ListBucketVersions"),
        "GET" when request.Query["list-type"] == "2" => ("ListObjectsV2", "ListBucket"),
        "GET" => ("ListObjects", "ListBucket"),
        "HEAD" => ("HeadBucket", "ListBucket"),
        "PUT" => ("CreateBucket", "CreateBucket"),
        "DELETE" => ("DeleteBucket", "DeleteBucket"),
        "POST" when request.Query.ContainsKey("delete") => ("DeleteObjects", "DeleteObject"),
        _ => (request.Method, request.Method),
    };
}
