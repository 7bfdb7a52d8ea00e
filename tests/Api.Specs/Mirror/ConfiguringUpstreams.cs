using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Raktar.Api.Settings;
using Raktar.Testing;

namespace Raktar.Api.Specs.Mirror;

public sealed class ConfiguringUpstreams
{
    [Fact]
    public void Crates_io_needs_no_more_than_its_name()
    {
        var upstream = Assert.Single(Read(("Name", "crates-io")).Mirrored);
        Assert.Equal("https://index.crates.io/", upstream.Index.AbsoluteUri);
        Assert.True(upstream.MayAsk(new("https://static.crates.io/crates/serde/1.0.0/download")));
        Assert.Equal(TimeSpan.FromSeconds(10), upstream.Timeout);
    }

    [Theory]
    [InlineData("https://static.crates.io/x", true)]
    [InlineData("https://STATIC.crates.io/x", true)]
    [InlineData("https://index.example.com:8443/x", true)]
    [InlineData("https://files.example.com:444/x", true)]
    [InlineData("https://files.example.com/x", false)]
    [InlineData("https://index.example.com/x", false)]
    [InlineData("http://static.crates.io/x", false)]
    [InlineData("https://static.crates.io:444/x", false)]
    [InlineData("https://static.crates.io.example.com/x", false)]
    [InlineData("https://user@static.crates.io/x", false)]
    [InlineData("http://127.0.0.1/x", false)]
    [InlineData("https://127.0.0.1/x", false)]
    public void Only_named_hosts_are_asked(string address, bool isAsked)
    {
        var upstream = Read(
            ("Name", "other"), ("Url", "https://index.example.com:8443"), ("AllowedHosts:0", "static.crates.io"), ("AllowedHosts:1", "files.example.com:444")).Mirrored[0];
        Assert.Equal(isAsked, upstream.MayAsk(new(address)));
    }

    [Theory]
    [InlineData("Name", "io", "Raktar:Upstreams:0:Name `io` must have 3 to 40")]
    [InlineData("Name", "Crates-Io", "must have 3 to 40 lower-case letters")]
    [InlineData("Name", "crates.io", "must have 3 to 40 lower-case letters")]
    [InlineData("Name", "api", "Raktar:Upstreams:0:Name `api` is taken")]
    [InlineData("Url", "http://index.crates.io/", "Raktar:Upstreams:0:Url `http://index.crates.io/` is not the https URL")]
    [InlineData("Url", "https://token@index.crates.io/", "is not the https URL")]
    [InlineData("Url", "https://github.com/rust-lang/crates.io-index?x", "is not the https URL")]
    [InlineData("AllowedHosts:0", "https://static.crates.io", "Raktar:Upstreams:0:AllowedHosts:0 `https://static.crates.io` is not the name of a host")]
    [InlineData("Internal:0", "*-acme", "Raktar:Upstreams:0:Internal:0 `*-acme` is no name of a crate")]
    [InlineData("Contact", "a b", "Raktar:Upstreams:0:Contact")]
    [InlineData("Token", "a\nb", "Raktar:Upstreams:0:Token")]
    [InlineData("TimeoutSeconds", "30", "Raktar:Upstreams:0:TimeoutSeconds must be 1 to 20")]
    [InlineData("Tokn", "x", "Tokn")]
    public void What_cannot_be_meant_stops_the_start(string setting, string value, string sentence)
    {
        (string, string)[] settings = setting == "Name" ? [(setting, value)] : [("Name", "crates-io"), (setting, value)];
        Assert.Contains(sentence, Assert.Throws<SettingsException>(() => Read(settings)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_token_is_in_no_text() =>
        Assert.DoesNotContain("secret", Read(("Name", "crates-io"), ("Token", "secret")).Mirrored[0].ToString(), StringComparison.Ordinal);

    [Fact]
    public void Cargo_is_told_where_to_look_instead()
    {
        Assert.EndsWith(
            """
            # What comes from crates-io comes through here:
            [registries.raktar-crates-io]
            index = "sparse+http://127.0.0.1:7878/crates-io/"
            credential-provider = ["cargo:token"]

            [source.crates-io]
            replace-with = "raktar-crates-io"

            # Sign in with the same token: cargo login --registry raktar-crates-io

            """,
            CargoConfiguration.For(Read(("Name", "crates-io"))),
            StringComparison.Ordinal);
        Assert.Contains(
            """
            [source.other]
            registry = "sparse+https://index.example.com/"
            replace-with = "raktar-other"
            """,
            CargoConfiguration.For(Read(("Name", "other"), ("Url", "https://index.example.com"))),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_upstream_can_be_called_as_other_addresses_begin()
    {
        await using var mirror = await Mirroring.Start();
        var first = mirror.Server.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .Select(endpoint => endpoint.RoutePattern.RawText!.Trim('/').Split('/')[0])
            .Where(segment => segment.Length > 2 && segment[0] != '{' && segment != "crates-io")
            .Distinct(StringComparer.Ordinal);
        Assert.Empty(first.Except(UpstreamOptions.Taken, StringComparer.Ordinal));
    }

    private static RaktarOptions Read(params (string Key, string Value)[] settings) => RaktarOptions.Read(
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(s => KeyValuePair.Create<string, string?>($"Raktar:Upstreams:0:{s.Key}", s.Value))).Build(),
        "http://127.0.0.1:7878");
}
