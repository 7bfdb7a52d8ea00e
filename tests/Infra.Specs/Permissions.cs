namespace Raktar.Infra.Specs;

/// <summary>Who may do what: exactly what the program does, and nothing else.</summary>
public sealed class Permissions
{
    private const string XRay = "xray:PutTraceSegments xray:PutTelemetryRecords on *";

    private static readonly Template Stack = Synthesised.Default;

    private static readonly IReadOnlyList<Statement> Statements = Statement.All(Stack);

    [Fact]
    public void The_api_appends_and_reads()
    {
        Assert.Equal(
            [
                "dynamodb:PutItem dynamodb:Query on ${StorageEvents.Arn}",
                "dynamodb:GetItem on ${StorageDocuments.Arn}",
                "dynamodb:Query on ${StorageDocuments.Arn}/index/by-change",
                "dynamodb:GetItem dynamodb:PutItem dynamodb:DeleteItem dynamodb:Query on ${StorageAside.Arn}",
                "dynamodb:Query on ${StorageAudit.Arn} ${StorageAudit.Arn}/index/by-year ${StorageAudit.Arn}/index/by-actor ${StorageAudit.Arn}/index/by-kind",
                "s3:GetObject s3:PutObject on ${StorageFiles.Arn}/crates/*",
                "s3:PutObject on ${StorageFiles.Arn}/readmes/*",
                "s3:GetObject on ${StorageFiles.Arn}/documents/*",
                "s3:ListBucket on ${StorageFiles.Arn}",
                "logs:CreateLogStream logs:PutLogEvents on ${ApiLog.Arn}",
                XRay,
            ],
            Of("ApiRole"));
    }

    [Theory]
    [InlineData("index")]
    [InlineData("crate-state")]
    [InlineData("crate")]
    [InlineData("catalogue")]
    [InlineData("account")]
    public void A_projection_reads_the_log_and_writes_its_own_documents(string kind)
    {
        var id = $"FanOut{kind.Replace("-", "", StringComparison.Ordinal)}";
        Assert.Equal(
            [
                "dynamodb:Query on ${StorageEvents.Arn}",
                $"dynamodb:GetItem dynamodb:PutItem on ${{StorageDocuments.Arn}} when dynamodb:LeadingKeys ForAllValues:StringLike {kind}.*",
                $"s3:GetObject s3:PutObject s3:DeleteObject on ${{StorageFiles.Arn}}/documents/{kind}/*",
                $"logs:CreateLogStream logs:PutLogEvents on ${{{id}Log.Arn}}",
                XRay,
                $"sqs:SendMessage on ${{{id}DeadLetters.Arn}}",
            ],
            Of($"{id}Role"));
    }

    [Fact]
    public void The_audit_reads_the_log_and_writes_its_rows() => Assert.Equal(
        [
            "dynamodb:Query on ${StorageEvents.Arn}",
            "dynamodb:PutItem dynamodb:Query on ${StorageAudit.Arn}",
            "logs:CreateLogStream logs:PutLogEvents on ${FanOutauditLog.Arn}",
            XRay,
            "sqs:SendMessage on ${FanOutauditDeadLetters.Arn}",
        ],
        Of("FanOutauditRole"));

    [Fact]
    public void The_pipe_reads_the_stream_and_writes_to_the_bus()
    {
        Assert.Equal(
            [
                "dynamodb:DescribeStream dynamodb:GetRecords dynamodb:GetShardIterator dynamodb:ListStreams on ${StorageEvents.StreamArn}",
                "events:PutEvents on ${FanOutBus.Arn}",
                "sqs:SendMessage on ${FanOutPipeDeadLetters.Arn}",
            ],
            Of("FanOutPipeRole"));
        Assert.Equal("${FanOutPipeRole.Arn}", Template.Text(Stack["FanOutPipe"]["RoleArn"]));
    }

    [Fact]
    public void Nobody_may_change_or_delete_events() => Assert.DoesNotContain(
        Statements.Where(each => each.Effect == "Allow" && each.Resources is not ["${StorageAside.Arn}"]).SelectMany(each => each.Actions),
        action => action is "dynamodb:UpdateItem" or "dynamodb:DeleteItem" or "dynamodb:BatchWriteItem" or "dynamodb:DeleteTable"
            || action.StartsWith("dynamodb:PartiQL", StringComparison.Ordinal));

    [Fact]
    public void Only_the_api_sees_what_is_kept_beside_the_log() => Assert.Equal(
        "ApiRole",
        Assert.Single(Statements, each => each.Resources.Any(resource => resource.StartsWith("${StorageAside.Arn}", StringComparison.Ordinal))).Owner);

    [Fact]
    public void No_action_is_a_wildcard() =>
        Assert.DoesNotContain(Statements.Where(each => each.Effect == "Allow").SelectMany(each => each.Actions), action => action.Contains('*'));

    [Fact]
    public void No_resource_is_a_wildcard_but_XRays_and_prefixes_in_the_bucket()
    {
        var wild = from statement in Statements
                   where statement.Effect == "Allow" && statement.ToString() != XRay
                   from resource in statement.Resources
                   where resource.Contains('*') && !resource.StartsWith("${StorageFiles.Arn}/", StringComparison.Ordinal)
                   select statement;
        Assert.Empty(wild);
    }

    [Fact]
    public void Every_other_right_of_a_principal_is_bound_to_a_source()
    {
        var granted = Statements.Where(each => each.Effect == "Allow" && each.Principal.Length > 0 && each.Actions is not ["sts:AssumeRole"]).ToList();
        Assert.NotEmpty(granted);
        Assert.All(granted, each => Assert.Contains("aws:Source", each.Condition, StringComparison.Ordinal));
    }

    [Fact]
    public void Roles_are_for_Lambda_and_the_pipe_only()
    {
        var trust = Statements.Where(each => each.Actions is ["sts:AssumeRole"]).ToDictionary(each => each.Owner, each => $"{each.Principal} {each.Condition}");
        Assert.Equal(8, trust.Count);
        Assert.All(trust, each => Assert.Equal(
            each.Key == "FanOutPipeRole"
                ? """{"Service":"pipes.amazonaws.com"} aws:SourceAccount StringEquals ${AWS::AccountId}"""
                : """{"Service":"lambda.amazonaws.com"} """,
            each.Value));
    }

    [Fact]
    public void No_policy_comes_from_elsewhere()
    {
        Assert.All(Stack.OfType("AWS::IAM::Role"), role => Assert.Null(role.Properties["ManagedPolicyArns"]));
        Assert.Empty(Stack.OfType("AWS::IAM::Policy"));
        Assert.Empty(Stack.OfType("AWS::IAM::ManagedPolicy"));
    }

    [Fact]
    public void Every_function_has_the_role_of_its_name() => Assert.All(Stack.OfType("AWS::Lambda::Function"), function => Assert.Equal(
        $"${{{function.Id.Replace("Function", "Role", StringComparison.Ordinal)}.Arn}}", Template.Text(function.Properties["Role"])));

    [Fact]
    public void Only_its_rule_invokes_a_projection_and_only_the_API_the_api()
    {
        var invoking = Stack.OfType("AWS::Lambda::Permission").Select(each => each.Properties).ToDictionary(
            permission => Template.Text(permission["FunctionName"]),
            permission => $"{permission["Action"]} {permission["Principal"]} {Template.Text(permission["SourceArn"])}");
        var expected = new Dictionary<string, string>
        {
            ["${ApiFunction.Arn}"] =
                "lambda:InvokeFunction apigateway.amazonaws.com "
                + "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${ApiHttp}/*/*",
        };
        foreach (var kind in new[] { "index", "cratestate", "crate", "catalogue", "account", "audit" })
        {
            expected[$"${{FanOut{kind}Function.Arn}}"] = $"lambda:InvokeFunction events.amazonaws.com ${{FanOut{kind}Rule.Arn}}";
        }

        Assert.Equal(expected, invoking);
    }

    private static IEnumerable<string> Of(string role)
    {
        var policies = Statements.Where(each => each.Owner == role && each.Principal.Length == 0).ToList();
        Assert.All(policies, each => Assert.Equal("Allow", each.Effect));
        return policies.Select(each => each.ToString());
    }
}
