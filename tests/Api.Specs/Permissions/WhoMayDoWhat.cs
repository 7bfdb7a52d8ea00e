using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Raktar.Api.Access;
using Raktar.Api.Specs.Mirror;
using Raktar.LocalIssuer;
using Raktar.Testing;

namespace Raktar.Api.Specs.Permissions;

/// <summary>Every route with every kind of caller. docs/permissions.md shows the same table to people.</summary>
public sealed class WhoMayDoWhat(PermissionsFixture fixture) : IClassFixture<PermissionsFixture>
{
    private const string Start = "<!-- table: made by tests/Api.Specs/Permissions -->";
    private const string End = "<!-- end of table -->";

    public static TheoryData<string> Rows => [.. Row.All.Select(row => row.ToString())];

    [Fact]
    public void Every_route_has_a_row_and_says_what_it_demands()
    {
        var endpoints = fixture.Endpoints.ToList();
        Assert.All(endpoints, endpoint => endpoint.Metadata.GetRequiredMetadata<Demand>());
        Assert.Equal(
            endpoints.Select(RouteOf).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
            Row.All.Select(row => row.Route).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task A_route_lets_in_whom_it_should_and_nobody_else(string name)
    {
        var row = Row.All.Single(row => string.Equals(row.ToString(), name, StringComparison.Ordinal));
        var demanded = fixture.Endpoints.First(endpoint => string.Equals(RouteOf(endpoint), row.Route, StringComparison.Ordinal)).Metadata.GetRequiredMetadata<Demand>().Scopes;
        foreach (var (rule, restricted) in ((Rule, bool)[])[(row.Rule, false), .. row.Restricted is { } other ? [(other, true)] : Array.Empty<(Rule, bool)>()])
        {
            var actual = new List<string>();
            var (crate, checksum) = await fixture.SharedCrate(restricted);
            foreach (var who in Enum.GetValues<Who>())
            {
                // Whoever is refused leaves the crate as it is for the next one.
                if (row.SpendsCrate && (actual.Count == 0 || actual[^1] == "ok"))
                {
                    (crate, checksum) = await fixture.Callers.Crate(restricted);
                }

                var (client, token) = await fixture.Callers.Of(who, demanded, row.SpendsToken, crate);
                var target = new Target(crate, checksum, "other", token, fixture.Issuer.Url, fixture.Callers.IdentityToken(crate));
                using var request = new HttpRequestMessage(new HttpMethod(row.Method), row.PathFor(target)) { Content = row.Body?.Invoke(target) };
                using var response = await client.SendAsync(request);
                actual.Add((int)response.StatusCode < 400 ? "ok" : ((int)response.StatusCode).ToString(CultureInfo.InvariantCulture));
            }

            Assert.Equal(rule.Cells, string.Join(' ', actual));
        }
    }

    [Fact]
    public async Task The_documentation_shows_this_table()
    {
        var file = Path.Combine(Root(), "docs", "permissions.md");
        var text = await File.ReadAllTextAsync(file);
        var (start, end) = (text.IndexOf(Start, StringComparison.Ordinal), text.IndexOf(End, StringComparison.Ordinal));
        Assert.True(start >= 0 && end > start, "docs/permissions.md has no place for the table");
        var wanted = $"{text[..(start + Start.Length)]}\n\n{Table()}\n{text[end..]}";
        if (!string.Equals(text, wanted, StringComparison.Ordinal))
        {
            // Written for whoever looks why this failed: the next run passes, and the change shows the new table.
            await File.WriteAllTextAsync(file, wanted);
            Assert.Fail("docs/permissions.md showed another table; it is written anew, look at the change");
        }
    }

    private static string Table()
    {
        string[] columns = ["nobody", "expired", "revoked", "reader", "member", "publisher", "owner", "team", "admin", "other scope", "other crates", "CI run"];
        var table = new StringBuilder();
        table.Append("| route | ").AppendJoin(" | ", columns).Append(" |\n|---|").Append(string.Concat(Enumerable.Repeat("---|", columns.Length))).Append('\n');
        foreach (var row in Row.All.OrderBy(row => row.Pattern, StringComparer.Ordinal).ThenBy(row => row.Method, StringComparer.Ordinal))
        {
            Add(row.ToString(), row.Rule);
            if (row.Restricted is { } restricted && restricted != row.Rule)
            {
                Add($"{row}, restricted crate", restricted);
            }
        }

        return table.ToString();

        void Add(string name, Rule rule) => table
            .Append("| `").Append(name).Append("` | ")
            .AppendJoin(" | ", rule.Cells.Split(' ').Select(cell => cell == "ok" ? "yes" : cell)).Append(" |\n");
    }

    private static string RouteOf(RouteEndpoint endpoint) =>
        $"{endpoint.Metadata.GetRequiredMetadata<HttpMethodMetadata>().HttpMethods[0]} {endpoint.RoutePattern.RawText}";

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Raktar.sln")))
        {
            folder = Path.GetDirectoryName(folder)!;
        }

        return folder;
    }
}

/// <summary>A registry with callers of every kind.</summary>
public sealed class PermissionsFixture : IAsyncLifetime
{
    private readonly Dictionary<bool, (string Name, string Checksum)> _shared = [];
    private Server _server = null!;
    private FakeUpstream _upstream = null!;

    internal Callers Callers { get; private set; } = null!;

    internal CiIssuer Issuer { get; private set; } = null!;

    internal IEnumerable<RouteEndpoint> Endpoints =>
        _server.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>();

    public async Task InitializeAsync()
    {
        // Hundreds of bad tokens come from this one address.
        Issuer = await CiIssuer.Start();
        _upstream = await FakeUpstream.Start();
        _upstream.Publish(RawCrate.Of("p", "1.0.0"));
        _upstream.Publish(RawCrate.Of("mirrored", "1.0.0"));
        _server = await Server.Start(
            ["--Raktar:RateLimits:FailedAuthenticationsPerMinute=0", $"--Raktar:TrustedPublishing:Issuers:0:Url={Issuer.Url}", .. Mirroring.Settings(_upstream)]);
        Callers = new(_server, Issuer);
        await Callers.Prepare();
        foreach (var restricted in (bool[])[false, true])
        {
            _shared[restricted] = await Callers.Crate(restricted);
        }

        using var checkpoint = await _server.Admin.PostAsync("api/v1/audit/checkpoints", null);
        checkpoint.EnsureSuccessStatusCode();
    }

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        await Issuer.DisposeAsync();
        await _upstream.DisposeAsync();
    }

    /// <summary>A crate for requests that leave it as it is.</summary>
    internal Task<(string Name, string Checksum)> SharedCrate(bool restricted) => Task.FromResult(_shared[restricted]);
}
