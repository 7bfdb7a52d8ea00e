namespace Raktar.Infra.Specs;

/// <summary>The functions run the published program as it expects to be run.</summary>
public sealed class RunningFunctions
{
    private static readonly Template Stack = Synthesised.Default;

    private static readonly Dictionary<string, string> Common = new()
    {
        ["Raktar__Storage"] = "aws",
        ["Raktar__Aws__EventsTable"] = "${StorageEvents}",
        ["Raktar__Aws__DocumentsTable"] = "${StorageDocuments}",
        ["Raktar__Aws__Bucket"] = "${StorageFiles}",
        ["ASPNETCORE_URLS"] = "http://127.0.0.1:8080",
        ["AWS_LAMBDA_EXEC_WRAPPER"] = "/opt/bootstrap",
        ["AWS_LWA_PORT"] = "8080",
        ["AWS_LWA_READINESS_CHECK_PATH"] = "/health",
    };

    [Fact]
    public void The_api_is_told_its_URL_and_its_limit()
    {
        var expected = new Dictionary<string, string>(Common)
        {
            ["Raktar__Role"] = "api",
            ["Raktar__PublicUrl"] = "${ApiHttp.ApiEndpoint}",
            ["Raktar__Aws__AsideTable"] = "${StorageAside}",
            ["Raktar__Aws__AuditTable"] = "${StorageAudit}",
            ["Raktar__Aws__CheckpointsBucket"] = "${StorageCheckpoints}",
            ["Raktar__AdminTokenHash"] = "",
            ["Raktar__Limits__CrateBytes"] = "4000000",
            ["Raktar__BehindProxy"] = "true",
        };
        Assert.Equal(expected, EnvironmentOf(Stack, "ApiFunction"));
    }

    [Fact]
    public void What_was_chosen_is_told_to_the_api_only()
    {
        var expected = new Dictionary<string, string>(Common)
        {
            ["Raktar__Role"] = "api",
            ["Raktar__PublicUrl"] = "https://crates.example.com",
            ["Raktar__Aws__AsideTable"] = "${StorageAside}",
            ["Raktar__Aws__AuditTable"] = "${StorageAudit}",
            ["Raktar__Aws__CheckpointsBucket"] = "${StorageCheckpoints}",
            ["Raktar__AdminTokenHash"] = Synthesised.AdminTokenHash,
            ["Raktar__Limits__CrateBytes"] = "4000000",
            ["Raktar__BehindProxy"] = "true",
            ["Raktar__Public"] = "true",
            ["Raktar__Oidc__Authority"] = "https://id.example.com/realms/crates",
            ["Raktar__Oidc__ClientId"] = "raktar",
            ["Raktar__Oidc__ClientSecret"] = "{{resolve:secretsmanager:raktar/oidc:SecretString}}",
            ["Raktar__Oidc__Roles"] = "rust-devs=publisher;rust-admins=admin",
            ["Raktar__Oidc__Teams"] = "rust-platform=platform",
            ["Raktar__Oidc__DefaultRole"] = "reader",
            ["Raktar__Oidc__Scopes"] = "openid profile groups",
        };
        Assert.Equal(expected, EnvironmentOf(Synthesised.Full, "ApiFunction"));
        Assert.Equal(EnvironmentOf(Stack, "FanOutindexFunction"), EnvironmentOf(Synthesised.Full, "FanOutindexFunction"));
    }

    [Theory]
    [InlineData("index")]
    [InlineData("crate-state")]
    [InlineData("crate")]
    [InlineData("catalogue")]
    [InlineData("account")]
    [InlineData("audit")]
    public void An_error_of_a_projection_fails_its_invocation(string kind)
    {
        var expected = new Dictionary<string, string>(Common)
        {
            ["Raktar__Role"] = kind,
            ["AWS_LWA_ERROR_STATUS_CODES"] = "400-599",
        };
        if (kind == "audit")
        {
            expected["Raktar__Aws__AuditTable"] = "${StorageAudit}";
        }

        Assert.Equal(expected, EnvironmentOf(Stack, $"FanOut{kind.Replace("-", "", StringComparison.Ordinal)}Function"));
    }

    [Fact]
    public void What_makes_checkpoints_is_told_the_bucket_and_the_key()
    {
        var expected = new Dictionary<string, string>(Common)
        {
            ["Raktar__Role"] = "checkpoint",
            ["Raktar__Aws__CheckpointsBucket"] = "${StorageCheckpoints}",
            ["Raktar__Aws__SigningKey"] = "${CheckpointsSigningKey.Arn}",
            ["AWS_LWA_ERROR_STATUS_CODES"] = "400-599",
        };
        Assert.Equal(expected, EnvironmentOf(Stack, "CheckpointsFunction"));
    }

    [Fact]
    public void All_run_one_package_under_the_adapter()
    {
        var functions = Stack.OfType("AWS::Lambda::Function").Select(each => each.Properties).ToList();
        Assert.Equal(8, functions.Count);
        Assert.Single(functions.Select(each => Template.Text(each["Code"]!["S3Key"])).Distinct());
        Assert.All(functions, function =>
        {
            Assert.Equal("dotnet10", (string?)function["Runtime"]);
            Assert.Equal("run.sh", (string?)function["Handler"]);
            Assert.Equal(["arn:aws:lambda:${AWS::Region}:753240598075:layer:LambdaAdapterLayerArm64:27"], Template.Texts(function["Layers"]));
            Assert.Equal(["arm64"], Template.Texts(function["Architectures"]));
            Assert.Equal("Active", (string?)function["TracingConfig"]!["Mode"]);
            Assert.Equal(1024, (int)function["MemorySize"]!);
        });
    }

    [Fact]
    public void On_x86_the_adapter_is_of_x86() => Assert.All(Synthesised.Full.OfType("AWS::Lambda::Function"), function =>
    {
        Assert.Equal(["x86_64"], Template.Texts(function.Properties["Architectures"]));
        Assert.Equal(["arn:aws:lambda:${AWS::Region}:753240598075:layer:LambdaAdapterLayerX86:27"], Template.Texts(function.Properties["Layers"]));
    });

    [Fact]
    public void The_api_gives_up_before_its_gateway_a_projection_after_a_minute_and_a_checkpoint_after_ten() => Assert.All(
        Stack.OfType("AWS::Lambda::Function"),
        function => Assert.Equal(function.Id switch { "ApiFunction" => 29, "CheckpointsFunction" => 600, _ => 60 }, (int)function.Properties["Timeout"]!));

    [Fact]
    public void Logs_are_kept_for_a_month()
    {
        var logs = Stack.OfType("AWS::Logs::LogGroup");
        Assert.Equal(9, logs.Count);
        Assert.All(logs, log => Assert.Equal(30, (int)log.Properties["RetentionInDays"]!));
        Assert.All(Stack.OfType("AWS::Lambda::Function"), function => Assert.Equal(
            $"${{{function.Id.Replace("Function", "Log", StringComparison.Ordinal)}}}",
            Template.Text(function.Properties["LoggingConfig"]!["LogGroup"])));
    }

    private static Dictionary<string, string> EnvironmentOf(Template template, string id) =>
        template[id]["Environment"]!["Variables"]!.AsObject().ToDictionary(each => each.Key, each => Template.Text(each.Value));
}
