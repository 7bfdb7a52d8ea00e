using System.Net;

namespace Raktar.LocalAws;

/// <summary>An answer, whole.</summary>
internal sealed record Answer(int Status, IReadOnlyList<(string Name, string[] Values)> Headers, byte[] Body)
{
    /// <summary>Differs from the body's length only for HEAD.</summary>
    public long Length { get; init; } = Body.Length;
}

/// <summary>Errors in the shapes of the two services.</summary>
internal static class ErrorAnswers
{
    public static Answer Of(AwsCall call, Fault fault) => (call.Service, fault) switch
    {
        ("s3", Fault.Throttled or Fault.ThroughputExceeded) => S3(HttpStatusCode.ServiceUnavailable, "SlowDown", "Please reduce your request rate."),
        ("s3", _) => S3(HttpStatusCode.InternalServerError, "InternalError", "We encountered an internal error. Please try again."),
        (_, Fault.Throttled) => DynamoDb(HttpStatusCode.BadRequest, "com.amazon.coral.availability#ThrottlingException", "Rate exceeded"),
        (_, Fault.ThroughputExceeded) => DynamoDb(
            HttpStatusCode.BadRequest,
            "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
            "The level of configured provisioned throughput for the table was exceeded."),
        _ => DynamoDb(HttpStatusCode.InternalServerError, "com.amazonaws.dynamodb.v20120810#InternalServerError", "Internal server error"),
    };

    public static Answer Denied(AwsCall call) => call.Service == "s3"
        ? S3(HttpStatusCode.Forbidden, "AccessDenied", "Access Denied")
        : DynamoDb(
            HttpStatusCode.BadRequest,
            "com.amazon.coral.service#AccessDeniedException",
            $"{call.Caller} is not authorized to perform: {call.Action} on table {call.Table}");

    public static Answer WrongChecksum() =>
        S3(HttpStatusCode.BadRequest, "BadDigest", "The sha256 you specified did not match the calculated checksum.");

    private static Answer S3(HttpStatusCode status, string code, string message) => Make(
        status,
        "application/xml",
        $"""<?xml version="1.0" encoding="UTF-8"?><Error><Code>{code}</Code><Message>{message}</Message><RequestId>LOCAL</RequestId></Error>""");

    private static Answer DynamoDb(HttpStatusCode status, string type, string message) =>
        Make(status, "application/x-amz-json-1.0", $$"""{"__type":"{{type}}","message":"{{message}}"}""");

    private static Answer Make(HttpStatusCode status, string contentType, string body) =>
        new((int)status, [("Content-Type", [contentType])], System.Text.Encoding.UTF8.GetBytes(body));
}
