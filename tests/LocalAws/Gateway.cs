using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Raktar.LocalAws;

/// <summary>
/// Plays API Gateway's HTTP API in front of a function: whole requests and answers only, in the size that they have as Lambda's JSON.
/// </summary>
public sealed class Gateway : IAsyncDisposable
{
    /// <summary>What Lambda takes (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html).</summary>
    public const int RequestLimit = 6_291_456;

    /// <summary>What Lambda gives back.</summary>
    public const int ResponseLimit = 6_291_556;

    /// <summary>What an HTTP API takes (https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html).</summary>
    public const int BodyLimit = 10 * 1024 * 1024;

    private static readonly string[] Texts = ["text/", "application/json", "application/javascript", "application/xml"];

    private readonly string _scheme;
    private Function? _function;
    private WebApplication? _app;

    private Gateway(string scheme) => _scheme = scheme;

    /// <summary>Where clients find the registry.</summary>
    public string Url => $"{_scheme}://127.0.0.1:{new Uri(_app!.Urls.Single()).Port}";

    /// <summary>Starts listening: HTTP/1.1 in clear text, or with a certificate TLS with HTTP/2 and HTTP/1.1.</summary>
    public static async Task<Gateway> Start(X509Certificate2? certificate = null, int port = 0)
    {
        var gateway = new Gateway(certificate is null ? "http" : "https");
        gateway._app = await Web.Serve(
            gateway.Pass,
            listen =>
            {
                if (certificate is not null)
                {
                    listen.Protocols = HttpProtocols.Http1AndHttp2;
                    listen.UseHttps(certificate);
                }
            },
            port);
        return gateway;
    }

    /// <summary>Says which function is behind it.</summary>
    public void LeadTo(Function function) => _function = function;

    /// <summary>Stops listening.</summary>
    public async ValueTask DisposeAsync() => await _app!.DisposeAsync();

    private async Task Pass(HttpContext context)
    {
        var body = await Web.Body(context.Request);
        Forwarded(context);
        var requestContext = RequestContext(context);
        if (body.Length > BodyLimit || InvocationSize(context.Request, requestContext, body) > RequestLimit)
        {
            await Web.Send(context.Response, Message(413, "Request Entity Too Large"));
            return;
        }

        Answer answer;
        try
        {
            answer = await _function!.Invoke(program =>
            {
                var request = program.Copy(context.Request, body);
                Adapter.AddContexts(request, _function, requestContext);
                return request;
            });
        }
        catch (InvocationFailedException)
        {
            await Web.Send(context.Response, Message(500, "Internal Server Error"));
            return;
        }

        answer = AsLambdaReturnsIt(answer, out var size);
        await Web.Send(context.Response, size > ResponseLimit ? Message(500, "Internal Server Error") : answer);
    }

    private void Forwarded(HttpContext context)
    {
        var (headers, client) = (context.Request.Headers, context.Connection.RemoteIpAddress!.MapToIPv4().ToString());
        var before = headers["x-forwarded-for"];
        headers["x-forwarded-for"] = before.Count == 0 ? client : $"{string.Join(", ", before!)}, {client}";
        headers["x-forwarded-proto"] = _scheme;
        headers["x-forwarded-port"] = context.Connection.LocalPort.ToString(CultureInfo.InvariantCulture);
        headers["x-amzn-trace-id"] = $"Root=1-{Guid.NewGuid():N}";
    }

    private static JsonObject RequestContext(HttpContext context)
    {
        var now = TimeProvider.System.GetUtcNow();
        return new()
        {
            ["accountId"] = Arns.Account,
            ["apiId"] = "local",
            ["domainName"] = context.Request.Host.Value,
            ["domainPrefix"] = "local",
            ["http"] = new JsonObject
            {
                ["method"] = context.Request.Method,
                ["path"] = Target(context.Request).Split('?')[0],
                ["protocol"] = "HTTP/1.1",
                ["sourceIp"] = context.Connection.RemoteIpAddress!.ToString(),
                ["userAgent"] = context.Request.Headers.UserAgent.ToString(),
            },
            ["requestId"] = Guid.NewGuid().ToString(),
            ["routeKey"] = "$default",
            ["stage"] = "$default",
            ["time"] = now.ToString("dd/MMM/yyyy:HH:mm:ss +0000", CultureInfo.InvariantCulture),
            ["timeEpoch"] = now.ToUnixTimeMilliseconds(),
        };
    }

    /// <summary>The length of the event that API Gateway would make of it, payload format 2.0.</summary>
    private static int InvocationSize(HttpRequest request, JsonObject context, byte[] body)
    {
        var (target, isText) = (Target(request).Split('?', 2), IsText(request.ContentType ?? string.Empty));
        var headers = request.Headers.Where(header => !Web.IsPerConnection(header.Key))
            .Select(header => KeyValuePair.Create(header.Key.ToLowerInvariant(), (JsonNode?)string.Join(',', header.Value!)));
        return Size(new JsonObject
        {
            ["version"] = "2.0",
            ["routeKey"] = "$default",
            ["rawPath"] = target[0],
            ["rawQueryString"] = target.ElementAtOrDefault(1) ?? string.Empty,
            ["headers"] = new JsonObject(headers),
            ["requestContext"] = context.DeepClone(),
            ["body"] = isText ? Encoding.UTF8.GetString(body) : Convert.ToBase64String(body),
            ["isBase64Encoded"] = !isText,
        });
    }

    /// <summary>The adapter returns text as text and everything else in base64; without a content type it takes everything for text.</summary>
    private static Answer AsLambdaReturnsIt(Answer answer, out int size)
    {
        string? Header(string wanted) =>
            answer.Headers.FirstOrDefault(header => header.Name.Equals(wanted, StringComparison.OrdinalIgnoreCase)).Values?.FirstOrDefault();

        var contentType = Header("Content-Type");
        var isText = Header("Content-Encoding") is null && (contentType is null || IsText(contentType));
        var text = isText ? Encoding.UTF8.GetString(answer.Body) : Convert.ToBase64String(answer.Body);
        size = Size(new JsonObject
        {
            ["statusCode"] = answer.Status,
            ["headers"] = new JsonObject(answer.Headers.DistinctBy(header => header.Name.ToLowerInvariant()).Select(
                header => KeyValuePair.Create(header.Name.ToLowerInvariant(), (JsonNode?)string.Join(',', header.Values)))),
            ["body"] = text,
            ["isBase64Encoded"] = !isText,
        });
        return answer.Body.Length == 0 || !isText ? answer : new Answer(answer.Status, answer.Headers, Encoding.UTF8.GetBytes(text));
    }

    private static bool IsText(string contentType) =>
        Array.Exists(Texts, prefix => contentType.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
        || contentType.Contains("+json", StringComparison.OrdinalIgnoreCase)
        || contentType.Contains("+xml", StringComparison.OrdinalIgnoreCase)
        || contentType.Contains("charset=utf-8", StringComparison.OrdinalIgnoreCase);

    private static int Size(JsonObject json) => JsonSerializer.SerializeToUtf8Bytes(json, Plain.Json).Length;

    private static string Target(HttpRequest request) => request.HttpContext.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;

    private static Answer Message(int status, string message) =>
        new(status, [("Content-Type", ["application/json"])], JsonSerializer.SerializeToUtf8Bytes(new { message }));
}
