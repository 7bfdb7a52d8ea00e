using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Raktar.Testing;

namespace Raktar.Api.Specs.Permissions;

/// <summary>
/// What a caller may not see, and what was deleted, answers on every route as what never was: status, headers and body. The routes are those of the running
/// program, so a new one is asked as well.
/// </summary>
[Trait("Needs", "seconds")]
public sealed partial class HiddenIsNotThere(HiddenFixture fixture) : IClassFixture<HiddenFixture>
{
    private const string Never = "perm-never";

    /// <summary>Those whose request names a crate; a new name that nobody has is not about any.</summary>
    public static TheoryData<string> Rows => [.. Row.All.Where(row => IsAbout(row, Never)).Select(row => row.ToString())];

    /// <summary>Those whose address names a version.</summary>
    public static TheoryData<string> RowsOfVersions => [.. Row.All.Where(NamesAVersion).Select(row => row.ToString())];

    [Fact]
    public void Every_route_about_a_crate_is_asked_about_the_hidden_one()
    {
        var silent = fixture.Endpoints
            .Where(endpoint => endpoint.RoutePattern.GetParameter("crate") is not null || (endpoint.RoutePattern.GetParameter("name") is not null && !IsAsset(endpoint)))
            .Where(endpoint => !Row.All.Any(row => row.Route == RouteOf(endpoint) && IsAbout(row, HiddenFixture.Restricted)));
        Assert.Empty(silent.Select(RouteOf));
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task A_crate_that_is_hidden_or_deleted_answers_as_one_that_never_was(string name)
    {
        var row = RowOf(name);
        foreach (var crate in (string[])[HiddenFixture.Restricted, HiddenFixture.Deleted])
        {
            foreach (var caller in fixture.Strangers.Where(caller => !TellsThatANameIsTaken(row, caller)))
            {
                await Same(row, caller, (crate, "1.0.0"), (Never, "1.0.0"));
                await Same(row, caller, (crate.ToUpperInvariant(), "1.0.0"), (Never.ToUpperInvariant(), "1.0.0"));
                await Same(row, caller, (crate.Replace('-', '_'), "1.0.0"), (Never.Replace('-', '_'), "1.0.0"));
            }
        }
    }

    [Theory]
    [MemberData(nameof(RowsOfVersions))]
    public async Task A_deleted_version_answers_as_one_that_never_was(string name)
    {
        var row = RowOf(name);
        foreach (var caller in fixture.Strangers)
        {
            await Same(row, caller, (HiddenFixture.Living, "2.0.0"), (HiddenFixture.Living, "3.0.0"));
        }
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task On_a_registry_open_to_everybody_nobody_sees_a_difference_either(string name)
    {
        var row = RowOf(name);
        var nobody = ("nobody", fixture.Opened.Nobody);
        await Same(row, nobody, (HiddenFixture.Restricted, "1.0.0"), (Never, "1.0.0"));
        await Same(row, nobody, (HiddenFixture.Deleted, "1.0.0"), (Never, "1.0.0"));
        if (NamesAVersion(row))
        {
            await Same(row, nobody, (HiddenFixture.Living, "2.0.0"), (HiddenFixture.Living, "3.0.0"));
        }
    }

    [Fact]
    public async Task That_a_name_is_taken_is_all_that_a_publisher_learns()
    {
        var publisher = fixture.Strangers.Single(caller => caller.Who == "publisher").Client;
        foreach (var crate in (string[])[HiddenFixture.Restricted, HiddenFixture.Deleted, HiddenFixture.Restricted.ToUpperInvariant(), HiddenFixture.Deleted.ToUpperInvariant()])
        {
            using var answer = await RawCrate.Of(crate, "1.1.0").Publish(publisher);
            Assert.Equal((HttpStatusCode.Forbidden, $"you are not an owner of `{crate}`"), await answer.Error());
        }
    }

    [Fact]
    public async Task Who_owns_it_sees_what_others_do_not()
    {
        foreach (var (row, crate) in Row.All.Where(row => row.Restricted == Rule.ReadRestricted).Select(row => (row, HiddenFixture.Restricted)))
        {
            using var answer = await fixture.Owner.GetAsync(PathOf(row, crate, "1.0.0"));
            Assert.True((int)answer.StatusCode < 400, $"{row}: {answer.StatusCode}");
        }
    }

    [GeneratedRegex(@"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Timestamp();

    private static Row RowOf(string name) => Row.All.Single(row => string.Equals(row.ToString(), name, StringComparison.Ordinal));

    private static string RouteOf(RouteEndpoint endpoint) =>
        $"{endpoint.Metadata.GetRequiredMetadata<HttpMethodMetadata>().HttpMethods[0]} {endpoint.RoutePattern.RawText}";

    private static bool NamesAVersion(Row row) => PathOf(row, Never, "9.9.9").Contains("9.9.9", StringComparison.Ordinal);

    private static bool IsAsset(RouteEndpoint endpoint) => endpoint.RoutePattern.RawText!.StartsWith("/assets/", StringComparison.Ordinal);

    private static bool IsAbout(Row row, string crate) =>
        row is { Pattern: "/api/v1/crates/new", Variant: "a version" }
        || PathOf(row, crate, "1.0.0") is var path && (path.Contains(crate, StringComparison.Ordinal) || path.EndsWith($"2/{HiddenFixture.Short(crate)}", StringComparison.Ordinal));

    /// <summary>A name is one for all: who may take new ones must be told that this one is not free.</summary>
    private static bool TellsThatANameIsTaken(Row row, (string Who, HttpClient Client) caller) =>
        row is { Pattern: "/api/v1/crates/new", Variant: "a version" } && caller.Who == "publisher";

    private static string PathOf(Row row, string crate, string version)
    {
        var path = row.PathFor(TargetOf(crate));
        // The one row about a name too short to tell the crates apart.
        return row.Pattern.EndsWith("/{dir:length(1)}/{name}", StringComparison.Ordinal)
            ? path.Replace("1/p", $"2/{HiddenFixture.Short(crate)}", StringComparison.Ordinal)
            : path.Replace("/1.0.0", $"/{version}", StringComparison.Ordinal);
    }

    // A checksum is known to whoever has a lock file.
    private static Target TargetOf(string crate) => new(crate, HiddenFixture.ChecksumOf(crate), "other", "1", "https://ci.example.com", "no-token");

    private static async Task Same(Row row, (string Who, HttpClient Client) caller, (string Crate, string Version) hidden, (string Crate, string Version) never)
    {
        foreach (var method in (string[])(row.Method == "GET" ? ["GET", "HEAD"] : [row.Method]))
        {
            var (ofHidden, ofNever) = (await Ask(row, method, caller.Client, hidden), await Ask(row, method, caller.Client, never));
            Assert.True(
                ofNever == ofHidden,
                $"{method} {PathOf(row, hidden.Crate, hidden.Version)} as {caller.Who}:\n{ofHidden}\nand of what never was:\n{ofNever}");
        }
    }

    private static async Task<string> Ask(Row row, string method, HttpClient client, (string Crate, string Version) about)
    {
        var path = PathOf(row, about.Crate, about.Version);
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = row.Body?.Invoke(TargetOf(about.Crate)) };
        using var response = await client.SendAsync(request);
        var id = response.Headers.TryGetValues("x-amz-request-id", out var ids) ? ids.Single() : "no request id";
        var said = new StringBuilder().Append((int)response.StatusCode).Append('\n');
        foreach (var header in response.Headers.Concat(response.Content.Headers)
            .Where(header => header.Key is not ("Date" or "x-amz-request-id"))
            .OrderBy(header => header.Key, StringComparer.Ordinal))
        {
            said.Append(header.Key).Append(": ").AppendJoin(", ", header.Value).Append('\n');
        }

        said.Append(await response.Content.ReadAsStringAsync());
        // Of each request's own are its id and time, and the names that it asked about.
        return Timestamp().Replace(said.ToString(), "TIME")
            .Replace(id, "REQUEST", StringComparison.Ordinal)
            .Replace(about.Crate, "CRATE", StringComparison.OrdinalIgnoreCase)
            .Replace(about.Crate.Replace('-', '_'), "CRATE", StringComparison.OrdinalIgnoreCase)
            .Replace($"2/{HiddenFixture.Short(about.Crate)}", "SHORT", StringComparison.OrdinalIgnoreCase)
            .Replace($"`{HiddenFixture.Short(about.Crate)}`", "SHORT", StringComparison.OrdinalIgnoreCase)
            .Replace(HiddenFixture.ChecksumOf(about.Crate), "CHECKSUM", StringComparison.Ordinal)
            .Replace(about.Version, "VERSION", StringComparison.Ordinal);
    }
}

/// <summary>A registry with a crate that is restricted, one of which every version was deleted, and one that lives but for a version.</summary>
public sealed class HiddenFixture : IAsyncLifetime
{
    private readonly string _data = Directory.CreateTempSubdirectory("raktar-hidden-").FullName;
    private readonly string _copy = Directory.CreateTempSubdirectory("raktar-opened-").FullName;
    private Server _server = null!;

    public const string Restricted = "perm-hides";

    public const string Deleted = "perm-gone0";

    public const string Living = "perm-lives";

    internal IEnumerable<RouteEndpoint> Endpoints =>
        _server.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>();

    /// <summary>The same log in a registry that was opened to everybody since.</summary>
    internal Server Opened { get; private set; } = null!;

    internal HttpClient Owner { get; private set; } = null!;

    /// <summary>Callers who may read, and none of whom has to do with the crates.</summary>
    internal IReadOnlyList<(string Who, HttpClient Client)> Strangers { get; private set; } = [];

    /// <summary>A name of two letters for each of the crates: its index file has a route of its own.</summary>
    internal static string Short(string crate) => $"{char.ToLowerInvariant(crate[0])}{char.ToLowerInvariant(crate[5])}";

    internal static string ChecksumOf(string crate) => RawCrate.Checksum(RawCrate.Of(crate.ToLowerInvariant().Replace('_', '-'), "1.0.0").File);

    public async Task InitializeAsync()
    {
        _server = await Server.Start($"--Raktar:DataFolder={_data}", "--Raktar:RateLimits:FailedAuthenticationsPerMinute=0");
        Owner = await _server.Account("owner");
        Strangers = [("reader", await _server.Account("reader", "reader")), ("member", await _server.Account("member", "member")), ("publisher", await _server.Account("publisher"))];
        foreach (var crate in (string[])[Restricted, Deleted, Living, Short(Restricted), Short(Deleted)])
        {
            await Publish(crate, "1.0.0");
        }

        await Publish(Living, "2.0.0");
        foreach (var crate in (string[])[Restricted, Short(Restricted)])
        {
            using var hidden = await Owner.PutAsJsonAsync($"api/v1/crates/{crate}/visibility", new { restricted = true });
            hidden.EnsureSuccessStatusCode();
        }

        // Proofs are had of what is in a checkpoint.
        using var checkpoint = await _server.Admin.PostAsync("api/v1/audit/checkpoints", null);
        checkpoint.EnsureSuccessStatusCode();
        foreach (var version in (string[])[$"{Deleted}/1.0.0", $"{Short(Deleted)}/1.0.0", $"{Living}/2.0.0"])
        {
            using var deleted = await _server.Admin.DeleteAsync($"api/v1/crates/{version}?message=spec");
            deleted.EnsureSuccessStatusCode();
        }

        foreach (var file in Directory.GetFiles(_data, "*", SearchOption.AllDirectories).Where(file => !file.EndsWith("lock", StringComparison.Ordinal)))
        {
            var target = Path.Combine(_copy, Path.GetRelativePath(_data, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        Opened = await Server.Start($"--Raktar:DataFolder={_copy}", "--Raktar:Public=true");
    }

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        await Opened.DisposeAsync();
        Directory.Delete(_data, recursive: true);
        Directory.Delete(_copy, recursive: true);
    }

    private async Task Publish(string crate, string version)
    {
        using var published = await RawCrate.Of(crate, version).Publish(Owner);
        published.EnsureSuccessStatusCode();
    }
}
