namespace Raktar.LocalAws;

/// <summary>How things are named in the account that nobody has.</summary>
internal static class Arns
{
    public const string Account = "000000000000";

    public static string Table(string name) => Of("dynamodb", $"table/{name}");

    public static string Bucket(string name) => $"arn:aws:s3:::{name}";

    public static string Of(string service, string resource) => $"arn:aws:{service}:{LocalServers.Region}:{Account}:{resource}";
}
