using System.Text.Json.Nodes;

namespace Raktar.Infra.Specs;

/// <summary>The tables and the bucket lose nothing and show nothing.</summary>
public sealed class KeepingData
{
    private static readonly Template Stack = Synthesised.Default;

    [Fact]
    public void The_log_survives_mistakes_and_the_stack()
    {
        var events = Stack["StorageEvents"];
        Assert.True((bool)events["PointInTimeRecoverySpecification"]!["PointInTimeRecoveryEnabled"]!);
        Assert.True((bool)events["DeletionProtectionEnabled"]!);
        Assert.Equal("Retain", (string?)Stack.Resource("StorageEvents")["DeletionPolicy"]);
        Assert.Equal("Retain", (string?)Stack.Resource("StorageEvents")["UpdateReplacePolicy"]);
    }

    [Fact]
    public void The_log_is_keyed_as_the_program_writes_it()
    {
        var events = Stack["StorageEvents"];
        Assert.Equal("stream:S first:N", Keys(events, events));
        Assert.Equal(["by-month month:S at:S KEYS_ONLY"], Indexes(events));
        Assert.Equal("NEW_IMAGE", (string?)events["StreamSpecification"]!["StreamViewType"]);
        Assert.Equal("PAY_PER_REQUEST", (string?)events["BillingMode"]);
    }

    [Fact]
    public void Documents_can_be_rebuilt_but_not_deleted_by_mistake()
    {
        var documents = Stack["StorageDocuments"];
        Assert.Equal("id:S", Keys(documents, documents));
        Assert.Equal(["by-change shard:S changed:N ALL"], Indexes(documents));
        Assert.True((bool)documents["DeletionProtectionEnabled"]!);
        Assert.Equal("PAY_PER_REQUEST", (string?)documents["BillingMode"]);
        Assert.Equal("Delete", (string?)Stack.Resource("StorageDocuments")["DeletionPolicy"]);
    }

    [Fact]
    public void The_audit_is_found_by_its_place_in_time_in_every_way()
    {
        var audit = Stack["StorageAudit"];
        Assert.Equal("stream:S place:S", Keys(audit, audit));
        Assert.Equal(["by-year year:S place:S ALL", "by-actor actor:S place:S ALL", "by-kind kind:S place:S ALL"], Indexes(audit));
        Assert.True((bool)audit["DeletionProtectionEnabled"]!);
        Assert.Equal("PAY_PER_REQUEST", (string?)audit["BillingMode"]);
        Assert.Equal("Delete", (string?)Stack.Resource("StorageAudit")["DeletionPolicy"]);
    }

    [Fact]
    public void What_is_kept_beside_the_log_ends_by_itself()
    {
        var aside = Stack["StorageAside"];
        Assert.Equal("kind:S key:S", Keys(aside, aside));
        Assert.Equal("""{"AttributeName":"until","Enabled":true}""", aside["TimeToLiveSpecification"]!.ToJsonString());
        Assert.Equal("PAY_PER_REQUEST", (string?)aside["BillingMode"]);
        Assert.True((bool)aside["DeletionProtectionEnabled"]!);
        Assert.Equal("Delete", (string?)Stack.Resource("StorageAside")["DeletionPolicy"]);
    }

    [Fact]
    public void There_are_no_other_tables_and_buckets()
    {
        Assert.Equal(["StorageEvents", "StorageDocuments", "StorageAudit", "StorageAside"], Stack.OfType("AWS::DynamoDB::Table").Select(each => each.Id));
        Assert.Equal(["StorageFiles", "StorageCheckpoints"], Stack.OfType("AWS::S3::Bucket").Select(each => each.Id));
    }

    [Theory]
    [InlineData("StorageFiles")]
    [InlineData("StorageCheckpoints")]
    public void A_bucket_is_private_encrypted_versioned_and_kept(string id)
    {
        var files = Stack[id];
        Assert.Equal(
            """{"BlockPublicAcls":true,"BlockPublicPolicy":true,"IgnorePublicAcls":true,"RestrictPublicBuckets":true}""",
            files["PublicAccessBlockConfiguration"]!.ToJsonString());
        Assert.Equal("BucketOwnerEnforced", (string?)files["OwnershipControls"]!["Rules"]![0]!["ObjectOwnership"]);
        Assert.Equal(
            "AES256",
            (string?)files["BucketEncryption"]!["ServerSideEncryptionConfiguration"]![0]!["ServerSideEncryptionByDefault"]!["SSEAlgorithm"]);
        Assert.Equal("Enabled", (string?)files["VersioningConfiguration"]!["Status"]);
        Assert.Equal("Retain", (string?)Stack.Resource(id)["DeletionPolicy"]);
        Assert.Equal("Retain", (string?)Stack.Resource(id)["UpdateReplacePolicy"]);
    }

    [Fact]
    public void Checkpoints_are_locked_for_seven_years()
    {
        var checkpoints = Stack["StorageCheckpoints"];
        Assert.True((bool)checkpoints["ObjectLockEnabled"]!);
        Assert.Equal(
            """{"ObjectLockEnabled":"Enabled","Rule":{"DefaultRetention":{"Days":2555,"Mode":"GOVERNANCE"}}}""",
            checkpoints["ObjectLockConfiguration"]!.ToJsonString());
        Assert.Null(checkpoints["LifecycleConfiguration"]);
    }

    [Fact]
    public void The_key_signs_on_P256_and_is_kept()
    {
        var key = Stack["CheckpointsSigningKey"];
        Assert.Equal(("ECC_NIST_P256", "SIGN_VERIFY", 30), ((string?)key["KeySpec"], (string?)key["KeyUsage"], (int)key["PendingWindowInDays"]!));
        Assert.Equal("Retain", (string?)Stack.Resource("CheckpointsSigningKey")["DeletionPolicy"]);
        Assert.Equal("Retain", (string?)Stack.Resource("CheckpointsSigningKey")["UpdateReplacePolicy"]);
    }

    [Theory]
    [InlineData("StorageFiles", "${StorageFiles.Arn}/crates/* ${StorageFiles.Arn}/readmes/*")]
    [InlineData("StorageCheckpoints", "${StorageCheckpoints.Arn}/checkpoints/*")]
    public void The_policy_of_a_bucket_only_forbids_plain_HTTP_and_replacing_what_is_kept(string id, string kept)
    {
        var statements = Statement.All(Stack).Where(each => each.Owner == $"{id}Policy").ToList();
        Assert.Equal(
            [
                $"s3:* on ${{{id}.Arn}} ${{{id}.Arn}}/* when aws:SecureTransport Bool false",
                $"s3:PutObject on {kept} when s3:if-none-match Null true",
            ],
            statements.Select(each => each.ToString()));
        Assert.All(statements, each => Assert.Equal(("Deny", """{"AWS":"*"}"""), (each.Effect, each.Principal)));
    }

    [Fact]
    public void Only_documents_lose_their_past()
    {
        var rules = Stack["StorageFiles"]["LifecycleConfiguration"]!["Rules"]!.AsArray();
        Assert.Equal(
            [
                """{"AbortIncompleteMultipartUpload":{"DaysAfterInitiation":1},"Status":"Enabled"}""",
                """{"ExpiredObjectDeleteMarker":true,"NoncurrentVersionExpiration":{"NoncurrentDays":1},"Prefix":"documents/","Status":"Enabled"}""",
            ],
            rules.Select(rule => rule!.ToJsonString()));
    }

    [Fact]
    public void On_a_restored_log_the_stack_has_no_log_of_its_own()
    {
        var restored = Synthesised.Restored;
        Assert.Equal(["StorageDocuments", "StorageAudit", "StorageAside"], restored.OfType("AWS::DynamoDB::Table").Select(each => each.Id));
        Assert.Equal(Synthesised.RestoredStream, Template.Text(restored["FanOutPipe"]["Source"]));
        Assert.All(
            restored.OfType("AWS::Lambda::Function"),
            function => Assert.Equal("restored", Template.Text(function.Properties["Environment"]!["Variables"]!["Raktar__Aws__EventsTable"])));
        Assert.Contains(
            "dynamodb:PutItem dynamodb:Query on arn:aws:dynamodb:eu-west-1:123456789012:table/restored",
            Statement.All(restored).Where(each => each.Owner == "ApiRole").Select(each => each.ToString()));
    }

    private static IEnumerable<string> Indexes(JsonNode table) => table["GlobalSecondaryIndexes"]!.AsArray()
        .Select(index => $"{index!["IndexName"]} {Keys(table, index)} {index["Projection"]!["ProjectionType"]}");

    private static string Keys(JsonNode table, JsonNode keyed)
    {
        var types = table["AttributeDefinitions"]!.AsArray().ToDictionary(each => (string)each!["AttributeName"]!, each => (string)each!["AttributeType"]!);
        return string.Join(' ', keyed["KeySchema"]!.AsArray().Select(key => $"{key!["AttributeName"]}:{types[(string)key["AttributeName"]!]}"));
    }
}
