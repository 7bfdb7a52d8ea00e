using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Raktar.LocalAws;

/// <summary>DynamoDB's and its streams' JSON calls: the few that the harness makes need no SDK.</summary>
internal sealed class DynamoDbClient(string url) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri(url) };

    public async Task<JsonElement> Call(string operation, object request)
    {
        using var answer = await Send(operation, request);
        var text = await answer.Content.ReadAsStringAsync();
        return answer.IsSuccessStatusCode
            ? JsonSerializer.Deserialize<JsonElement>(text)
            : throw new InvalidOperationException($"{operation} answered {(int)answer.StatusCode}: {text}");
    }

    /// <summary>Null when it is refused.</summary>
    public async Task<JsonElement?> TryCall(string operation, object request)
    {
        using var answer = await Send(operation, request);
        return answer.IsSuccessStatusCode ? await answer.Content.ReadFromJsonAsync<JsonElement>() : null;
    }

    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> Send(string operation, object request)
    {
        var service = operation is "DescribeStream" or "GetShardIterator" or "GetRecords" or "ListStreams" ? "DynamoDBStreams" : "DynamoDB";
        using var message = new HttpRequestMessage(HttpMethod.Post, "/");
        message.Headers.Add("X-Amz-Target", $"{service}_20120810.{operation}");
        // Signatures are not verified, but one must be there.
        message.Headers.Authorization = new AuthenticationHeaderValue(
            "AWS4-HMAC-SHA256",
            $"Credential={LocalServers.AccessKey}/20260101/{LocalServers.Region}/dynamodb/aws4_request, SignedHeaders=host, Signature=00");
        message.Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(request));
        message.Content.Headers.ContentType = new MediaTypeHeaderValue("application/x-amz-json-1.0");
        return await _http.SendAsync(message);
    }
}
