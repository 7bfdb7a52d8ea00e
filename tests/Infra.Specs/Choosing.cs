using System.Text.RegularExpressions;

namespace Raktar.Infra.Specs;

/// <summary>What a deployment may choose, and what it must not put into the template.</summary>
public sealed partial class Choosing
{
    private const string Token = "raktar-token-that-nobody-must-see-000000";

    [Theory]
    [InlineData("adminTokenHash", Token, "adminTokenHash must be the 64 hex digits")]
    [InlineData("adminTokenHash", "9f86d081884c7d659a2feaa0c55ad015", "adminTokenHash must be the 64 hex digits")]
    [InlineData("adminTokenHash", $"{Synthesised.AdminTokenHash}0", "adminTokenHash must be the 64 hex digits")]
    [InlineData("adminTokenHash", $"{Synthesised.AdminTokenHash}\n", "adminTokenHash must be the 64 hex digits")]
    [InlineData("architecture", "arm", "architecture must be arm64 or x86_64, not 'arm'")]
    [InlineData("public", "yes", "public must be true or false, not 'yes'")]
    [InlineData("domainName", "crates.example.com", "domainName and hostedZoneId belong together")]
    [InlineData("hostedZoneId", "Z0123456789ABC", "domainName and hostedZoneId belong together")]
    [InlineData("domainName", "https://crates.example.com", "domainName must be a host name")]
    [InlineData("hostedZoneId", "example.com", "hostedZoneId must be the id of a Route 53 hosted zone")]
    [InlineData("alarmEmail", "ops", "alarmEmail must be an e-mail address, not 'ops'")]
    [InlineData("readFrom", "the office", "readFrom must be networks such as 203.0.113.0/24")]
    [InlineData("readFrom", "203.0.113.0/24,198.51.100.0/24", "readFrom must be networks such as 203.0.113.0/24")]
    [InlineData("trustedIssuers", "http://ci.example.com", "trustedIssuers must be https URLs of issuers")]
    [InlineData("trustedIssuers", "https://ci.example.com,https://gitlab.com x", "trustedIssuers must be https URLs of issuers")]
    [InlineData("eventsStream", "restored", "eventsStream must be the ARN of a DynamoDB stream")]
    [InlineData("oidcAuthority", "id.example.com", "oidcAuthority must be the https URL of the identity provider")]
    [InlineData("oidcAuthority", "https://id.example.com", "oidcAuthority needs oidcClientId")]
    public void A_wrong_choice_is_refused_with_a_sentence(string name, string value, string sentence)
    {
        var refusal = Assert.Throws<SettingsException>(() => Synthesised.Synthesise(new Dictionary<string, string> { [name] = value }));
        Assert.StartsWith(sentence, refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Token, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a secret with spaces")]
    [InlineData("raktar/oidc}}{{resolve:ssm:x")]
    public void Where_the_client_secret_is_must_be_a_name(string value)
    {
        var choices = new Dictionary<string, string> { ["oidcAuthority"] = "https://id.example.com", ["oidcClientId"] = "raktar", ["oidcClientSecretName"] = value };
        var refusal = Assert.Throws<SettingsException>(() => Synthesised.Synthesise(choices));
        Assert.StartsWith("oidcClientSecretName must be the name or ARN of a secret", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(value, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_hash_may_be_in_capitals()
    {
        var choice = new Dictionary<string, string> { ["adminTokenHash"] = Synthesised.AdminTokenHash.ToUpperInvariant() };
        Assert.Equal(
            Synthesised.AdminTokenHash,
            Template.Text(Synthesised.Template(choice)["ApiFunction"]["Environment"]!["Variables"]!["Raktar__AdminTokenHash"]));
    }

    [Fact]
    public void Issuers_are_handed_to_what_answers_requests()
    {
        var environment = Synthesised.Template(new Dictionary<string, string> { ["trustedIssuers"] = "https://token.actions.githubusercontent.com https://gitlab.com" })
            ["ApiFunction"]["Environment"]!["Variables"]!;
        Assert.Equal(
            ["https://token.actions.githubusercontent.com", "https://gitlab.com"],
            ((string[])["Raktar__TrustedPublishing__Issuers__0__Url", "Raktar__TrustedPublishing__Issuers__1__Url"]).Select(name => Template.Text(environment[name])));
    }

    [Fact]
    public void Networks_are_handed_to_what_answers_requests()
    {
        var environment = Synthesised.Template(new Dictionary<string, string> { ["readFrom"] = "203.0.113.0/24 2001:db8::/32" })
            ["ApiFunction"]["Environment"]!["Variables"]!;
        Assert.Equal(
            ["203.0.113.0/24", "2001:db8::/32"],
            ((string[])["Raktar__ReadFrom__0", "Raktar__ReadFrom__1"]).Select(name => Template.Text(environment[name])));
    }

    [Fact]
    public void The_same_choices_make_the_same_template() =>
        Assert.Equal(Synthesised.Full.Json, Synthesised.Synthesise(Synthesised.EveryChoice).Json);

    [Fact]
    public void Nothing_in_the_template_looks_like_a_secret()
    {
        // Long runs of hex are the hashes of the package and of the token.
        var package = Template.Text(Synthesised.Full["ApiFunction"]["Code"]!["S3Key"])[..64];
        var runs = HexRun().Matches(Synthesised.Full.Json).Select(match => match.Value).ToHashSet();
        Assert.Equal(new HashSet<string> { package, Synthesised.AdminTokenHash }, runs);
        // What only says where the secret is, and the variable that it is put into.
        var rest = Synthesised.Full.Json.Replace("\"Raktar__Oidc__ClientSecret\": \"{{resolve:secretsmanager:raktar/oidc:SecretString}}\"", "", StringComparison.Ordinal);
        Assert.NotEqual(Synthesised.Full.Json, rest);
        Assert.DoesNotMatch(SecretLooking(), rest);
    }

    [GeneratedRegex("[0-9a-fA-F]{32,}", RegexOptions.None, 1000)]
    private static partial Regex HexRun();

    [GeneratedRegex(@"AKIA[0-9A-Z]{16}|BEGIN [A-Z ]*PRIVATE KEY|(?i:password|secret)", RegexOptions.None, 1000)]
    private static partial Regex SecretLooking();
}
