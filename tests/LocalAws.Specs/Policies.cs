using System.Text.Json.Nodes;

namespace Raktar.LocalAws.Specs;

public sealed class Policies
{
    private const string Account = "eu-central-1:000000000000";

    private static readonly string Index = $$$$"""
        {"Version": "2012-10-17", "Statement": [
          {"Effect": "Allow", "Action": "dynamodb:Query", "Resource": "arn:aws:dynamodb:{{{{Account}}}}:table/events"},
          {"Effect": "Allow", "Action": ["dynamodb:GetItem", "dynamodb:PutItem"], "Resource": "arn:aws:dynamodb:{{{{Account}}}}:table/documents",
           "Condition": {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["index.*"]}, "Bool": {"aws:SecureTransport": "true"}}},
          {"Effect": "Allow", "Action": "dynamodb:Query", "Resource": "arn:aws:dynamodb:{{{{Account}}}}:table/documents/index/by-change"},
          {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "arn:aws:s3:::files/documents/index/*"},
          {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": ["arn:aws:s3:::files"]},
          {"Effect": "Allow", "Action": "logs:PutLogEvents", "Resource": "*"}]}
        """;

    private static readonly AwsCall Dynamo = new("index", "dynamodb", "Query", "dynamodb:Query");
    private static readonly AwsCall Put = new("index", "dynamodb", "PutItem", "dynamodb:PutItem") { Table = "documents", Keys = ["index.1/foo"] };
    private static readonly AwsCall Get = new("index", "s3", "GetObject", "s3:GetObject") { Bucket = "files", Key = "documents/index/a/b" };

    [Fact]
    public void Allow_what_they_list()
    {
        var iam = Read(Index);
        Assert.True(iam.Allows(Dynamo with { Table = "events" }));
        Assert.True(iam.Allows(Dynamo with { Table = "documents", Index = "by-change" }));
        Assert.True(iam.Allows(Put));
        Assert.True(iam.Allows(Get));
        Assert.True(iam.Allows(Get with { Action = "s3:ListBucket", Key = null }));
    }

    [Fact]
    public void Allow_nothing_else()
    {
        var iam = Read(Index);
        Assert.False(iam.Allows(Dynamo with { Table = "documents" }));
        Assert.False(iam.Allows(Dynamo with { Table = "events", Index = "by-month" }));
        Assert.False(iam.Allows(Dynamo with { Table = "events-2" }));
        Assert.False(iam.Allows(Put with { Keys = ["crate.1/foo"] }));
        Assert.False(iam.Allows(Put with { Keys = ["index.1/foo", "crate.1/foo"] }));
        Assert.False(iam.Allows(Put with { Action = "dynamodb:DeleteItem" }));
        Assert.False(iam.Allows(Get with { Key = "crates/foo" }));
        Assert.False(iam.Allows(Get with { Bucket = "other" }));
        Assert.False(iam.Allows(Get with { Action = "s3:DeleteObject" }));
    }

    [Fact]
    public void For_all_values_of_none_is_true_as_in_aws() => Assert.True(Read(Index).Allows(Put with { Keys = [] }));

    [Fact]
    public void A_bucket_that_only_adds_refuses_a_put_without_its_condition()
    {
        var iam = new Iam(
        [
            JsonNode.Parse("""{"Statement": [{"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::files/*"}]}""")!,
            JsonNode.Parse("""
                {"Statement": [{"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "s3:PutObject", "Resource": "arn:aws:s3:::files/crates/*",
                 "Condition": {"Null": {"s3:if-none-match": "true"}}}]}
                """)!,
        ]);
        var put = new AwsCall("api", "s3", "PutObject", "s3:PutObject") { Bucket = "files", Key = "crates/foo" };
        Assert.False(iam.Allows(put));
        Assert.True(iam.Allows(put with { IfNoneMatch = "*" }));
        Assert.True(iam.Allows(put with { Key = "documents/foo" }));
    }

    [Fact]
    public void A_single_valued_condition_wants_a_value()
    {
        var iam = Read(Index.Replace("ForAllValues:StringLike", "StringLike", StringComparison.Ordinal));
        Assert.True(iam.Allows(Put));
        Assert.False(iam.Allows(Put with { Keys = [] }));
    }

    [Fact]
    public void Denial_is_stronger()
    {
        const string deny = """{"Statement": {"Effect": "Deny", "Action": "dynamodb:Put*", "Resource": "*"}}""";
        Assert.False(Read(Index, deny).Allows(Put));
        Assert.True(Read(Index, deny).Allows(Put with { Action = "dynamodb:GetItem" }));
    }

    [Fact]
    public void Name_what_was_never_used()
    {
        var unused = Read(Index).Unused([Put, Dynamo with { Table = "events" }, Get with { Status = 404 }]);
        Assert.Equal(
            [
                new Grant("dynamodb:GetItem", $"arn:aws:dynamodb:{Account}:table/documents"),
                new Grant("dynamodb:Query", $"arn:aws:dynamodb:{Account}:table/documents/index/by-change"),
                new Grant("s3:PutObject", "arn:aws:s3:::files/documents/index/*"),
            ],
            unused);
    }

    [Theory]
    [InlineData("""{"Statement": {"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}}""")]
    [InlineData("""{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"StringLike": {"aws:userid": "x"}}}}""")]
    [InlineData("""{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"Null": {"dynamodb:LeadingKeys": "true"}}}}""")]
    public void Are_never_guessed_at(string policy) => Assert.Throws<NotSupportedException>(() => Read(policy).Allows(Put));

    private static Iam Read(params string[] documents) => new(documents.Select(document => JsonNode.Parse(document)!));
}
