using Microsoft.Extensions.Primitives;
using Raktar.Api.Http;
using Raktar.Application.Crates.Views;

namespace Raktar.Api.Endpoints.Index;

/// <summary>Writes index files: precomputed bytes, ETag, 304, gzip when asked for.</summary>
internal static class IndexFileAnswers
{
    // Always asked again: a publish or a yank must show at once.
    private static readonly StringValues SharedCaching = "public, no-cache";
    private static readonly StringValues SharedVary = "Accept-Encoding";
    private static readonly StringValues OwnCaching = "private, no-cache";
    private static readonly StringValues OwnVary = "Authorization, Accept-Encoding";

    /// <summary>Answers <c>config.json</c>.</summary>
    public static Task AnswerConfig(this HttpContext context, byte[] body, bool isForAll)
    {
        context.Response.ContentType = "application/json";
        Share(context, isForAll);
        return Write(context, body);
    }

    /// <summary>Answers an index file.</summary>
    public static Task AnswerIndexFile(this HttpContext context, IServedIndexFile file, bool isForAll)
    {
        var response = context.Response;
        var gzip = context.Request.TakesGzip();
        response.Headers.ETag = gzip ? file.GzipETag : file.ETag;
        Share(context, isForAll);
        if (Matches(context.Request.Headers.IfNoneMatch, file))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        response.ContentType = "text/plain; charset=utf-8";
        if (gzip)
        {
            response.Headers.ContentEncoding = "gzip";
        }

        return !gzip && file.Gzip.Count > 1 ? Write(context, file.Lines, file.Length)
            : !gzip ? Write(context, file.Body)
            : file.Gzip.Count == 1 ? Write(context, file.Gzip[0])
            : Write(context, file.Gzip, file.GzipLength);
    }

    /// <summary>What somebody known is answered may be of a restricted crate: no cache of several people's may keep it.</summary>
    private static void Share(HttpContext context, bool isForAll)
    {
        context.Response.Headers.CacheControl = isForAll ? SharedCaching : OwnCaching;
        context.Response.Headers.Vary = isForAll ? SharedVary : OwnVary;
    }

    private static Task Write(HttpContext context, ReadOnlyMemory<byte> body)
    {
        context.Response.ContentLength = body.Length;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : context.Response.WritePieces(body, context.RequestAborted);
    }

    private static async Task Write(HttpContext context, IEnumerable<ReadOnlyMemory<byte>> pieces, long length)
    {
        context.Response.ContentLength = length;
        if (HttpMethods.IsHead(context.Request.Method))
        {
            return;
        }

        foreach (var piece in pieces)
        {
            await context.Response.WritePieces(piece, context.RequestAborted);
        }
    }

    private static bool Matches(StringValues ifNoneMatch, IServedIndexFile file)
    {
        foreach (var header in ifNoneMatch)
        {
            // Contains also finds a weak form, W/"...", which is what a cache in between may have made of it.
            if (header is not null && (header.Contains(file.ETag, StringComparison.Ordinal) || header.Contains(file.GzipETag, StringComparison.Ordinal)))
            {
                return true;
            }
        }

        return false;
    }
}
