using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Raktar.LocalAws;

/// <summary>
/// What the AWS Lambda Web Adapter makes of invocations (https://github.com/aws/aws-lambda-web-adapter, release 1.0).
/// </summary>
internal static class Adapter
{
    /// <summary>Hands over an event that is no HTTP request: POST /events.</summary>
    public static Task HandOver(Function function, JsonObject happened)
    {
        var path = function.Shape.Environment.GetValueOrDefault("AWS_LWA_PASS_THROUGH_PATH", "/events");
        var failures = Codes(function.Shape.Environment.GetValueOrDefault("AWS_LWA_ERROR_STATUS_CODES", string.Empty));
        return function.Invoke(
            program =>
            {
                var post = program.Request("POST", path);
                post.Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(happened));
                post.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
                AddContexts(post, function, null);
                return post;
            },
            answer => failures(answer.Status));
    }

    public static void AddContexts(HttpRequestMessage request, Function function, JsonNode? requestContext)
    {
        var deadline = TimeProvider.System.GetUtcNow() + function.Shape.Timeout;
        var lambda = new JsonObject
        {
            ["request_id"] = Guid.NewGuid().ToString(),
            ["deadline"] = deadline.ToUnixTimeMilliseconds(),
            ["invoked_function_arn"] = function.Shape.Arn,
            ["xray_trace_id"] = null,
            ["env_config"] = new JsonObject
            {
                ["function_name"] = function.Shape.Id,
                ["memory"] = function.Shape.MemoryMegabytes,
                ["version"] = "$LATEST",
            },
        };
        request.Headers.TryAddWithoutValidation("x-amzn-request-context", requestContext?.ToJsonString() ?? "null");
        request.Headers.TryAddWithoutValidation("x-amzn-lambda-context", lambda.ToJsonString());
    }

    /// <summary>Reads AWS_LWA_ERROR_STATUS_CODES: <c>500,502-504</c>.</summary>
    public static Func<int, bool> Codes(string list)
    {
        var ranges = list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(part => part.Split('-').Select(code => int.Parse(code, CultureInfo.InvariantCulture)).ToArray())
            .ToList();
        return status => ranges.Exists(range => range[0] <= status && status <= range[^1]);
    }
}
