using System.Net;
using System.Text;

namespace Raktar.Api.Specs;

/// <summary>A process that runs one projection for the bus. Its store is out of reach: what gets past the door fails there.</summary>
public sealed class ProjectionFunction : IAsyncLifetime
{
    private const string Event = """{"detail-type":"stream-moved","detail":{"stream":"crate/foo","first":"1"}}""";

    private Server _server = null!;

    public async Task InitializeAsync() => _server = await Server.Start(
        "--Raktar:Storage=aws",
        "--Raktar:Role=index",
        "--Raktar:Aws:EventsTable=events",
        "--Raktar:Aws:DocumentsTable=documents",
        "--Raktar:Aws:Bucket=bucket",
        "--Raktar:Aws:DynamoDbUrl=http://127.0.0.1:9",
        "--Raktar:Aws:S3Url=http://127.0.0.1:9");

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Theory]
    [InlineData("")]
    [InlineData("x-forwarded-for: 10.0.0.1")]
    [InlineData("x-amzn-lambda-context: {}, x-forwarded-for: 10.0.0.1")]
    [InlineData("authorization: rk_something")]
    public async Task Only_what_the_adapter_delivers_gets_in(string headers)
    {
        using var answer = await Post(Event, headers);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Theory]
    [InlineData("")]
    [InlineData("no json")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"detail":{"stream":7}}""")]
    [InlineData("""{"detail":{"stream":null}}""")]
    [InlineData("""{"detail":{"stream":"nothing"}}""")]
    public async Task An_event_of_somebody_else_is_refused(string body)
    {
        using var answer = await Post(body, "x-amzn-lambda-context: {}");
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task A_failing_store_fails_the_invocation()
    {
        using var answer = await Post(Event, "x-amzn-lambda-context: {}");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.NotNull(answer.Headers.RetryAfter);
    }

    [Fact]
    public async Task A_stream_of_another_kind_is_nothing_to_do()
    {
        using var answer = await Post("""{"detail":{"stream":"account/ann"}}""", "x-amzn-lambda-context: {}");
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
    }

    [Theory]
    [InlineData("config.json")]
    [InlineData("api/v1/crates")]
    [InlineData("api/v1/me")]
    [InlineData("fo/o")]
    public async Task It_serves_nothing_else(string path)
    {
        using var answer = await _server.Nobody.GetAsync(path);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        using var health = await _server.Nobody.GetAsync("health");
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
    }

    private async Task<HttpResponseMessage> Post(string body, string headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "events") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        foreach (var header in headers.Split(", ", StringSplitOptions.RemoveEmptyEntries))
        {
            request.Headers.TryAddWithoutValidation(header.Split(": ")[0], header.Split(": ")[1]);
        }

        return await _server.Nobody.SendAsync(request);
    }
}
