using Raktar.Running;

namespace Raktar.Cargo.Specs;

/// <summary>Yanked versions: not chosen any more, but there for everyone who has them.</summary>
public sealed class YankSpecs
{
    [Theory, EveryCargoAndProtocol]
    public async Task A_yanked_version_is_not_picked_again_but_lock_files_keep_it(string cargo, string protocol)
    {
        var raktar = await Registries.Shared(protocol);
        var name = Registries.Name("yankee");
        var author = await CargoWorld.For(cargo, raktar);
        await author.Publish(name, "1.0.0");
        await author.Publish(name, "1.1.0");
        var app = author.Application("app", $"""{name} = {"{"} version = "1", registry = "raktar" {"}"}""");
        (await author.Run(app, "update")).Succeeded();
        Assert.Equal("1.1.0", CargoWorld.Locked(app, name));

        (await author.Cargo("yank", "--registry", "raktar", $"{name}@1.1.0")).Succeeded();
        Assert.True((await raktar.Line(name, "1.1.0")).GetProperty("yanked").GetBoolean());

        // Another machine, nothing in its caches, and only the lock file.
        var other = await CargoWorld.For(cargo, raktar);
        (await other.Run(app, "fetch", "--locked")).Succeeded().Said($"Downloaded {name} v1.1.0");
        (await other.Run(app, "update")).Succeeded();
        Assert.Equal("1.0.0", CargoWorld.Locked(app, name));
        (await other.Run(app, "update", name, "--precise", "1.1.0")).Succeeded().Said("yanked");
        Assert.Equal("1.1.0", CargoWorld.Locked(app, name));

        (await author.Cargo("yank", "--registry", "raktar", "--undo", $"{name}@1.1.0")).Succeeded();
        File.Delete(Path.Combine(app, "Cargo.lock"));
        (await other.Run(app, "update")).Succeeded();
        Assert.Equal("1.1.0", CargoWorld.Locked(app, name));
    }

    [Theory, EveryCargoAndProtocol]
    public async Task Yanking_twice_is_no_error_and_yanking_nothing_is_a_sentence(string cargo, string protocol)
    {
        var raktar = await Registries.Shared(protocol);
        var name = Registries.Name("yankee");
        var author = await CargoWorld.For(cargo, raktar);
        await author.Publish(name, "1.0.0+build.7");

        (await author.Cargo("yank", "--registry", "raktar", $"{name}@1.0.0+build.7")).Succeeded();
        (await author.Cargo("yank", "--registry", "raktar", $"{name}@1.0.0+build.7")).Succeeded();
        Assert.True((await raktar.Line(name, "1.0.0+build.7")).GetProperty("yanked").GetBoolean());

        (await author.Cargo("yank", "--registry", "raktar", $"{name}@3.0.0")).Failed("404", $"crate `{name}` has no version `3.0.0`");
        (await author.Cargo("yank", "--registry", "raktar", "no-such-crate@1.0.0")).Failed("404", "crate `no-such-crate` does not exist");
    }

    [Theory, EveryCargo]
    public async Task A_yanked_program_cannot_be_installed(string cargo)
    {
        var raktar = await Registries.Shared();
        var name = Registries.Name("tool");
        var author = await CargoWorld.For(cargo, raktar);
        (await author.Publishing(author.Application(name))).Succeeded();
        (await author.Cargo("yank", "--registry", "raktar", $"{name}@1.0.0")).Succeeded();

        (await author.Cargo("install", "--registry", "raktar", $"{name}@1.0.0")).Failed("yanked");
    }
}
