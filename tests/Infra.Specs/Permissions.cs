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
                "s3:GetObject s3:PutObject on ${StorageFiles.Arn}/readmes/*",
                "s3:GetObject on ${StorageFiles.Arn}/documents/*",
                "s3:GetObject on ${StorageCheckpoints.Arn}/checkpoints/*",
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
    public void What_makes_checkpoints_reads_the_log_appends_to_their_stream_and_signs() => Assert.Equal(
        [
            "dynamodb:Scan on ${StorageEvents.Arn}",
            "dynamodb:Query dynamodb:PutItem on ${StorageEvents.Arn} when dynamodb:LeadingKeys ForAllValues:StringEquals registry/checkpoints",
            "s3:GetObject s3:PutObject on ${StorageCheckpoints.Arn}/checkpoints/*",
            "s3:ListBucket on ${StorageCheckpoints.Arn}",
            "kms:GetPublicKey kms:Sign on ${CheckpointsSigningKey.Arn}",
            "logs:CreateLogStream logs:PutLogEvents on ${CheckpointsLog.Arn}",
            XRay,
            "sqs:SendMessage on ${CheckpointsDeadLetters.Arn}",
        ],
        Of("CheckpointsRole"));

    [Fact]
    public void Nobody_else_signs() => Assert.Equal(
        "CheckpointsRole",
        Assert.Single(Statements, each => each.Principal.Length == 0 && each.Actions.Any(action => action.StartsWith("kms:", StringComparison.Ordinal))).Owner);

    [Fact]
    public void The_key_itself_leaves_it_to_the_policies_of_its_account() => Assert.Equal(
        "kms:* on *", Assert.Single(Statements, each => each.Owner == "CheckpointsSigningKey").ToString());

    [Fact]
    public void Nobody_may_delete_checkpoints_or_shorten_their_lock() => Assert.DoesNotContain(
        Statements.Where(each => each.Effect == "Allow" && each.Resources.Any(resource => resource.StartsWith("${StorageCheckpoints.Arn}", StringComparison.Ordinal))).SelectMany(each => each.Actions),
        action => action is not ("s3:GetObject" or "s3:PutObject" or "s3:ListBucket"));

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
    public void What_watches_the_log_for_changes_reads_the_stream_and_tells() => Assert.Equal(
        [
            "dynamodb:DescribeStream dynamodb:GetRecords dynamodb:GetShardIterator dynamodb:ListStreams on ${StorageEvents.StreamArn}",
            "sqs:SendMessage on ${TamperingChanges.Arn}",
        ],
        Of("TamperingPipeRole"));

    [Fact]
    public void Nobody_may_delete_crate_files() => Assert.All(
        Statements.Where(each => each.Effect == "Allow" && each.Actions.Any(action => action.StartsWith("s3:Delete", StringComparison.Ordinal))),
        each => Assert.All(each.Resources, resource => Assert.StartsWith("${StorageFiles.Arn}/documents/", resource, StringComparison.Ordinal)));

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
        Assert.DoesNotContain(Statements.Where(IsNotTheKeys).Where(each => each.Effect == "Allow").SelectMany(each => each.Actions), action => action.Contains('*'));

    [Fact]
    public void No_resource_is_a_wildcard_but_XRays_and_prefixes_in_the_buckets()
    {
        var wild = from statement in Statements
                   where IsNotTheKeys(statement) && statement.Effect == "Allow" && statement.ToString() != XRay
                   from resource in statement.Resources
                   where resource.Contains('*') && !resource.StartsWith("${StorageFiles.Arn}/", StringComparison.Ordinal)
                       && !resource.StartsWith("${StorageCheckpoints.Arn}/", StringComparison.Ordinal)
                   select statement;
        Assert.Empty(wild);
    }

    [Fact]
    public void Every_other_right_of_a_principal_is_bound_to_a_source()
    {
        var granted = Statements.Where(IsNotTheKeys).Where(each => each.Effect == "Allow" && each.Principal.Length > 0 && each.Actions is not ["sts:AssumeRole"]).ToList();
        Assert.NotEmpty(granted);
        Assert.All(granted, each => Assert.Contains("aws:Source", each.Condition, StringComparison.Ordinal));
    }

    [Fact]
    public void Roles_are_for_Lambda_and_the_pipe_only()
    {
        var trust = Statements.Where(each => each.Actions is ["sts:AssumeRole"]).ToDictionary(each => each.Owner, each => $"{each.Principal} {each.Condition}");
        Assert.Equal(10, trust.Count);
        Assert.All(trust, each => Assert.Equal(
            each.Key is "FanOutPipeRole" or "TamperingPipeRole"
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
    public void Only_its_rules_invoke_a_function_and_only_the_API_the_api()
    {
        var invoking = Stack.OfType("AWS::Lambda::Permission").Select(each => each.Properties).Select(
            permission => $"{Template.Text(permission["FunctionName"])} {permission["Action"]} {permission["Principal"]} {Template.Text(permission["SourceArn"])}");
        var expected = new List<string>
        {
            "${ApiFunction.Arn} lambda:InvokeFunction apigateway.amazonaws.com arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${ApiHttp}/*/*",
            "${CheckpointsFunction.Arn} lambda:InvokeFunction events.amazonaws.com ${CheckpointsDaily.Arn}",
            "${CheckpointsFunction.Arn} lambda:InvokeFunction events.amazonaws.com ${CheckpointsOnDemand.Arn}",
        };
        foreach (var kind in new[] { "index", "cratestate", "crate", "catalogue", "account", "audit" })
        {
            expected.Add($"${{FanOut{kind}Function.Arn}} lambda:InvokeFunction events.amazonaws.com ${{FanOut{kind}Rule.Arn}}");
        }

        Assert.Equal(expected.Order(StringComparer.Ordinal), invoking.Order(StringComparer.Ordinal));
    }

    // The policy that AWS gives a key unless told otherwise: whoever administers the account may lend its use, and nobody is locked out.
    private static bool IsNotTheKeys(Statement statement) => statement.Owner != "CheckpointsSigningKey";

    private static IEnumerable<string> Of(string role)
    {
        var policies = Statements.Where(each => each.Owner == role && each.Principal.Length == 0).ToList();
        Assert.All(policies, each => Assert.Equal("Allow", each.Effect));
        return policies.Select(each => each.ToString());
    }
}
