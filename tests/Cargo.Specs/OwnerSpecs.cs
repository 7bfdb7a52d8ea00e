using Raktar.Cargo.Specs.Running;

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
}
