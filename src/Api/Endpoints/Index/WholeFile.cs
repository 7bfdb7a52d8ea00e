using Raktar.Api.Http;

namespace Raktar.Api.Endpoints.Index;

/// <summary>
/// A whole file as the answer. A build waits for hundreds of them, and what the framework has for files, ranges and conditions costs more than the bytes.
/// </summary>
internal sealed class WholeFile(Stream content, string contentType) : IResult
{
    /// <summary>Whether a request wants all of a file, whatever it has of it already.</summary>
    public static bool Suits(HttpRequest request) =>
        request.Headers is { Range.Count: 0, IfNoneMatch.Count: 0, IfMatch.Count: 0, IfModifiedSince.Count: 0, IfUnmodifiedSince.Count: 0 };

    public async Task ExecuteAsync(HttpContext context)
    {
        await using (content)
        {
            var (response, length) = (context.Response, content.Length);
            response.ContentType = contentType;
            response.ContentLength = length;
            response.Headers.AcceptRanges = "bytes";
            if (!HttpMethods.IsHead(context.Request.Method))
            {
                await response.WriteFile(content, context.RequestAborted);
            }
        }
    }
}
