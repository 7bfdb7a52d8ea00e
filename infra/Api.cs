using System.Text.Json;
using Amazon.CDK;
using Amazon.CDK.AWS.Apigatewayv2;
using Amazon.CDK.AWS.CertificateManager;
using Amazon.CDK.AWS.IAM;
using Amazon.CDK.AWS.Logs;
using Amazon.CDK.AWS.Route53;
using Amazon.CDK.AWS.Route53.Targets;
using Amazon.CDK.AwsApigatewayv2Integrations;
using Constructs;

namespace Raktar.Infra;

/// <summary>What clients talk to: an HTTP API in front of one function, under a domain of its own when there is one.</summary>
internal sealed class Api : Construct
{
    // One `cargo build` asks for hundreds of index files at once.
    private const int RequestsPerSecond = 1000;
    private const int Burst = 2000;

    // https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html; no header is logged, so no token is.
    private static readonly string LogFormat = JsonSerializer.Serialize(new Dictionary<string, string>
    {
        ["requestId"] = "$context.requestId",
        ["time"] = "$context.requestTime",
        ["ip"] = "$context.identity.sourceIp",
        ["userAgent"] = "$context.identity.userAgent",
        ["method"] = "$context.httpMethod",
        ["path"] = "$context.path",
        ["status"] = "$context.status",
        ["bytes"] = "$context.responseLength",
        ["latency"] = "$context.responseLatency",
        ["integrationStatus"] = "$context.integrationStatus",
        ["integrationError"] = "$context.integrationErrorMessage",
    });

    /// <summary>Builds it.</summary>
    public Api(Construct scope, ProgramSettings program, Settings settings)
        : base(scope, "Api")
    {
        var (storage, domain) = (program.Storage, settings.Domain);
        Http = new HttpApi(this, "Http", new HttpApiProps
        {
            ApiName = "Raktar",
            CreateDefaultStage = false,
            DisableExecuteApiEndpoint = domain is not null,
        });
        Url = domain is null ? Http.ApiEndpoint : $"https://{domain.Name}";
        Function = new RaktarFunction(this, "api", program, Duration.Seconds(29), Environment(storage, settings), May(storage));
        _ = new HttpRoute(this, "Route", new HttpRouteProps
        {
            HttpApi = Http,
            RouteKey = HttpRouteKey.DEFAULT,
            Integration = new HttpLambdaIntegration("Integration", Function),
        });

        var stage = new HttpStage(this, "Stage", new HttpStageProps
        {
            HttpApi = Http,
            StageName = "$default",
            AutoDeploy = true,
            Throttle = new ThrottleSettings { RateLimit = RequestsPerSecond, BurstLimit = Burst },
            DomainMapping = domain is null ? null : new DomainMappingOptions { DomainName = Name(domain) },
        });
        var log = new LogGroup(this, "AccessLog", new LogGroupProps { Retention = RetentionDays.ONE_MONTH, RemovalPolicy = RemovalPolicy.DESTROY });
        ((CfnStage)stage.Node.DefaultChild!).AccessLogSettings = new CfnStage.AccessLogSettingsProperty
        {
            DestinationArn = log.LogGroupArn,
            Format = LogFormat,
        };
    }

    /// <summary>The API.</summary>
    public HttpApi Http { get; }

    /// <summary>Answers its requests.</summary>
    public RaktarFunction Function { get; }

    /// <summary>What it says.</summary>
    public ILogGroup Log => (ILogGroup)Node.FindChild("Log");

    /// <summary>The registry's URL, without a slash at the end.</summary>
    public string Url { get; }

    private Dictionary<string, string> Environment(Storage storage, Settings settings)
    {
        var environment = new Dictionary<string, string>
        {
            ["Raktar__PublicUrl"] = Url,
            ["Raktar__Aws__AsideTable"] = storage.Aside.TableName,
            ["Raktar__Aws__AuditTable"] = storage.Audit.TableName,
            ["Raktar__Aws__CheckpointsBucket"] = storage.Checkpoints.BucketName,
            ["Raktar__AdminTokenHash"] = settings.AdminTokenHash,
            ["Raktar__BehindProxy"] = "true",
            // Lambda takes 6 MB per request, in which a crate file is base64:
            // https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
            ["Raktar__Limits__CrateBytes"] = "4000000",
        };
        foreach (var (name, value) in settings.Oidc)
        {
            environment[name] = value;
        }

        if (settings.Public)
        {
            environment["Raktar__Public"] = "true";
        }

        foreach (var (network, at) in settings.ReadFrom.Select((network, at) => (network, at)))
        {
            environment[string.Create(System.Globalization.CultureInfo.InvariantCulture, $"Raktar__ReadFrom__{at}")] = network;
        }

        foreach (var (issuer, at) in settings.TrustedIssuers.Select((issuer, at) => (issuer, at)))
        {
            environment[string.Create(System.Globalization.CultureInfo.InvariantCulture, $"Raktar__TrustedPublishing__Issuers__{at}__Url")] = issuer;
        }

        return environment;
    }

    private static PolicyStatement[] May(Storage storage) =>
    [
        Allow.To([storage.Events.TableArn], "dynamodb:PutItem", "dynamodb:Query"),
        Allow.To([storage.Documents.TableArn], "dynamodb:GetItem"),
        Allow.To([.. Tables.IndexesOf("Documents").Select(index => $"{storage.Documents.TableArn}/index/{index}")], "dynamodb:Query"),
        Allow.To([storage.Aside.TableArn], "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:DeleteItem", "dynamodb:Query"),
        Allow.To(
            [storage.Audit.TableArn, .. Tables.IndexesOf("Audit").Select(index => $"{storage.Audit.TableArn}/index/{index}")], "dynamodb:Query"),
        // Cargo reads crate files by links that the function signed; it reads them, and READMEs, itself for its pages.
        Allow.To([storage.Files.ArnForObjects("crates/*")], "s3:GetObject", "s3:PutObject"),
        Allow.To([storage.Files.ArnForObjects("readmes/*")], "s3:GetObject", "s3:PutObject"),
        Allow.To([storage.Files.ArnForObjects("documents/*")], "s3:GetObject"),
        // For proofs. It cannot sign: who asks for a checkpoint appends that to the log, and the function that has the key hears of it.
        Allow.To([storage.Checkpoints.ArnForObjects("checkpoints/*")], "s3:GetObject"),
        // Without it S3 answers 403 for an object that is not there.
        Allow.To([storage.Files.BucketArn], "s3:ListBucket"),
    ];

    private DomainName Name(Domain domain)
    {
        // Records below are absolute, so the name of the zone is never used, and needs no look-up.
        var zone = HostedZone.FromHostedZoneAttributes(
            this, "Zone", new HostedZoneAttributes { HostedZoneId = domain.HostedZoneId, ZoneName = domain.Name });
        var name = new DomainName(this, "Domain", new DomainNameProps
        {
            DomainName = domain.Name,
            Certificate = new Certificate(
                this, "Certificate", new CertificateProps { DomainName = domain.Name, Validation = CertificateValidation.FromDns(zone) }),
            SecurityPolicy = SecurityPolicy.TLS_1_2,
        });
        // Without it the AAAA record has nothing to answer; this version of the CDK has no name for it.
        ((CfnDomainName)name.Node.DefaultChild!).AddPropertyOverride("DomainNameConfigurations.0.IpAddressType", "dualstack");
        var target = RecordTarget.FromAlias(new ApiGatewayv2DomainProperties(name.RegionalDomainName, name.RegionalHostedZoneId));
        _ = new ARecord(this, "A", new ARecordProps { Zone = zone, RecordName = $"{domain.Name}.", Target = target });
        _ = new AaaaRecord(this, "Aaaa", new AaaaRecordProps { Zone = zone, RecordName = $"{domain.Name}.", Target = target });
        return name;
    }
}
