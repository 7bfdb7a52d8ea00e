using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Raktar.LocalAws.Specs;

public sealed class BehindTheGateway(Deployed stub) : IClassFixture<Deployed>
{
    private DeployedShape Shape => stub.Shape;

    private HttpClient Client => stub.Client;

    [Fact]
    public async Task A_request_arrives_as_through_api_gateway_and_the_adapter()
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, "echo/a%2Fb/1.0.0%2Bx?q=1%202&r");
        request.Headers.Add("X-Forwarded-For", "203.0.113.9");
        request.Headers.Add("X-Forwarded-Proto", "gopher");
        request.Headers.TryAddWithoutValidation("Authorization", "token");
        request.Content = new ByteArrayContent(new byte[1000]);
        var echo = await Json(await Client.SendAsync(request));

        var headers = new Dictionary<string, string>(
            echo.GetProperty("headers").Deserialize<Dictionary<string, string>>()!, StringComparer.OrdinalIgnoreCase);
        Assert.Equal(
            ["PUT", "/echo/a%2Fb/1.0.0%2Bx?q=1%202&r", "HTTP/1.1", "1000"],
            ((string[])["method", "path", "protocol", "length"]).Select(field => echo.GetProperty(field).ToString()));
        Assert.Equal(
            ("203.0.113.9, 127.0.0.1", "http", $"{new Uri(Shape.Url).Port}", new Uri(Shape.Url).Authority, "token"),
            (headers["X-Forwarded-For"], headers["X-Forwarded-Proto"], headers["X-Forwarded-Port"], headers["Host"], headers["Authorization"]));
        var context = JsonSerializer.Deserialize<JsonElement>(headers["x-amzn-request-context"]);
        Assert.Equal("/echo/a%2Fb/1.0.0%2Bx", context.GetProperty("http").GetProperty("path").GetString());
    }

    [Fact]
    public async Task Redirects_are_for_the_client()
    {
        using var answer = await Client.GetAsync("elsewhere");
        Assert.Equal((HttpStatusCode.Found, "https://example.com/file"), (answer.StatusCode, answer.Headers.Location?.ToString()));
    }

    [Theory]
    [InlineData(HttpStatusCode.NoContent)]
    [InlineData(HttpStatusCode.ResetContent)]
    [InlineData(HttpStatusCode.NotModified)]
    public async Task An_answer_may_have_no_body(HttpStatusCode status)
    {
        using var answer = await Client.GetAsync($"status/{(int)status}");
        Assert.Equal(status, answer.StatusCode);
    }

    [Theory]
    // Base64 makes four bytes of three, and the event around it is about a kilobyte.
    [InlineData(4_700_000, HttpStatusCode.OK)]
    [InlineData(4_719_000, HttpStatusCode.RequestEntityTooLarge)]
    [InlineData(10_485_761, HttpStatusCode.RequestEntityTooLarge)]
    public async Task A_request_is_no_longer_than_an_invocation_can_be(int bytes, HttpStatusCode expected)
    {
        using var answer = await Client.PutAsync("echo", new ByteArrayContent(new byte[bytes]));
        Assert.Equal(expected, answer.StatusCode);
        if (expected == HttpStatusCode.RequestEntityTooLarge)
        {
            Assert.Equal("""{"message":"Request Entity Too Large"}""", await answer.Content.ReadAsStringAsync());
        }
    }

    [Theory]
    [InlineData(4_700_000, HttpStatusCode.OK)]
    [InlineData(4_719_000, HttpStatusCode.InternalServerError)]
    public async Task So_is_an_answer(int bytes, HttpStatusCode expected)
    {
        using var answer = await Client.GetAsync($"bytes/{bytes}");
        Assert.Equal(expected, answer.StatusCode);
    }

    [Fact]
    public async Task A_crash_is_a_500_and_the_next_request_starts_anew()
    {
        await Json(await Client.GetAsync("echo/x"));
        var starts = Shape.Api.ColdStarts;
        using var crash = await Client.GetAsync("crash");
        Assert.Equal(HttpStatusCode.InternalServerError, crash.StatusCode);
        Assert.Equal("""{"message":"Internal Server Error"}""", await crash.Content.ReadAsStringAsync());
        await Json(await Client.GetAsync("echo/x"));
        Assert.Equal(starts + 1, Shape.Api.ColdStarts);
    }

    [Fact]
    public async Task The_program_sees_the_environment_of_the_template_and_of_lambda_and_no_other()
    {
        Environment.SetEnvironmentVariable("RAKTAR_STRAY", "1");
        var environment = (await Json(await Client.GetAsync("environment"))).Deserialize<Dictionary<string, string>>()!;

        Assert.Equal(Shape.Url, environment["Raktar__PublicUrl"]);
        Assert.Equal("api", environment["Raktar__Role"]);
        Assert.Equal("ApiFunction", environment["AWS_LAMBDA_FUNCTION_NAME"]);
        Assert.Equal(Shape.Deployment.Tables["Events"], environment["Raktar__Aws__EventsTable"]);
        Assert.Equal(Shape.Api.Aws.Url, environment["Raktar__Aws__S3Url"]);
        Assert.DoesNotContain("RAKTAR_STRAY", environment.Keys);
        Assert.DoesNotContain("HOME", environment.Keys);
    }

    private static async Task<JsonElement> Json(HttpResponseMessage answer)
    {
        using (answer)
        {
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            return await answer.Content.ReadFromJsonAsync<JsonElement>();
        }
    }
}
