using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Constructs;

namespace Raktar.Infra;

/// <summary>
/// What a deployment may choose. Each is a value of the CDK context (<c>-c domainName=...</c>, <c>cdk.context.json</c>) or else an environment
/// variable of the same name (<c>RAKTAR_DOMAIN_NAME</c>); a wrong one ends the run with a sentence.
/// </summary>
/// <param name="Processor">What the functions run on.</param>
/// <param name="Public">Whether reading needs no token.</param>
/// <param name="ReadFrom">Networks from which reading needs no token.</param>
/// <param name="AdminTokenHash">The SHA-256 of the first administrator's token, in hex; empty: none.</param>
/// <param name="Domain">The registry's own domain; null: the name that API Gateway gives it.</param>
/// <param name="AlarmEmail">Who hears of alarms; null: nobody yet.</param>
/// <param name="EventsStream">The ARN of the stream of a restored events table; null: the stack has its own table.</param>
/// <param name="TrustedIssuers">Whose runs may get tokens without a secret.</param>
/// <param name="Oidc">How people sign in, as variables of the function behind the API; empty: with tokens only.</param>
/// <param name="ApiFolder">The published program; null: it is published first.</param>
internal sealed partial record Settings(
    Processor Processor,
    bool Public,
    IReadOnlyList<string> ReadFrom,
    string AdminTokenHash,
    Domain? Domain,
    string? AlarmEmail,
    string? EventsStream,
    IReadOnlyList<string> TrustedIssuers,
    IReadOnlyDictionary<string, string> Oidc,
    string? ApiFolder)
{
    /// <summary>Reads them all.</summary>
    public static Settings Read(Node node)
    {
        string? Find(string name) =>
            (Text(node.TryGetContext(name)) is { Length: > 0 } context
                ? context
                : Environment.GetEnvironmentVariable(EnvironmentName(name))) is { Length: > 0 } value
                ? value
                : null;

        string? FindMatch(string name, Regex pattern, string wanted) => Find(name) switch
        {
            { } value when !pattern.IsMatch(value) => throw new SettingsException($"{name} must be {wanted}, not '{value}'"),
            var value => value,
        };

        var architecture = FindMatch("architecture", ArchitectureName(), "arm64 or x86_64") ?? "arm64";
        var isPublic = FindMatch("public", TrueOrFalse(), "true or false") ?? "false";
        // The value is not repeated here: it may be the token itself.
        var hash = Find("adminTokenHash") ?? "";
        if (hash.Length > 0 && !Sha256().IsMatch(hash))
        {
            throw new SettingsException(
                "adminTokenHash must be the 64 hex digits that `raktar token new --offline` prints behind `sha256`; never give the token itself");
        }

        var domain = (
            FindMatch("domainName", DnsName(), "a host name such as crates.example.com"),
            FindMatch("hostedZoneId", ZoneId(), "the id of a Route 53 hosted zone such as Z0123456789ABC")) switch
        {
            (null, null) => null,
            ({ } name, { } zone) => new Domain(name, zone),
            _ => throw new SettingsException("domainName and hostedZoneId belong together: give both or neither"),
        };
        // Whether they fit together is the program's business, which says so when it starts.
        var oidc = new Dictionary<string, string>();
        if (FindMatch("oidcAuthority", HttpsUrl(), "the https URL of the identity provider") is { } authority)
        {
            oidc["Raktar__Oidc__Authority"] = authority;
            oidc["Raktar__Oidc__ClientId"] = Find("oidcClientId")
                ?? throw new SettingsException("oidcAuthority needs oidcClientId, the registry's name at the identity provider");
            foreach (var name in (string[])["Scopes", "LoginClaim", "NameClaim", "GroupsClaim", "Roles", "Teams", "DefaultRole"])
            {
                if (Find($"oidc{name}") is { } value)
                {
                    oidc[$"Raktar__Oidc__{name}"] = value;
                }
            }

            // CloudFormation puts the secret in place when it deploys; the template only says where it is:
            // https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-secretsmanager.html
            if (Find("oidcClientSecretName") is { } secret)
            {
                // The value is not repeated here: it may be the secret itself.
                if (!SecretName().IsMatch(secret))
                {
                    throw new SettingsException("oidcClientSecretName must be the name or ARN of a secret in Secrets Manager; never give the secret itself");
                }

                oidc["Raktar__Oidc__ClientSecret"] = $"{{{{resolve:secretsmanager:{secret}:SecretString}}}}";
            }
        }

        return new Settings(
            architecture == "arm64" ? Processor.Arm64 : Processor.X64,
            bool.Parse(isPublic),
            FindMatch("readFrom", Networks(), "networks such as 203.0.113.0/24, a list or separated by spaces")?.Split(' ') ?? [],
            hash.ToLowerInvariant(),
            domain,
            FindMatch("alarmEmail", EmailAddress(), "an e-mail address"),
            FindMatch("eventsStream", StreamArn(), "the ARN of a DynamoDB stream, arn:aws:dynamodb:REGION:ACCOUNT:table/NAME/stream/TIME"),
            FindMatch("trustedIssuers", IssuerUrls(), "https URLs of issuers, a list or separated by spaces")?.Split(' ') ?? [],
            oidc,
            Find("apiFolder"));
    }

    // A list of cdk.context.json arrives as one.
    private static string? Text(object? context) =>
        context is System.Collections.IEnumerable and not string ? string.Join(' ', ((System.Collections.IEnumerable)context).Cast<object>()) : Convert.ToString(context, CultureInfo.InvariantCulture);

    private static string EnvironmentName(string name) =>
        name.Aggregate(new StringBuilder("RAKTAR_"), (made, c) => (char.IsUpper(c) ? made.Append('_') : made).Append(char.ToUpperInvariant(c)))
            .ToString();

    [GeneratedRegex(@"^(arm64|x86_64)\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ArchitectureName();

    [GeneratedRegex(@"^(?i:true|false)\z", RegexOptions.None, 1000)]
    private static partial Regex TrueOrFalse();

    [GeneratedRegex(@"^[0-9A-Fa-f]{64}\z", RegexOptions.None, 1000)]
    private static partial Regex Sha256();

    [GeneratedRegex(@"^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex DnsName();

    [GeneratedRegex(@"^Z[A-Z0-9]+\z", RegexOptions.None, 1000)]
    private static partial Regex ZoneId();

    [GeneratedRegex(@"^[^@\s]+@[^@\s]+\z", RegexOptions.None, 1000)]
    private static partial Regex EmailAddress();

    [GeneratedRegex(@"^https://[^\s?#@]+( https://[^\s?#@]+)*\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex IssuerUrls();

    // Whether they are networks is the program's business, which says so when it starts.
    [GeneratedRegex(@"^[0-9A-Fa-f.:]+(/[0-9]{1,3})?( [0-9A-Fa-f.:]+(/[0-9]{1,3})?)*\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Networks();

    [GeneratedRegex(@"^https://[^\s?#]+\z", RegexOptions.None, 1000)]
    private static partial Regex HttpsUrl();

    [GeneratedRegex(@"^(arn:[a-z-]+:secretsmanager:[a-z0-9-]+:\d{12}:secret:)?[A-Za-z0-9/_+=.@-]{1,512}\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex SecretName();

    [GeneratedRegex(@"^arn:[a-z-]+:dynamodb:[a-z0-9-]+:\d{12}:table/[A-Za-z0-9_.-]+/stream/.+\z", RegexOptions.None, 1000)]
    private static partial Regex StreamArn();
}

/// <summary>A domain of one's own.</summary>
/// <param name="Name">The registry's host name.</param>
/// <param name="HostedZoneId">The Route 53 zone that holds it.</param>
internal sealed record Domain(string Name, string HostedZoneId);

/// <summary>The processors that Lambda offers.</summary>
internal enum Processor
{
    /// <summary>Graviton; a fifth cheaper.</summary>
    Arm64,

    /// <summary>x86-64.</summary>
    X64,
}

/// <summary>A setting is wrong; the message says how.</summary>
public sealed class SettingsException(string message) : Exception(message);
