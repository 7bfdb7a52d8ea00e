namespace Raktar.Api.Endpoints.Index;

/// <summary>
/// A whole file of some kilobytes as the answer, in one read and one write. Most crate files are that small, and a build waits for hundreds of them; what the
/// framework has for files, ranges and conditions costs more than the bytes.
/// </summary>
internal sealed class SmallFile(Stream content, string contentType) : IResult
{
    private const int MostBytes = 128 * 1024;

    /// <summary>Whether a request wants all of a file that is small enough.</summary>
    public static bool Suits(HttpRequest request, Stream content) =>
        content.CanSeek && content.Length <= MostBytes
        && request.Headers is { Range.Count: 0, IfNoneMatch.Count: 0, IfMatch.Count: 0, IfModifiedSince.Count: 0, IfUnmodifiedSince.Count: 0 };

    public async Task ExecuteAsync(HttpContext context)
    {
        await using (content)
        {
            var (response, length) = (context.Response, (int)content.Length);
            response.ContentType = contentType;
            response.ContentLength = length;
            response.Headers.AcceptRanges = "bytes";
            if (HttpMethods.IsHead(context.Request.Method) || length == 0)
            {
                return;
            }

            // Started, the response hands out the connection's own memory.
            await response.StartAsync(context.RequestAborted);
            await content.ReadExactlyAsync(response.BodyWriter.GetMemory(length)[..length], context.RequestAborted);
            response.BodyWriter.Advance(length);
            await response.BodyWriter.FlushAsync(context.RequestAborted);
        }
    }
}
