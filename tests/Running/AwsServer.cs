using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Raktar.LocalAws;

namespace Raktar.Running;

/// <summary>The AWS edition: its template and its published program, on local servers in AWS's place.</summary>
internal sealed class AwsServer(string protocol) : IServer
{
    /// <summary>How many copies of the API's function may run.</summary>
    public const int ApiInstances = 2;

    private const string Token = "rk_an-administrator-of-the-aws-edition";

    private DeployedShape? _shape;

    /// <summary>The SHA-256 of the administrator's token, for the template.</summary>
    public static string TokenHash { get; } = Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(Token)));

    /// <summary>The program as it is uploaded.</summary>
    public static string Program => Path.Combine(Edition.Deployable.Result.Program, "Raktar.Api.dll");

    public string Url { get; } = $"{Protocols.Scheme(protocol)}://127.0.0.1:{Ports.Free()}";

    public string? AdminToken => Token;

    public string? Problem => null;

    /// <summary>All its parts.</summary>
    public DeployedShape Shape => _shape ?? throw new InvalidOperationException("it was not started");

    public async Task Start(string publicUrl, IReadOnlyDictionary<string, string> settings)
    {
        if (_shape is not null)
        {
            // After a kill the next request is a cold start.
            return;
        }

        var (template, program) = await Edition.Deployable;
        _shape = await DeployedShape.Start(template, program, new()
        {
            Certificate = protocol == Protocols.Http2 ? X509Certificate2.CreateFromPemFile(Certificates.Certificate, Certificates.Key) : null,
            Port = new Uri(Url).Port,
            ApiInstances = ApiInstances,
            Settings = new Dictionary<string, string>(settings) { ["Raktar__PublicUrl"] = publicUrl },
        });
    }

    public Task Kill() => Shape.Api.Kill();

    public Task Stop() => Shape.Api.Kill();

    public Task<Ended> Command(string[] arguments, IReadOnlyDictionary<string, string> settings) => Running.Program.Run(
        "dotnet",
        [Program, .. arguments],
        Scratch.Folder("work"),
        Environment().Concat(settings.Select(setting => (setting.Key, (string?)setting.Value))));

    /// <summary>The variables of a program that works on the same tables and bucket without Lambda.</summary>
    public IEnumerable<(string Name, string? Value)> Environment() => Shape.Api.Environment()
        .Where(variable => variable.Key is not ("ASPNETCORE_URLS" or "Raktar__Role") && !variable.Key.StartsWith("AWS_LAMBDA", StringComparison.Ordinal))
        .Select(variable => (variable.Key, (string?)variable.Value))
        .Append(("Raktar__Aws__DynamoDbUrl", Shape.Deployment.Servers.DynamoDbUrl))
        .Append(("Raktar__Aws__S3Url", Shape.Deployment.Servers.S3Url));

    public string Output() => _shape?.Output() ?? string.Empty;

    public async ValueTask DisposeAsync()
    {
        if (_shape is not null)
        {
            await _shape.DisposeAsync();
        }
    }
}
