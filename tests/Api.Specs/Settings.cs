using Microsoft.Extensions.Configuration;
using Raktar.Api.Settings;
using Raktar.Domain.Accounts;

namespace Raktar.Api.Specs;

public sealed class Settings
{
    [Theory]
    [InlineData("http://127.0.0.1:7878", "", "http://127.0.0.1:7878", "sparse+http://127.0.0.1:7878/")]
    [InlineData("https://127.0.0.1:1;http://127.0.0.1:2", "", "https://127.0.0.1:1", "sparse+https://127.0.0.1:1/")]
    [InlineData("http://0.0.0.0:80", "", "http://localhost", "sparse+http://localhost/")]
    [InlineData("http://*:8080", "", "http://localhost:8080", "sparse+http://localhost:8080/")]
    [InlineData("http://127.0.0.1:0", "https://Crates.Example.com/", "https://crates.example.com", "sparse+https://crates.example.com/")]
    [InlineData("http://127.0.0.1:1", "https://example.com/crates/", "https://example.com/crates", "sparse+https://example.com/crates/")]
    [InlineData("http://[::]:80", "", "http://localhost", "sparse+http://localhost/")]
    [InlineData("http://[::1]:8080", "", "http://[::1]:8080", "sparse+http://[::1]:8080/")]
    // Headers have ASCII only.
    [InlineData("http://127.0.0.1:1", "https://crates.bücher.example", "https://crates.xn--bcher-kva.example", "sparse+https://crates.xn--bcher-kva.example/")]
    [InlineData("http://127.0.0.1:1", "https://例え.example:8443/ü", "https://xn--r8jz45g.example:8443/%C3%BC", "sparse+https://xn--r8jz45g.example:8443/%C3%BC/")]
    public void The_public_url_follows_the_address_unless_set(string urls, string publicUrl, string expected, string index)
    {
        var options = Read(urls, ("PublicUrl", publicUrl));
        Assert.Equal((expected, index), (options.PublicUrl, options.IndexUrl));
    }

    [Theory]
    [InlineData("PublicUrl", "crates.example.com", "Raktar:PublicUrl `crates.example.com` is not an http or https URL")]
    [InlineData("PublicUrl", "https://example.com/?x", "Raktar:PublicUrl `https://example.com/?x` is not an http or https URL")]
    [InlineData("PublicUrl", "https://example.com/x.git", "must not end in .git")]
    [InlineData("PublicUrl", "https://a..example", "Raktar:PublicUrl `https://a..example` is not an http or https URL")]
    [InlineData("PublicUrl", "https://u:p@example.com", "is not an http or https URL")]
    [InlineData("Hosts:0", "https://example.com", "Raktar:Hosts:0 `https://example.com` is not the name of a host")]
    [InlineData("Hosts:0", "example.com:8443", "Raktar:Hosts:0 `example.com:8443` is not the name of a host")]
    [InlineData("Hosts:0", "", "Raktar:Hosts:0 `` is not the name of a host")]
    [InlineData("Hosts:0", "a b", "Raktar:Hosts:0 `a b` is not the name of a host")]
    [InlineData("Policy:RegistryName", "our registry", "Raktar:Policy:RegistryName `our registry` is no name of a registry for cargo")]
    [InlineData("Policy:RegistryName", "bücher", "Raktar:Policy:RegistryName `bücher` is no name of a registry for cargo")]
    [InlineData("Limits:CrateBytes", "lots", "Raktar:Limits:CrateBytes")]
    [InlineData("Limits:CrateBytes", "0", "Raktar:Limits:CrateBytes must be at least 1")]
    [InlineData("Limits:CrateBytes", "5000000000", "Raktar:Limits:CrateBytes must be at most 4294967295")]
    [InlineData("Limts:CrateBytes", "1", "Limts")]
    [InlineData("Deletion:UndoDays", "-1", "Raktar:Deletion:UndoDays must be 0 to 3650")]
    [InlineData("Deletion:UndoDays", "3651", "Raktar:Deletion:UndoDays must be 0 to 3650")]
    [InlineData("AdminToken", "short", "Raktar:AdminToken must have 16 to 200")]
    [InlineData("Policy:UnknownLicense", "Maybe", "Raktar:Policy:UnknownLicense")]
    [InlineData("AdminTokenHash", "ABCD", "Raktar:AdminTokenHash must be the 64 lower-case hexadecimal digits")]
    [InlineData("TrustedPublishing:Issuers:0:Url", "ci.example.com", "Raktar:TrustedPublishing:Issuers:0:Url `ci.example.com` is not an https URL")]
    [InlineData("TrustedPublishing:Issuers:0:Url", "http://ci.example.com", "Raktar:TrustedPublishing:Issuers:0:Url `http://ci.example.com` is not an https URL")]
    [InlineData("TrustedPublishing:Issuers:0:Url", "https://ci.example.com/?x", "Raktar:TrustedPublishing:Issuers:0:Url `https://ci.example.com/?x` is not an https URL")]
    [InlineData("TrustedPublishing:Issuers:0:Name", "x", "'Name'")]
    [InlineData("Oidc:ClientId", "raktar", "Raktar:Oidc:Authority is not set")]
    [InlineData("Oidc:Authority", "http://id.example.com", "Raktar:Oidc:Authority `http://id.example.com` is not an https URL")]
    [InlineData("Oidc:Authority", "https://id.example.com", "Raktar:Oidc:ClientId is not set")]
    [InlineData("Oidc:DefaultRole", "king", "Raktar:Oidc:DefaultRole")]
    [InlineData("Sessions:Hours", "0", "Raktar:Sessions:Hours")]
    [InlineData("Storage", "tape", "Raktar:Storage")]
    [InlineData("Checkpoints:Every", "00:00:00.5", "Raktar:Checkpoints:Every must be a time of at least one second")]
    [InlineData("Checkpoints:Every", "-1", "Raktar:Checkpoints:Every must be a time of at least one second")]
    [InlineData("Checkpoints:Every", "daily", "Raktar:Checkpoints:Every")]
    [InlineData("Storage", "aws", "Raktar:Aws:EventsTable is not set")]
    [InlineData("Role", "index", "Raktar:Role `index` needs Raktar:Storage `aws`")]
    public void A_wrong_setting_is_named(string key, string value, string sentence) =>
        Assert.Contains(sentence, Assert.Throws<SettingsException>(() => Read("http://127.0.0.1:7878", (key, value))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("nonsense")]
    [InlineData("http://127.0.0.1:1;crates.example.com")]
    [InlineData("http://127.0.0.1:port")]
    public void An_address_to_listen_on_that_is_none_is_named(string urls) => Assert.Contains(
        "in --urls is no address to listen on", Assert.Throws<SettingsException>(() => Read(urls)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("http://0.0.0.0:7878", "", true)]
    [InlineData("http://[::]:7878", "", true)]
    [InlineData("http://*:7878", "", true)]
    [InlineData("http://127.0.0.1:1;https://+:2", "", true)]
    [InlineData("http://127.0.0.1:7878", "", false)]
    [InlineData("http://10.0.0.7:7878", "", false)]
    [InlineData("http://0.0.0.0:7878", "https://crates.example.com", false)]
    public void Listening_for_other_machines_without_an_address_for_them_is_a_warning(string urls, string publicUrl, bool isWarned) =>
        Assert.Equal(isWarned, Read(urls, ("PublicUrl", publicUrl)).AddressWarning is not null);

    [Fact]
    public void A_role_that_nobody_knows_is_named_with_those_there_are() => Assert.Contains(
        "Raktar:Role `indexes` is none of all, api, checkpoint, index, crate-state, crate, catalogue, account, audit",
        Assert.Throws<SettingsException>(() => Read(
            "http://127.0.0.1:7878", ("Storage", "aws"), ("Aws:EventsTable", "e"), ("Aws:DocumentsTable", "d"), ("Aws:Bucket", "b"), ("Role", "indexes"))).Message,
        StringComparison.Ordinal);

    [Theory]
    [InlineData("DynamoDbUrl")]
    [InlineData("S3Url")]
    [InlineData("KmsUrl")]
    public void An_endpoint_that_is_no_address_is_named(string name) => Assert.Contains(
        $"Raktar:Aws:{name} `nowhere` is not an http or https URL",
        Assert.Throws<SettingsException>(() => Read(
            "http://127.0.0.1:7878",
            ("Storage", "aws"), ("Aws:EventsTable", "e"), ("Aws:DocumentsTable", "d"), ("Aws:Bucket", "b"), ("Role", "index"), ($"Aws:{name}", "nowhere"))).Message,
        StringComparison.Ordinal);

    [Theory]
    [InlineData("api", "Raktar:Aws:AsideTable is not set")]
    [InlineData("audit", "Raktar:Aws:AuditTable is not set")]
    [InlineData("index", null)]
    public void Only_what_uses_a_table_needs_it(string role, string? sentence)
    {
        var problem = Record.Exception(() => Read(
            "http://127.0.0.1:7878", ("Storage", "aws"), ("Aws:EventsTable", "e"), ("Aws:DocumentsTable", "d"), ("Aws:Bucket", "b"), ("Role", role)));
        if (sentence is null)
        {
            Assert.Null(problem);
        }
        else
        {
            Assert.Contains(sentence, Assert.IsType<SettingsException>(problem).Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("Audit:RefusedDays", "-1")]
    [InlineData("Audit:RefusedDays", "40000")]
    [InlineData("Audit:RefusedPerMinute", "-1")]
    [InlineData("Audit:UnknownPerMinute", "-1")]
    public void Refused_attempts_are_kept_for_a_sensible_time(string key, string value) => Assert.Contains(
        $"Raktar:{key} must be", Assert.Throws<SettingsException>(() => Read("http://127.0.0.1:7878", (key, value))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("https://crates.example.com/", "crates.example.com")]
    [InlineData("https://example.com:8443/crates/", "example.com:8443/crates")]
    public void Identity_tokens_are_for_the_public_url_without_scheme_unless_set(string publicUrl, string audience)
    {
        Assert.Equal(audience, Read("http://127.0.0.1:1", ("PublicUrl", publicUrl)).TrustedPublishing.Audience);
        Assert.Equal("mine", Read("http://127.0.0.1:1", ("PublicUrl", publicUrl), ("TrustedPublishing:Audience", "mine")).TrustedPublishing.Audience);
    }

    [Theory]
    [InlineData("Roles", "", "nobody could sign in")]
    [InlineData("Roles", "devs", "`devs` in Raktar:Oidc is not group=role")]
    [InlineData("Roles", "devs=king", "Raktar:Oidc:Roles gives `devs` the role `king`")]
    [InlineData("Teams", "devs=-", "Raktar:Oidc:Teams puts `devs` into `-`")]
    [InlineData("Scopes", "profile", "Raktar:Oidc:Scopes must contain `openid`")]
    public void A_wrong_setting_of_the_identity_provider_is_named(string key, string value, string sentence)
    {
        (string Key, string Value)[] good = [("Oidc:Authority", "https://id.example.com"), ("Oidc:ClientId", "raktar"), ("Oidc:Roles", "devs=publisher")];
        Assert.True(Read("http://127.0.0.1:7878", good).Oidc.IsEnabled);
        var problem = Assert.Throws<SettingsException>(() => Read("http://127.0.0.1:7878", [.. good.Where(s => s.Key != $"Oidc:{key}"), ($"Oidc:{key}", value)]));
        Assert.Contains(sentence, problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("others", null)]
    [InlineData("readers", Role.Reader)]
    [InlineData("readers devs others", Role.Publisher)]
    [InlineData("DEVS", null)]
    [InlineData("CN=Admins,OU=Rust,DC=example", Role.Admin)]
    public void The_highest_role_of_somebodys_groups_counts(string groups, Role? role)
    {
        var oidc = new OidcOptions { Roles = "readers=reader; devs = publisher;CN=Admins,OU=Rust,DC=example=admin;", Teams = "devs=platform;readers=Platform" };
        Assert.Equal(role, oidc.RoleOf(groups.Split(' ')));
        Assert.Equal(role ?? Role.Member, (oidc with { DefaultRole = Role.Member }).RoleOf(groups.Split(' ')));
        Assert.Equal(groups is "readers" or "readers devs others" ? 1 : 0, oidc.TeamsOf(groups.Split(' ')).Count());
    }

    [Fact]
    public void Every_setting_has_its_default()
    {
        var options = Read("http://127.0.0.1:7878");
        Assert.Equal((52_428_800, 1_048_576, 500, 10_000), (options.Limits.CrateBytes, options.Limits.MetadataBytes, options.Limits.Dependencies, options.Limits.Features));
        Assert.False(options.Public);
    }

    private static RaktarOptions Read(string urls, params (string Key, string Value)[] settings) => RaktarOptions.Read(
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(s => KeyValuePair.Create<string, string?>($"Raktar:{s.Key}", s.Value))).Build(),
        urls);
}
