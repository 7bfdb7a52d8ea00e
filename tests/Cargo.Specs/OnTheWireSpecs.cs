using System.Net;
using Raktar.Running;

namespace Raktar.Cargo.Specs;

/// <summary>What passes between cargo and the registry.</summary>
public sealed class OnTheWireSpecs
{
    private const int Parts = 150;

    private static readonly Lazy<Task<RunningRegistry>> Clear = new(() => WithParts(Protocols.Http1));
    private static readonly Lazy<Task<RunningRegistry>> Tls = new(() => WithParts(Protocols.Http2));
    private static readonly Lazy<Task<RunningRegistry>> OpenClear = new(() => WithOpen(Protocols.Http1));
    private static readonly Lazy<Task<RunningRegistry>> OpenTls = new(() => WithOpen(Protocols.Http2));

    [Theory, EveryCargoAndProtocol]
    public async Task The_second_update_is_answered_304_for_every_crate_until_a_publish_or_a_yank_changes_one(string cargo, string protocol)
    {
        var raktar = await Registry(protocol);
        string[] names = ["part-1", "part-2", "part-3", "part-4", "part-5"];
        var user = await CargoWorld.For(cargo, raktar);
        var app = user.Application("app", string.Join('\n', names.Select(Dependency)));
        raktar.Wire.Forget();
        (await user.Run(app, "update")).Succeeded();
        Assert.Equal(string.Join(' ', names), Crates());
        Assert.All(Index(), exchange => Assert.Equal((200, false), (exchange.Status, exchange.Conditional)));

        raktar.Wire.Forget();
        (await user.Run(app, "update")).Succeeded();
        Assert.Equal(string.Join(' ', names), Crates());
        Assert.All(Index(), exchange => Assert.Equal((304, true, protocol), (exchange.Status, exchange.Conditional, exchange.Protocol)));

        var newer = cargo == "stable" ? "1.0.1" : "1.0.2";
        using var published = await RawCrate.Of("part-3", newer).Publish(raktar.Client);
        Assert.Equal(HttpStatusCode.OK, published.StatusCode);
        await OnlyTheThirdIsNew();
        using var yanked = await raktar.Client.DeleteAsync($"api/v1/crates/part-3/{newer}/yank");
        Assert.Equal(HttpStatusCode.OK, yanked.StatusCode);
        await OnlyTheThirdIsNew();

        async Task OnlyTheThirdIsNew()
        {
            await raktar.Settled();
            raktar.Wire.Forget();
            (await user.Run(app, "update")).Succeeded();
            Assert.Equal(string.Join(' ', names), Crates());
            Assert.All(Index(), exchange => Assert.Equal(Crate(exchange) == "part-3" ? 200 : 304, exchange.Status));
        }

        List<Exchange> Index() => [.. raktar.Wire.Exchanges.Where(exchange => exchange.IsIndexFile)];

        string Crates() => string.Join(' ', Index().Select(Crate).Order(StringComparer.Ordinal));

        static string Crate(Exchange exchange) => exchange.Path[(exchange.Path.LastIndexOf('/') + 1)..];
    }

    [Theory, EveryCargoAndProtocol]
    public async Task A_history_of_many_versions_is_read_whole_and_a_yank_in_its_middle_is_seen(string cargo, string protocol)
    {
        const int Versions = 60;
        var raktar = await Registry(protocol);
        // As long as an index file must be to be kept and sent in pieces: what the lines say has nothing in common.
        var name = $"long-{cargo}-{protocol.Replace("/", "-", StringComparison.Ordinal).Replace(".", "-", StringComparison.Ordinal)}".ToLowerInvariant();
        for (var number = 0; number < Versions; number++)
        {
            var features = Enumerable.Range(0, 100).Select(i => Feature(number, i)).ToList();
            var crate = RawCrate.Of(name, $"1.{number}.0", manifest: $"[features]\n{string.Concat(features.Select(feature => $"{feature} = []\n"))}");
            using var published = await crate.Publish(
                raktar.Client, metadata => metadata["features"] = features.ToDictionary(feature => feature, _ => Array.Empty<string>(), StringComparer.Ordinal));
            Assert.Equal(HttpStatusCode.OK, published.StatusCode);
        }

        await raktar.Settled();
        var user = await CargoWorld.For(cargo, raktar);
        foreach (var number in (int[])[0, 29, Versions - 1])
        {
            var app = user.Application($"app-{number}", $"{name} = {{ version = \"=1.{number}.0\", registry = \"raktar\", features = [\"{Feature(number, 99)}\"] }}");
            (await user.Run(app, "generate-lockfile")).Succeeded();
            Assert.Contains($"version = \"1.{number}.0\"", await File.ReadAllTextAsync(Path.Combine(app, "Cargo.lock")), StringComparison.Ordinal);
        }

        using var yanked = await raktar.Client.DeleteAsync($"api/v1/crates/{name}/1.29.0/yank");
        Assert.Equal(HttpStatusCode.OK, yanked.StatusCode);
        await raktar.Settled();
        var late = user.Application("late", $"{name} = {{ version = \"=1.29.0\", registry = \"raktar\" }}");
        var refused = await user.Run(late, "generate-lockfile");
        Assert.NotEqual(0, refused.ExitCode);
        refused.Said("is yanked");

        static string Feature(int version, int number) => $"f-{RawCrate.Checksum([(byte)version, (byte)number])[..40]}";
    }

    [Theory, EveryCargoAndProtocol]
    public async Task A_hundred_and_fifty_dependencies_are_fetched_without_one_error(string cargo, string protocol)
    {
        var raktar = await Registry(protocol);
        var user = await CargoWorld.For(cargo, raktar);
        var app = user.Application("app", string.Join('\n', Enumerable.Range(1, Parts).Select(number => Dependency($"part-{number}"))));
        raktar.Wire.Forget();
        (await user.Run(app, "fetch")).Succeeded().Said($"Locking {Parts} packages");

        var exchanges = raktar.Wire.Exchanges;
        Assert.All(exchanges, exchange => Assert.Equal(protocol, exchange.Protocol));
        Assert.Equal(Parts, exchanges.Count(exchange => exchange is { IsIndexFile: true, Status: 200 }));
        Assert.Equal(Parts, exchanges.Count(exchange => exchange.IsDownload && exchange.Status == Edition.Downloaded));
        Assert.All(exchanges.Skip(1), exchange => Assert.Equal(Expected(exchange), exchange.Status));
    }

    [Theory, EveryCargoAndProtocol]
    public async Task A_private_registry_gets_the_token_with_every_request_and_only_the_first_is_a_401(string cargo, string protocol)
    {
        var raktar = await Registry(protocol);
        var user = await CargoWorld.For(cargo, raktar);
        var app = user.Application("app", Dependency("part-1"));
        raktar.Wire.Forget();
        (await user.Run(app, "fetch")).Succeeded();

        var exchanges = raktar.Wire.Exchanges;
        Assert.Equal(protocol, exchanges[0].Protocol);
        Assert.Equal((401, null), (exchanges[0].Status, exchanges[0].Authorization));
        Assert.All(exchanges.Skip(1), exchange => Assert.Equal((Expected(exchange), raktar.AdminToken), (exchange.Status, exchange.Authorization)));
        Assert.Contains(exchanges, exchange => exchange.IsDownload);
    }

    [Theory, EveryCargoAndProtocol]
    public async Task A_public_registry_is_read_without_a_token_and_written_with_one(string cargo, string protocol)
    {
        var raktar = await (protocol == Protocols.Http2 ? OpenTls : OpenClear).Value;
        var user = await CargoWorld.For(cargo, raktar, token: null);
        var app = user.Application("app", Dependency("open"));
        raktar.Wire.Forget();
        (await user.Run(app, "fetch")).Succeeded().Said("Downloaded open v1.0.0");
        (await user.Cargo("search", "--registry", "raktar", "open")).Succeeded().Said("open = \"1.0.0\"");
        Assert.All(raktar.Wire.Exchanges, exchange => Assert.Equal((Expected(exchange), null), (exchange.Status, exchange.Authorization)));

        (await user.Publishing(user.Library("open", "1.1.0"))).Failed("no token found");
        user.Set("CARGO_REGISTRIES_RAKTAR_TOKEN", await raktar.RevokedToken());
        (await user.Publishing(user.Library("open", "1.1.0"))).Failed("401", "authentication failed");
    }

    private static int Expected(Exchange exchange) => exchange.IsDownload ? Edition.Downloaded : 200;

    private static string Dependency(string crate) => $$"""{{crate}} = { version = "1", registry = "raktar" }""";

    private static Task<RunningRegistry> Registry(string protocol) => (protocol == Protocols.Http2 ? Tls : Clear).Value;

    private static async Task<RunningRegistry> WithParts(string protocol)
    {
        var raktar = await RunningRegistry.Start(protocol, wired: true);
        await Parallel.ForEachAsync(Enumerable.Range(1, Parts), async (number, _) =>
        {
            using var response = await RawCrate.Of($"part-{number}", "1.0.0").Publish(raktar.Client);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        });
        await raktar.Settled();
        return raktar;
    }

    private static async Task<RunningRegistry> WithOpen(string protocol)
    {
        var raktar = await RunningRegistry.Start(
            protocol, wired: true, ("Raktar__Public", "true"), ("Raktar__RateLimits__FailedAuthenticationsPerMinute", "0"));
        using var response = await RawCrate.Of("open", "1.0.0").Publish(raktar.Client);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        await raktar.Settled();
        return raktar;
    }
}
