namespace Raktar.LocalAws;

/// <summary>One call of an AWS API, as a proxy saw it.</summary>
/// <param name="Caller">Who called: the name of the proxy.</param>
/// <param name="Service"><c>dynamodb</c>, <c>s3</c> or <c>kms</c>.</param>
/// <param name="Operation">What the API calls it: <c>PutItem</c>, <c>HeadObject</c>, <c>ListObjectsV2</c>.</param>
/// <param name="Action">What a policy calls it: <c>dynamodb:PutItem</c>, <c>s3:GetObject</c>, <c>s3:ListBucket</c>.</param>
public sealed record AwsCall(string Caller, string Service, string Operation, string Action)
{
    /// <summary>DynamoDB: the table.</summary>
    public string? Table { get; init; }

    /// <summary>DynamoDB: the index that is read.</summary>
    public string? Index { get; init; }

    /// <summary>DynamoDB: the values of the partition key (of the index, if there is one) that it touches.</summary>
    public IReadOnlyList<string> Keys { get; init; } = [];

    /// <summary>S3: the bucket.</summary>
    public string? Bucket { get; init; }

    /// <summary>S3: the object's key. KMS: the key's ARN.</summary>
    public string? Key { get; init; }

    /// <summary>S3: the call was signed in its URL.</summary>
    public bool Presigned { get; init; }

    /// <summary>S3: the checksum that came with the body, in base64.</summary>
    public string? Sha256 { get; init; }

    /// <summary>S3: whether <see cref="Sha256"/> is the body's.</summary>
    public bool Sha256IsRight { get; init; }

    /// <summary>S3: the condition on which it writes, <c>If-None-Match</c>.</summary>
    public string? IfNoneMatch { get; init; }

    /// <summary>The length of the request's body.</summary>
    public int RequestBytes { get; init; }

    /// <summary>The length of the answer's body.</summary>
    public int ResponseBytes { get; init; }

    /// <summary>How it was answered; 0 when it was not.</summary>
    public int Status { get; init; }

    /// <summary>What was done to it.</summary>
    public Fault? Fault { get; init; }

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Caller}: {Operation} {Table}{(Index is null ? string.Empty : "/" + Index)}{Bucket}{(Key is null ? string.Empty : "/" + Key)}"
        + $"{(Keys.Count == 0 ? string.Empty : $" [{string.Join(", ", Keys)}]")} -> {Status}{(Fault is null ? string.Empty : $" ({Fault})")}";
}
