using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Raktar.LocalAws;

/// <summary>A server that requests are handed on to, exactly as they came.</summary>
internal sealed class Upstream(string url) : IDisposable
{
    private static readonly UriCreationOptions AsItIs = new() { DangerousDisablePathAndQueryCanonicalization = true };

    // Shorter than the servers keep theirs, so that none is closed under a request.
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(2);

    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        PooledConnectionIdleTimeout = Idle,
    })
    {
        Timeout = TimeSpan.FromMinutes(5),
    };

    public async Task<Answer> Send(HttpRequest request, byte[] body, params IEnumerable<(string Name, string Value)> more)
    {
        var target = request.HttpContext.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        using var message = new HttpRequestMessage(new HttpMethod(request.Method), new Uri(url + target, AsItIs));
        if (body.Length > 0 || request.ContentLength is not null)
        {
            message.Content = new ByteArrayContent(body);
        }

        foreach (var (name, values) in request.Headers.Where(header => !Web.IsPerConnection(header.Key) && header.Key != "Content-Length"))
        {
            Add(name, values.AsEnumerable());
        }

        // Part of what is signed, and of what the program takes for its own name.
        message.Headers.Host = request.Host.Value;
        foreach (var (name, value) in more)
        {
            message.Headers.Remove(name);
            Add(name, [value]);
        }

        using var answer = await _http.SendAsync(message);
        var headers = answer.Headers.Concat(answer.Content.Headers)
            .Where(header => !Web.IsPerConnection(header.Key) && header.Key != "Content-Length")
            .Select(header => (header.Key, header.Value.ToArray()));
        var content = await answer.Content.ReadAsByteArrayAsync();
        return new((int)answer.StatusCode, [.. headers], content) { Length = answer.Content.Headers.ContentLength ?? content.Length };

        void Add(string name, IEnumerable<string?> values)
        {
            if (!message.Headers.TryAddWithoutValidation(name, values))
            {
                message.Content?.Headers.TryAddWithoutValidation(name, values);
            }
        }
    }

    public void Dispose() => _http.Dispose();
}
