using System.Net;
using System.Text;
using Raktar.Running;

namespace Raktar.Cargo.Specs;

/// <summary>What other tools than cargo meet: networks from which reading needs no token, Basic, and git where `sparse+` is missing.</summary>
public sealed class OtherToolsSpecs
{
    public static TheoryData<string, string> CargosAndGits()
    {
        var rows = new TheoryData<string, string>();
        foreach (var cargo in Toolchains.All)
        {
            // The git inside cargo, and the git command.
            rows.Add(cargo, "false");
            rows.Add(cargo, "true");
        }

        return rows;
    }

    [Theory]
    [MemberData(nameof(CargosAndGits))]
    public async Task Cargo_without_sparse_in_its_configuration_is_told_the_right_line(string cargo, string withCli)
    {
        var raktar = await Registries.Shared();
        var world = await CargoWorld.For(cargo, raktar);
        world.Set("CARGO_REGISTRIES_RAKTAR_INDEX", $"{raktar.Url}/");
        world.Set("CARGO_NET_GIT_FETCH_WITH_CLI", withCli);
        world.Set("GIT_TERMINAL_PROMPT", "0");
        world.Set("GIT_SSL_CAINFO", Certificates.Authority);
        var app = world.Application("app", """anything = { version = "1", registry = "raktar" }""");

        (await world.Run(app, "fetch")).Failed("this is a sparse registry, not a git repository", $"index = \"sparse+{raktar.Url}/\"").NeverSaid("Username");
    }

    [Fact]
    public async Task From_a_named_network_reading_needs_no_token_and_cargo_goes_on_sending_its_own()
    {
        await using var raktar = await RunningRegistry.Start(settings: ("Raktar__ReadFrom__0", "127.0.0.0/8"));
        var world = await CargoWorld.For("stable", raktar);
        await world.Publish("inside");
        await raktar.Settled();
        using var anybody = Protocols.Client(raktar.Protocol, raktar.Url, token: null);
        using var config = await anybody.GetAsync("config.json");
        Assert.Contains("\"auth-required\":true", await config.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        foreach (var path in (string[])["in/si/inside", "dl/inside/1.0.0/download"])
        {
            using var read = await anybody.GetAsync(path);
            Assert.True((int)read.StatusCode < 400, $"{path}: {read.StatusCode}");
        }

        using var publish = await RawCrate.Of("inside", "2.0.0").Publish(anybody);
        Assert.Equal(HttpStatusCode.Unauthorized, publish.StatusCode);
        var app = world.Application("app", """inside = { version = "1", registry = "raktar" }""");
        (await world.Run(app, "fetch")).Succeeded().Said("Downloaded inside v1.0.0");
    }

    [Fact]
    public async Task Nobody_talks_their_way_into_a_network()
    {
        // On AWS the address is the one that API Gateway saw, elsewhere the connection's: what the client says of itself is neither.
        await using var raktar = await RunningRegistry.Start(settings: ("Raktar__ReadFrom__0", "203.0.113.0/24"));
        using var outside = Protocols.Client(raktar.Protocol, raktar.Url, token: null);
        foreach (var header in (string[])["X-Forwarded-For", "X-Original-For", "X-Real-IP", "Forwarded"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "config.json");
            request.Headers.TryAddWithoutValidation(header, "203.0.113.9");
            using var answer = await outside.SendAsync(request);
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        }
    }

    [Theory, EveryCargo]
    public async Task A_token_as_a_password_in_the_address_is_enough_to_read(string cargo)
    {
        var raktar = await Registries.Shared();
        var name = Registries.Name("by-password");
        await (await CargoWorld.For(cargo, raktar)).Publish(name);
        using var client = Protocols.Client(raktar.Protocol, raktar.Url, $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"anybody:{raktar.AdminToken}"))}");
        using var index = await client.GetAsync(RunningRegistry.IndexPath(name));
        Assert.Equal(HttpStatusCode.OK, index.StatusCode);
        using var publish = await RawCrate.Of(name, "2.0.0").Publish(client);
        Assert.Equal(HttpStatusCode.Unauthorized, publish.StatusCode);
    }
}
