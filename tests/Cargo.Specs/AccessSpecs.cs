using System.Net;
using Raktar.Running;

namespace Raktar.Cargo.Specs;

/// <summary>A private registry: what cargo shows to those who may not.</summary>
public sealed class AccessSpecs
{
    [Theory, EveryCargoAndProtocol]
    public async Task Without_a_token_nothing_is_read_and_cargo_says_where_to_sign_in(string cargo, string protocol)
    {
        var raktar = await Registries.Shared(protocol);
        var name = Registries.Name("secret");
        await (await CargoWorld.For(cargo, raktar)).Publish(name);

        var stranger = await CargoWorld.For(cargo, raktar, token: null);
        var app = stranger.Application("app", $"""{name} = {"{"} version = "1", registry = "raktar" {"}"}""");
        (await stranger.Run(app, "fetch")).Failed("no token found", "cargo login");
        (await stranger.Publishing(stranger.Library(name, "2.0.0"))).Failed("no token found", "cargo login");
        (await stranger.RunWith("\n", app, "login", "--registry", "raktar")).Failed($"{raktar.Url}/me");
    }

    [Theory, EveryCargoAndProtocol]
    public async Task A_bad_token_is_rejected_for_reading_and_for_publishing(string cargo, string protocol)
    {
        var raktar = await Registries.Shared(protocol);
        var name = Registries.Name("secret");
        var author = await CargoWorld.For(cargo, raktar);
        await author.Publish(name);

        var stranger = await CargoWorld.For(cargo, raktar, await raktar.RevokedToken());
        var app = stranger.Application("app", $"""{name} = {"{"} version = "1", registry = "raktar" {"}"}""");
        (await stranger.Run(app, "fetch")).Failed("token rejected for `raktar`", "cargo login");
        (await stranger.Publishing(stranger.Library(name, "2.0.0"))).Failed("token rejected for `raktar`");
        (await stranger.Cargo("search", "--registry", "raktar", name)).Failed();
        Assert.Single(await raktar.Lines(name));
    }

    [Theory, EveryCargoAndProtocol]
    public async Task A_token_that_stops_working_before_the_upload_is_told_in_a_sentence(string cargo, string protocol)
    {
        var raktar = await Registries.Shared(protocol);
        var name = Registries.Name("secret");
        var revoked = await raktar.RevokedToken();
        using var client = Protocols.Client(protocol, raktar.Url, revoked);

        using var response = await RawCrate.Of(name, "1.0.0").Publish(client);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal("""{"errors":[{"detail":"authentication failed"}]}""", await response.Content.ReadAsStringAsync());

        // Cargo reads first, so it meets a bad token there; with a config that it stored before, the API call is the first to see it.
        var author = await CargoWorld.For(cargo, raktar);
        await author.Publish(name);
        author.Set("CARGO_REGISTRIES_RAKTAR_TOKEN", revoked);
        (await author.Cargo("search", "--registry", "raktar", name)).Failed("401", "authentication failed");
    }

    [Theory, EveryCargoAndProtocol]
    public async Task A_reader_reads_but_does_not_publish(string cargo, string protocol)
    {
        var raktar = await Registries.Shared(protocol);
        var (name, login) = (Registries.Name("secret"), Registries.Name("rita"));
        await (await CargoWorld.For(cargo, raktar)).Publish(name);

        var reader = await CargoWorld.For(cargo, raktar, await raktar.Account(login, "reader"));
        var app = reader.Application("app", $"""{name} = {"{"} version = "1", registry = "raktar" {"}"}""");
        (await reader.Run(app, "fetch")).Succeeded().Said($"Downloaded {name} v1.0.0");
        (await reader.Publishing(reader.Library(Registries.Name("secret")))).Failed(
            "403", $"the account `{login}` is a reader; this needs the role member");
    }
}
