using System.Text.Json.Nodes;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace Raktar.LocalAws.Specs;

/// <summary>
/// What <c>dotnet Raktar.LocalAws.Specs.dll</c> runs: a program that does with its environment, its requests and its events what a
/// function does, and no more.
/// </summary>
internal static class StubFunction
{
    private static int _events;

    public static Task Main()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = null);
        var app = builder.Build();
        app.MapGet("/health", () => "ok");
        app.MapPost("/events", Project);
        app.MapGet("/environment", () => Environment.GetEnvironmentVariables());
        app.MapMethods("/echo/{**path}", ["GET", "PUT", "POST"], Echo);
        app.MapGet("/bytes/{count:int}", (int count) => Results.Bytes(new byte[count], "application/octet-stream"));
        app.MapGet("/elsewhere", () => Results.Redirect("https://example.com/file"));
        app.MapGet("/process", () => Environment.ProcessId);
        app.MapGet("/status/{code:int}", (int code) => Results.StatusCode(code));
        app.MapGet("/crash", () => Environment.FailFast("as asked"));
        app.MapPost("/commits/{kind}/{name}/{first:int}", Commit);
        Console.WriteLine("the stub has started");
        return app.RunAsync();
    }

    private static async Task<IResult> Commit(string kind, string name, int first)
    {
        using var dynamo = DynamoDb();
        var put = new PutItemRequest(Setting("Raktar__Aws__EventsTable"), new()
        {
            ["stream"] = Clients.S($"{kind}/{name}"),
            ["first"] = Clients.N(first),
            ["last"] = Clients.N(first),
            ["types"] = new() { SS = ["crate-claimed", "version-published"] },
            ["at"] = Clients.S("2026-11-23T02:00:00.0000000Z"),
            ["month"] = Clients.S("2026-11"),
        });
        await dynamo.PutItemAsync(put);
        return Results.Ok();
    }

    /// <summary>Writes down which event it was, the how manieth of this process; streams called poison make it fail.</summary>
    private static async Task<IResult> Project(HttpRequest request)
    {
        var happened = (await JsonNode.ParseAsync(request.Body))!;
        var stream = (string)happened["detail"]!["stream"]!;
        if (stream.EndsWith("poison", StringComparison.Ordinal))
        {
            return Results.StatusCode(503);
        }

        using var dynamo = DynamoDb();
        // A crate called trespass tempts it to write a document of another projection.
        var kind = stream.EndsWith("trespass", StringComparison.Ordinal) ? "other" : Setting("Raktar__Role");
        await dynamo.PutItemAsync(Setting("Raktar__Aws__DocumentsTable"), new()
        {
            ["id"] = Clients.S($"{kind}.1/{stream[(stream.IndexOf('/', StringComparison.Ordinal) + 1)..]}"),
            ["version"] = new() { N = (string)happened["detail"]!["last"]! },
            ["count"] = Clients.N(Interlocked.Increment(ref _events)),
            ["headers"] = Clients.S(string.Join('\n', request.Headers.Select(header => $"{header.Key}: {header.Value}"))),
            ["event"] = Clients.S(happened.ToJsonString()),
        });
        return Results.Ok();
    }

    private static async Task<IResult> Echo(HttpRequest request)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body);
        return Results.Json(new
        {
            method = request.Method,
            path = request.HttpContext.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()!.RawTarget,
            protocol = request.Protocol,
            length = body.Length,
            headers = request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase),
        });
    }

    private static AmazonDynamoDBClient DynamoDb() => Clients.DynamoDb(Setting("Raktar__Aws__DynamoDbUrl"));

    private static string Setting(string name) => Environment.GetEnvironmentVariable(name)!;
}
