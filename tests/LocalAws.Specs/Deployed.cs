using System.Text.Json.Nodes;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;

namespace Raktar.LocalAws.Specs;

/// <summary>The stub, deployed.</summary>
public sealed class Deployed : IAsyncLifetime, IAsyncDisposable
{
    private AmazonDynamoDBClient _dynamo = null!;

    public DeployedShapeOptions Options { get; init; } = new();

    public DeployedShape Shape { get; private set; } = null!;

    public HttpClient Client { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        var folder = AppContext.BaseDirectory;
        Shape = await DeployedShape.Start(Path.Combine(folder, "template.json"), folder, Options with { Program = "Raktar.LocalAws.Specs.dll" });
        Client = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { BaseAddress = new Uri(Shape.Url) };
        _dynamo = Clients.DynamoDb(Shape.Deployment.Servers.DynamoDbUrl);
    }

    async Task IAsyncLifetime.DisposeAsync() => await DisposeAsync();

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        _dynamo.Dispose();
        await Shape.DisposeAsync();
    }

    public async Task Commit(string stream, int first = 1)
    {
        using var answer = await Client.PostAsync($"commits/{stream}/{first}", null);
        Assert.True(answer.IsSuccessStatusCode, Shape.Output());
    }

    public async Task<JsonObject?> Document(string id)
    {
        var key = new Dictionary<string, AttributeValue>() { ["id"] = Clients.S(id) };
        var item = (await _dynamo.GetItemAsync(Shape.Deployment.Tables["Documents"], key)).Item;
        return item is null or { Count: 0 }
            ? null
            : new JsonObject(item.Select(attribute => KeyValuePair.Create(attribute.Key, (JsonNode?)(attribute.Value.S ?? attribute.Value.N))));
    }
}
