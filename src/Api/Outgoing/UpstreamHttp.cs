using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Reflection;
using Raktar.Application.Log;
using Raktar.Application.Upstreams;

namespace Raktar.Api.Outgoing;

/// <summary>
/// Asks upstreams over HTTP, and goes only where the settings allow: what an upstream names as the place of its crate files, and where it redirects to, may be
/// anything.
/// </summary>
internal sealed class UpstreamHttp : IUpstreamSource, IDisposable
{
    private const int MostRedirects = 5;
    private const int PieceBytes = 64 * 1024;
    private const int MostConnections = 32;
    private const int LongestValidator = 1024;

    private static readonly TimeSpan ConnectPatience = TimeSpan.FromSeconds(5);
    private static readonly string Product =
        typeof(UpstreamHttp).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    private readonly ConcurrentDictionary<string, HttpClient> _clients = new(StringComparer.Ordinal);

    public async Task<UpstreamAnswer> Read(Upstream upstream, Uri address, Validators? known, long most, CancellationToken cancellationToken)
    {
        using var response = await Send(upstream, address, request => AskForDocument(request, known), cancellationToken);
        var validators = new Validators(
            Short(response.Headers.NonValidated, "ETag"), Short(response.Content.Headers.NonValidated, "Last-Modified"));
        return response.StatusCode switch
        {
            HttpStatusCode.OK => new(UpstreamSays.Here, await BodyOf(upstream, response, most, cancellationToken), validators, MaxAgeOf(response)),
            HttpStatusCode.NotModified when known is not null => new(UpstreamSays.Unchanged, default, validators, MaxAgeOf(response)),
            HttpStatusCode.NotFound or HttpStatusCode.Gone or HttpStatusCode.UnavailableForLegalReasons =>
                new(UpstreamSays.Missing, default, validators, MaxAge: null),
            _ => throw Answered(upstream, response),
        };
    }

    public async Task<UpstreamFile> Open(Upstream upstream, Uri address, CancellationToken cancellationToken)
    {
        var response = await Send(upstream, address, _ => { }, cancellationToken);
        try
        {
            return response.StatusCode != HttpStatusCode.OK ? throw Answered(upstream, response)
                : response.Content.Headers.ContentEncoding.Count > 0 ? throw new UpstreamFailedException($"`{upstream}` sends crate files in a coding that was not asked for")
                : new(await response.Content.ReadAsStreamAsync(cancellationToken), response.Content.Headers.ContentLength, response);
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        foreach (var client in _clients.Values)
        {
            client.Dispose();
        }
    }

    private static void AskForDocument(HttpRequestMessage request, Validators? known)
    {
        request.Headers.AcceptEncoding.Add(new("gzip"));
        if (known is { ETag: { } etag })
        {
            request.Headers.TryAddWithoutValidation("If-None-Match", etag);
        }
        else if (known is { LastModified: { } time })
        {
            request.Headers.TryAddWithoutValidation("If-Modified-Since", time);
        }
    }

    /// <summary>Sends a question, and follows where it is sent on to; each address is looked at before anybody is asked.</summary>
    private async Task<HttpResponseMessage> Send(Upstream upstream, Uri address, Action<HttpRequestMessage> prepare, CancellationToken cancellationToken)
    {
        var client = _clients.GetOrAdd(upstream.Name, _ => ClientFor(upstream));
        for (var redirects = 0; ; redirects++)
        {
            if (!upstream.MayAsk(address))
            {
                throw new UpstreamFailedException($"`{upstream}` leads to `{address.Scheme}://{address.Authority}`, which is none of its AllowedHosts") { IsWrong = true };
            }

            using var request = new HttpRequestMessage(HttpMethod.Get, address) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionOrLower };
            request.Headers.TryAddWithoutValidation("User-Agent", $"raktar/{Product}{(upstream.Contact is { } contact ? $" ({contact})" : string.Empty)}");
            if (upstream.Token is { } token && upstream.IsAtIndex(address))
            {
                request.Headers.TryAddWithoutValidation("Authorization", token);
            }

            prepare(request);
            var response = await Send(upstream, client, request, cancellationToken);
            if ((int)response.StatusCode is not (301 or 302 or 303 or 307 or 308) || response.Headers.Location is not { } location || redirects == MostRedirects)
            {
                return response;
            }

            response.Dispose();
            address = new(address, location);
        }
    }

    private static async Task<HttpResponseMessage> Send(Upstream upstream, HttpClient client, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new UpstreamFailedException($"`{upstream}` cannot be reached", e) { IsDown = true };
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new UpstreamFailedException($"`{upstream}` cannot be reached", e) { IsDown = true };
        }
    }

    private static async Task<ReadOnlyMemory<byte>> BodyOf(Upstream upstream, HttpResponseMessage response, long most, CancellationToken cancellationToken)
    {
        var codings = response.Content.Headers.ContentEncoding;
        try
        {
            var body = await ReadAll(await response.Content.ReadAsStreamAsync(cancellationToken), most, cancellationToken);
            return codings.Count == 0 ? body
                : codings.Count == 1 && codings.Single().Equals("gzip", StringComparison.OrdinalIgnoreCase) ? Gzip.Expand(body, most)
                : throw new InvalidDataException($"its coding is {string.Join(", ", codings)}");
        }
        catch (InvalidDataException e)
        {
            throw new UpstreamFailedException($"what `{upstream}` answers cannot be read", e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new UpstreamFailedException($"what `{upstream}` answers was cut off", e) { IsDown = true };
        }
    }

    private static async Task<ReadOnlyMemory<byte>> ReadAll(Stream content, long most, CancellationToken cancellationToken)
    {
        using var body = new MemoryStream();
        var buffer = new byte[PieceBytes];
        for (int count; (count = await content.ReadAsync(buffer, cancellationToken)) > 0;)
        {
            if (body.Length + count > most)
            {
                throw new InvalidDataException($"it has more than {most} bytes");
            }

            body.Write(buffer, 0, count);
        }

        return body.GetBuffer().AsMemory(0, (int)body.Length);
    }

    /// <summary>What came instead of an answer.</summary>
    private static UpstreamFailedException Answered(Upstream upstream, HttpResponseMessage response) => new($"`{upstream}` answers {(int)response.StatusCode}")
    {
        IsDown = (int)response.StatusCode is >= 500 or 408 or 429,
        RetryAfter = response.Headers.RetryAfter?.Delta,
    };

    /// <summary>How much longer it is good for, of which caches on the way may have spent some.</summary>
    private static TimeSpan? MaxAgeOf(HttpResponseMessage response) => response.Headers.CacheControl switch
    {
        { NoCache: true } or { NoStore: true } => TimeSpan.Zero,
        { MaxAge: { } age } => age - (response.Headers.Age ?? TimeSpan.Zero),
        _ => null,
    };

    // As it stands there: it goes back as it came.
    private static string? Short(HttpHeadersNonValidated headers, string name) =>
        headers.TryGetValues(name, out var values) && values.ToString() is { Length: > 0 and <= LongestValidator } value ? value : null;

    private static HttpClient ClientFor(Upstream upstream) => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        // A proxy connects where we cannot look; one that the operator names may.
        UseProxy = upstream.Proxy is not null,
        Proxy = upstream.Proxy is { } proxy ? new WebProxy(proxy) : null,
        ConnectTimeout = ConnectPatience,
        MaxConnectionsPerServer = MostConnections,
        EnableMultipleHttp2Connections = true,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        ConnectCallback = (context, cancellationToken) => GuardedConnections.Connect(context.DnsEndPoint, MayBePrivate(upstream, context.DnsEndPoint), cancellationToken),
    })
    {
        // Whoever asks has a deadline.
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <summary>Whether a host may have an address that is not of the open Internet.</summary>
    private static bool MayBePrivate(Upstream upstream, DnsEndPoint end)
    {
        return upstream.PrivateAddresses || (upstream.IsOnThisMachine && Is(upstream.Index)) || Is(upstream.Proxy);

        bool Is(Uri? address) => address is not null && address.Port == end.Port && address.IdnHost.Equals(end.Host, StringComparison.OrdinalIgnoreCase);
    }
}
