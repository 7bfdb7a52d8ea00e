using System.Security.Cryptography.X509Certificates;

namespace Raktar.LocalAws;

/// <summary>What a caller of <see cref="DeployedShape.Start"/> may choose.</summary>
public sealed record DeployedShapeOptions
{
    /// <summary>With a certificate clients use TLS and may use HTTP/2.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>The program in the published folder.</summary>
    public string Program { get; init; } = "Raktar.Api.dll";

    /// <summary>Where it listens; 0: wherever there is room.</summary>
    public int Port { get; init; }

    /// <summary>How many copies of the function behind the gateway may run at once.</summary>
    public int ApiInstances { get; init; } = 1;

    /// <summary>How many copies of each other function may run at once.</summary>
    public int ProjectionInstances { get; init; } = 1;

    /// <summary>Whether functions stand still between two invocations, as in Lambda.</summary>
    public bool Freezes { get; init; } = true;

    /// <summary>Variables of the function behind the gateway, over the template's; where clients find it is said for it unless it is here.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);
}

/// <summary>A registry in the shape in which it is deployed to AWS, made of its template and the published program, on this machine.</summary>
public sealed class DeployedShape : IAsyncDisposable
{
    private readonly Gateway _gateway;
    private readonly List<Pipe> _pipes;

    private DeployedShape(Deployment deployment, Gateway gateway, IReadOnlyList<Function> functions, Function api)
    {
        (Deployment, _gateway, Functions, Api) = (deployment, gateway, functions, api);
        gateway.LeadTo(api);
        Bus = new Bus(deployment, deployment.Template.OfType("AWS::Events::EventBus").Single(), functions);
        _pipes = [.. deployment.Template.OfType("AWS::Pipes::Pipe").Select(pipe => Pipe.Start(deployment, pipe, Bus))];
    }

    /// <summary>Where clients find it.</summary>
    public string Url => _gateway.Url;

    /// <summary>Its tables and its bucket.</summary>
    public Deployment Deployment { get; }

    /// <summary>All functions.</summary>
    public IReadOnlyList<Function> Functions { get; }

    /// <summary>The function behind the gateway.</summary>
    public Function Api { get; }

    /// <summary>From the log to the projections.</summary>
    public Bus Bus { get; }

    /// <summary>What pipes put into queues.</summary>
    public IReadOnlyList<System.Text.Json.Nodes.JsonObject> Messages => [.. _pipes.SelectMany(pipe => pipe.Messages)];

    /// <summary>What each function may do but never did.</summary>
    public IReadOnlyList<(Function Function, Grant Grant)> UnusedGrants =>
        [.. from function in Functions from grant in function.Policy.Unused(function.Aws.Calls) select (function, grant)];

    /// <summary>The function with this <c>Raktar__Role</c>.</summary>
    public Function this[string role] => Functions.Single(function => function.Shape.Role == role);

    /// <summary>Deploys a template with the program of a published folder.</summary>
    public static async Task<DeployedShape> Start(string template, string publishedFolder, DeployedShapeOptions? options = null)
    {
        options ??= new DeployedShapeOptions();
        var deployment = await Deployment.Create(Template.Read(template));
        var gateway = await Gateway.Start(options.Certificate, options.Port);
        var behindGateway = Behind(deployment);
        var program = Path.Combine(publishedFolder, options.Program);
        var functions = await Task.WhenAll(deployment.Functions.Select(shape => Function.Prepare(
            shape,
            program,
            shape == behindGateway
                ? new()
                {
                    MaxInstances = options.ApiInstances,
                    Freezes = options.Freezes,
                    Settings = new Dictionary<string, string>([new("Raktar__PublicUrl", options.Settings.GetValueOrDefault("Raktar__PublicUrl", gateway.Url)), .. options.Settings.Where(s => s.Key != "Raktar__PublicUrl")], StringComparer.Ordinal),
                }
                : new() { MaxInstances = options.ProjectionInstances, Freezes = options.Freezes })));
        return new(deployment, gateway, functions, functions.Single(function => function.Shape == behindGateway));
    }

    /// <summary>What all functions have said: for messages of failing specs.</summary>
    public string Output() => string.Join('\n', Functions.Select(function => $"== {function.Shape.Role}\n{function.Output}"));

    /// <summary>Ends it all.</summary>
    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        foreach (var pipe in _pipes)
        {
            await pipe.DisposeAsync();
        }

        foreach (var function in Functions)
        {
            await function.DisposeAsync();
        }

        await Deployment.DisposeAsync();
    }

    private static FunctionShape Behind(Deployment deployment)
    {
        var integration = deployment.Resolve(deployment.Template.OfType("AWS::ApiGatewayV2::Integration").Single());
        if ((string?)integration["PayloadFormatVersion"] != "2.0")
        {
            throw new NotSupportedException("the gateway speaks payload format 2.0 only");
        }

        // Either the function's ARN or one of API Gateway's that holds it.
        return deployment.Functions.Single(shape => ((string)integration["IntegrationUri"]!).Contains(shape.Arn, StringComparison.Ordinal));
    }
}
