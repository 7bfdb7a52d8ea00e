using System.Net;
using System.Net.Http.Json;
using Raktar.Running;
using Raktar.LocalAws;

namespace Raktar.Cargo.Specs;

/// <summary>Who may publish a crate.</summary>
public sealed class OwnerSpecs
{
    [Theory, EveryCargoAndProtocol]
    public async Task Owners_are_added_listed_and_removed(string cargo, string protocol)
    {
        var raktar = await Registries.Shared(protocol);
        var (name, ada, bela) = (Registries.Name("owned"), Registries.Name("ada"), Registries.Name("bela"));
        var author = await CargoWorld.For(cargo, raktar, await raktar.Account(ada, "publisher"));
        var friend = await CargoWorld.For(cargo, raktar, await raktar.Account(bela, "publisher"));
        await author.Publish(name);
        (await author.Cargo("owner", "--registry", "raktar", "--list", name)).Succeeded().Said(ada).NeverSaid(bela);

        (await author.Cargo("owner", "--registry", "raktar", "--add", bela, name)).Succeeded().Said("added", $"`{bela}`");
        (await friend.Cargo("owner", "--registry", "raktar", "--list", name)).Succeeded().Said(ada, bela);
        await friend.Publish(name, "1.1.0");

        (await friend.Cargo("owner", "--registry", "raktar", "--remove", ada, name)).Succeeded();
        (await friend.Cargo("owner", "--registry", "raktar", "--list", name)).Succeeded().Said(bela).NeverSaid(ada);
        (await author.Publishing(author.Library(name, "1.2.0"))).Failed("403", $"you are not an owner of `{name}`");
        (await friend.Cargo("owner", "--registry", "raktar", "--remove", bela, name)).Failed($"cannot remove the last owner of `{name}`");
        (await friend.Cargo("owner", "--registry", "raktar", "--add", "nobody-at-all", name)).Failed("user `nobody-at-all` does not exist");
    }

    [Theory, EveryCargoAndProtocol]
    public async Task Who_does_not_own_a_crate_cannot_change_it(string cargo, string protocol)
    {
        var raktar = await Registries.Shared(protocol);
        var (name, ada, bela) = (Registries.Name("owned"), Registries.Name("ada"), Registries.Name("bela"));
        var author = await CargoWorld.For(cargo, raktar, await raktar.Account(ada, "publisher"));
        var stranger = await CargoWorld.For(cargo, raktar, await raktar.Account(bela, "publisher"));
        await author.Publish(name);

        (await stranger.Publishing(stranger.Library(name, "1.1.0"))).Failed("403", $"you are not an owner of `{name}`");
        (await stranger.Cargo("yank", "--registry", "raktar", $"{name}@1.0.0")).Failed("403", $"you are not an owner of `{name}`");
        (await stranger.Cargo("owner", "--registry", "raktar", "--add", bela, name)).Failed("403", $"you are not an owner of `{name}`");
        Assert.False(Assert.Single(await raktar.Lines(name)).GetProperty("yanked").GetBoolean());
    }

    [Theory, EveryCargo]
    public async Task A_team_owns_a_crate_and_only_those_who_may_see_it_can_build_with_it(string cargo)
    {
        var raktar = await Registries.Shared();
        var (name, team, login) = (Registries.Name("teamed"), Registries.Name("team"), Registries.Name("ada"));
        var token = await raktar.Account(login, "member");
        foreach (var path in (string[])[$"teams/{team}", $"teams/{team}/members/{login}"])
        {
            using var put = await raktar.Client.PutAsync($"api/v1/{path}", null);
            Assert.Equal(HttpStatusCode.OK, put.StatusCode);
        }

        var author = await CargoWorld.For(cargo, raktar, await raktar.Account(Registries.Name("bela"), "publisher"));
        var member = await CargoWorld.For(cargo, raktar, token);
        var stranger = await CargoWorld.For(cargo, raktar, await raktar.Account(Registries.Name("eve"), "reader"));
        await author.Publish(name);
        (await author.Cargo("owner", "--registry", "raktar", "--add", $"team:{team}", name)).Succeeded();
        (await author.Cargo("owner", "--registry", "raktar", "--list", name)).Succeeded().Said($"team:{team}");
        await member.Publish(name, "1.1.0");
        (await member.Cargo("owner", "--registry", "raktar", "--add", login, name)).Failed("403", "not the members of its teams");

        using var restricted = await raktar.Client.PutAsJsonAsync($"api/v1/crates/{name}/visibility", new { restricted = true });
        Assert.Equal(HttpStatusCode.OK, restricted.StatusCode);
        await raktar.Settled();
        var dependency = $$"""{{name}} = { version = "1", registry = "raktar" }""";
        (await member.Run(member.Application("app", dependency), "fetch")).Succeeded();

        // On AWS an instance may remember for some seconds that the crate was open.
        var hidden = stranger.Application("app", dependency);
        await Eventually.Holds(
            async () => (await stranger.Run(hidden, "update")).Output.Contains("no matching package", StringComparison.Ordinal),
            TimeSpan.FromSeconds(60),
            () => "a restricted crate can still be found");
    }
}
