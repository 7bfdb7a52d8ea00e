using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Raktar.LocalAws;

/// <summary>A server that requests are handed on to, exactly as they came.</summary>
internal sealed class Upstream(string url) : IDisposable
{
    private static readonly UriCreationOptions AsItIs = new() { DangerousDisablePathAndQueryCanonicalization = true };

    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        // Shorter than the servers keep theirs, so that none is closed under a request.
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(2),
    })
    {
        Timeout = TimeSpan.FromMinutes(5),
    };

    /// <summary>The same request for this server; the Host stays, for it is part of what is signed and of what the program calls itself.</summary>
    public HttpRequestMessage Copy(HttpRequest request, byte[] body)
    {
        var message = Request(request.Method, request.HttpContext.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget);
        if (body.Length > 0 || request.ContentLength is not null)
        {
            message.Content = new ByteArrayContent(body);
        }

        foreach (var (name, values) in request.Headers.Where(header => !Web.IsPerConnection(header.Key) && header.Key != "Content-Length"))
        {
            if (!message.Headers.TryAddWithoutValidation(name, values.AsEnumerable()))
            {
                message.Content?.Headers.TryAddWithoutValidation(name, values.AsEnumerable());
            }
        }

        message.Headers.Host = request.Host.Value;
        return message;
    }

    public HttpRequestMessage Request(string method, string target) => new(new HttpMethod(method), new Uri(url + target, AsItIs));

    public async Task<Answer> Send(HttpRequestMessage message, CancellationToken cancel = default)
    {
        using var answer = await _http.SendAsync(message, cancel);
        var headers = answer.Headers.Concat(answer.Content.Headers)
            .Where(header => !Web.IsPerConnection(header.Key) && header.Key != "Content-Length")
            .Select(header => (header.Key, header.Value.ToArray()));
        var content = await answer.Content.ReadAsByteArrayAsync(cancel);
        return new((int)answer.StatusCode, [.. headers], content) { Length = answer.Content.Headers.ContentLength ?? content.Length };
    }

    public void Dispose() => _http.Dispose();
}
