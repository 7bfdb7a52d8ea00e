using System.Globalization;
using System.Text.Json.Nodes;
using System.Xml.Linq;

namespace Raktar.LocalAws;

/// <summary>A function as its template has it.</summary>
/// <param name="Id">Its logical id.</param>
/// <param name="Arn">What rules and integrations call it.</param>
/// <param name="Role">Which part of the program it is: <c>Raktar__Role</c>.</param>
/// <param name="Environment">Its variables, resolved.</param>
/// <param name="Policies">The policy documents of its role and of the buckets, resolved.</param>
/// <param name="Timeout">After this an invocation fails.</param>
/// <param name="MemoryMegabytes">What it may use; not enforced.</param>
/// <param name="Retries">How often a failed asynchronous invocation is repeated.</param>
/// <param name="DeadLetters">The ARN of where it goes then.</param>
public sealed record FunctionShape(
    string Id,
    string Arn,
    string Role,
    IReadOnlyDictionary<string, string> Environment,
    IReadOnlyList<JsonNode> Policies,
    TimeSpan Timeout,
    int MemoryMegabytes,
    int Retries,
    string? DeadLetters);

/// <summary>A template's tables and bucket on the local servers, under names that nobody else has.</summary>
public sealed class Deployment : IAsyncDisposable
{
    private readonly Dictionary<string, string> _physical = new(StringComparer.Ordinal);
    private readonly DynamoDbClient _dynamoDb;

    private Deployment(Template template, LocalServers servers) =>
        (Template, Servers, _dynamoDb) = (template, servers, new DynamoDbClient(servers.DynamoDbUrl));

    /// <summary>What was deployed.</summary>
    public Template Template { get; }

    /// <summary>Where.</summary>
    public LocalServers Servers { get; }

    /// <summary>Its functions.</summary>
    public IReadOnlyList<FunctionShape> Functions { get; private set; } = [];

    /// <summary>The names of its tables, by their logical ids.</summary>
    public IReadOnlyDictionary<string, string> Tables =>
        Template.OfType("AWS::DynamoDB::Table").ToDictionary(table => table.Id, table => _physical[table.Id], StringComparer.Ordinal);

    /// <summary>Creates the tables and the bucket.</summary>
    public static async Task<Deployment> Create(Template template)
    {
        var deployment = new Deployment(template, await LocalServers.Start());
        foreach (var table in template.OfType("AWS::DynamoDB::Table"))
        {
            await deployment.CreateTable(table);
        }

        foreach (var bucket in template.OfType("AWS::S3::Bucket"))
        {
            await deployment.CreateBucket(bucket);
        }

        deployment.Functions = [.. template.OfType("AWS::Lambda::Function").Select(deployment.Shape)];
        return deployment;
    }

    /// <summary>A resource's properties, with the names that things have here.</summary>
    public JsonObject Resolve(Resource resource) => Template.Resolve(resource.Properties, _physical)!.AsObject();

    /// <summary>What <c>Ref</c> gives.</summary>
    public string Ref(Resource resource) => (string)Template.Resolve(new JsonObject { ["Ref"] = resource.Id }, _physical)!;

    /// <summary>What <c>Fn::GetAtt</c> gives for <c>Arn</c>.</summary>
    public string Arn(Resource resource) => (string)Template.Resolve(new JsonObject { ["Fn::GetAtt"] = $"{resource.Id}.Arn" }, _physical)!;

    /// <summary>Deletes a commit from the events table, as nobody in the deployment may.</summary>
    public Task DeleteCommit(string stream, int first) => _dynamoDb.Call("DeleteItem", new
    {
        TableName = Tables.Single(table => table.Key.StartsWith("StorageEvents", StringComparison.Ordinal)).Value,
        Key = new { stream = new { S = stream }, first = new { N = first.ToString(CultureInfo.InvariantCulture) } },
    });

    /// <summary>Deletes what is in a bucket, as nobody in the deployment may. <paramref name="id"/> is how the bucket's logical id begins.</summary>
    public async Task EmptyBucket(string id)
    {
        var url = $"{Servers.S3Url}/{_physical[Template.OfType("AWS::S3::Bucket").Single(bucket => bucket.Id.StartsWith(id, StringComparison.Ordinal)).Id]}";
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        var list = XDocument.Parse(await client.GetStringAsync(new Uri($"{url}?list-type=2")));
        foreach (var key in list.Descendants().Where(element => element.Name.LocalName == "Key").ToList())
        {
            using var deleted = await client.DeleteAsync(new Uri($"{url}/{key.Value}"));
            deleted.EnsureSuccessStatusCode();
        }
    }

    /// <summary>Deletes the tables; the bucket goes with its server.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var table in Tables.Values)
        {
            await _dynamoDb.TryCall("DeleteTable", new { TableName = table });
        }

        _dynamoDb.Dispose();
    }

    private static string Unique(string id) => $"{id.ToLowerInvariant()}-{Guid.NewGuid():N}"[..^20];

    private async Task CreateTable(Resource table)
    {
        var name = Unique(table.Id);
        var request = new JsonObject { ["TableName"] = name };
        var properties = Resolve(table);
        foreach (var same in (string[])["AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode"])
        {
            request[same] = properties[same]?.DeepClone();
        }

        if (properties["StreamSpecification"] is { } stream)
        {
            request["StreamSpecification"] = new JsonObject { ["StreamEnabled"] = true, ["StreamViewType"] = stream["StreamViewType"]?.DeepClone() };
        }

        var created = await _dynamoDb.Call("CreateTable", new JsonObject(request.Where(entry => entry.Value is not null).Select(
            entry => KeyValuePair.Create(entry.Key, entry.Value?.DeepClone()))));
        _physical[table.Id] = name;
        _physical[$"{table.Id}.Arn"] = Arns.Table(name);
        if (created.GetProperty("TableDescription").TryGetProperty("LatestStreamArn", out var arn))
        {
            _physical[$"{table.Id}.StreamArn"] = arn.GetString()!;
        }
    }

    private async Task CreateBucket(Resource bucket)
    {
        var name = Unique(bucket.Id);
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var created = await client.PutAsync(new Uri($"{Servers.S3Url}/{name}"), null);
        created.EnsureSuccessStatusCode();
        _physical[bucket.Id] = name;
        _physical[$"{bucket.Id}.Arn"] = Arns.Bucket(name);
    }

    private FunctionShape Shape(Resource function)
    {
        var properties = Resolve(function);
        var environment = (properties["Environment"]?["Variables"]?.AsObject() ?? []).ToDictionary(
            variable => variable.Key,
            variable => variable.Value!.ToString(),
            StringComparer.Ordinal);
        var asynchronous = Template.OfType("AWS::Lambda::EventInvokeConfig").Select(Resolve)
            .FirstOrDefault(config => (string)config["FunctionName"]! == Ref(function));
        return new(
            function.Id,
            Arn(function),
            environment.GetValueOrDefault("Raktar__Role", function.Id),
            environment,
            [.. Policies((string)properties["Role"]!), .. BucketPolicies()],
            TimeSpan.FromSeconds(Number(properties["Timeout"], 3)),
            Number(properties["MemorySize"], 128),
            Number(asynchronous?["MaximumRetryAttempts"], 2),
            (string?)asynchronous?["DestinationConfig"]?["OnFailure"]?["Destination"]);
    }

    private List<JsonNode> Policies(string roleArn)
    {
        var role = Template.OfType("AWS::IAM::Role").Single(role => Arn(role) == roleArn);
        var inline = Resolve(role)["Policies"]?.AsArray().Select(policy => policy!["PolicyDocument"]!) ?? [];
        var apart = Template.Resources.Where(resource => resource.Type is "AWS::IAM::Policy" or "AWS::IAM::ManagedPolicy").Select(Resolve)
            .Where(policy => policy["Roles"]?.AsArray().Any(name => (string)name! == Ref(role)) == true)
            .Select(policy => policy["PolicyDocument"]!);
        return [.. inline, .. apart];
    }

    /// <summary>Those of all buckets, but for what is said of plain HTTP, which everything here is.</summary>
    private IEnumerable<JsonNode> BucketPolicies() => Template.OfType("AWS::S3::BucketPolicy").Select(policy => Resolve(policy)["PolicyDocument"]!).Select(document =>
    {
        var statements = document["Statement"]!.AsArray().Where(statement => statement!["Condition"]?["Bool"]?["aws:SecureTransport"] is null);
        return new JsonObject { ["Statement"] = new JsonArray([.. statements.Select(statement => statement!.DeepClone())]) };
    });

    // CloudFormation takes numbers as strings, too.
    private static int Number(JsonNode? value, int otherwise) =>
        value is null ? otherwise : int.Parse(value.ToString(), CultureInfo.InvariantCulture);
}
