using System.Text.Json;

namespace Raktar.Infra.Specs;

/// <summary>What stands between clients and the api function.</summary>
public sealed class ServingHttp
{
    private static readonly Template Stack = Synthesised.Default;

    [Fact]
    public void Every_request_goes_to_the_api_function()
    {
        var route = Assert.Single(Stack.OfType("AWS::ApiGatewayV2::Route")).Properties;
        var integration = Assert.Single(Stack.OfType("AWS::ApiGatewayV2::Integration"));
        Assert.Equal("$default", (string?)route["RouteKey"]);
        Assert.Equal($"integrations/${{{integration.Id}}}", Template.Text(route["Target"]));
        Assert.Equal("${ApiFunction.Arn}", Template.Text(integration.Properties["IntegrationUri"]));
        Assert.Equal("2.0", (string?)integration.Properties["PayloadFormatVersion"]);
        Assert.Equal("$default", (string?)Stack["ApiStage"]["StageName"]);
        Assert.True((bool)Stack["ApiStage"]["AutoDeploy"]!);
    }

    [Fact]
    public void Requests_are_throttled()
    {
        var settings = Stack["ApiStage"]["DefaultRouteSettings"]!;
        Assert.InRange((int)settings["ThrottlingRateLimit"]!, 100, 5000);
        Assert.InRange((int)settings["ThrottlingBurstLimit"]!, 100, 5000);
    }

    [Fact]
    public void The_access_log_holds_no_header_but_the_user_agent()
    {
        var log = Stack["ApiStage"]["AccessLogSettings"]!;
        Assert.Equal("${ApiAccessLog.Arn}", Template.Text(log["DestinationArn"]));
        Assert.Equal(
            [
                "$context.requestId", "$context.requestTime", "$context.identity.sourceIp", "$context.identity.userAgent", "$context.httpMethod",
                "$context.path", "$context.status", "$context.responseLength", "$context.responseLatency", "$context.integrationStatus",
                "$context.integrationErrorMessage",
            ],
            JsonSerializer.Deserialize<Dictionary<string, string>>((string)log["Format"]!)!.Values);
        Assert.DoesNotContain("authori", (string)log["Format"]!, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Without_a_domain_nothing_of_one_is_made()
    {
        Assert.DoesNotContain(Stack.Resources, each => (string?)each.Resource["Type"] is
            "AWS::CertificateManager::Certificate" or "AWS::ApiGatewayV2::DomainName" or "AWS::ApiGatewayV2::ApiMapping" or "AWS::Route53::RecordSet");
        Assert.NotEqual(true, (bool?)Stack["ApiHttp"]["DisableExecuteApiEndpoint"]);
    }

    [Fact]
    public void With_a_domain_it_is_the_only_door()
    {
        var stack = Synthesised.Full;
        Assert.True((bool)stack["ApiHttp"]["DisableExecuteApiEndpoint"]!);

        var certificate = Assert.Single(stack.OfType("AWS::CertificateManager::Certificate")).Properties;
        Assert.Equal("crates.example.com", (string?)certificate["DomainName"]);
        Assert.Equal("DNS", (string?)certificate["ValidationMethod"]);
        Assert.Equal(
            """[{"DomainName":"crates.example.com","HostedZoneId":"Z0123456789ABC"}]""", certificate["DomainValidationOptions"]!.ToJsonString());

        var domain = stack["ApiDomain"]["DomainNameConfigurations"]![0]!;
        Assert.Equal("${ApiCertificate}", Template.Text(domain["CertificateArn"]));
        Assert.Equal("TLS_1_2", (string?)domain["SecurityPolicy"]);
        Assert.Equal("dualstack", (string?)domain["IpAddressType"]);

        var mapping = Assert.Single(stack.OfType("AWS::ApiGatewayV2::ApiMapping")).Properties;
        Assert.Equal("${ApiHttp} ${ApiDomain} $default", $"{Template.Text(mapping["ApiId"])} {Template.Text(mapping["DomainName"])} {mapping["Stage"]}");
    }

    [Fact]
    public void The_domain_has_its_two_records()
    {
        var records = Synthesised.Full.OfType("AWS::Route53::RecordSet").Select(each => each.Properties).Select(record =>
            $"{record["Type"]} {record["Name"]} in {record["HostedZoneId"]} to {Template.Text(record["AliasTarget"]!["DNSName"])}");
        Assert.Equal(
            [
                "A crates.example.com. in Z0123456789ABC to ${ApiDomain.RegionalDomainName}",
                "AAAA crates.example.com. in Z0123456789ABC to ${ApiDomain.RegionalDomainName}",
            ],
            records);
    }

    [Fact]
    public void The_outputs_hold_what_people_paste()
    {
        Assert.Equal(
            "[registries.raktar]\nindex = \"sparse+https://crates.example.com/\"\ncredential-provider = [\"cargo:token\"]\n",
            Synthesised.Full.Outputs["CargoConfiguration"]);
        Assert.Equal("https://crates.example.com", Synthesised.Full.Outputs["Url"]);
        Assert.Contains("sparse+${ApiHttp.ApiEndpoint}/\"", Stack.Outputs["CargoConfiguration"], StringComparison.Ordinal);
        Assert.Equal(
            "${StorageEvents} ${StorageDocuments} ${StorageAudit} ${StorageAside} ${StorageFiles}",
            $"{Stack.Outputs["EventsTable"]} {Stack.Outputs["DocumentsTable"]} {Stack.Outputs["AuditTable"]} {Stack.Outputs["AsideTable"]} {Stack.Outputs["Bucket"]}");
    }
}
