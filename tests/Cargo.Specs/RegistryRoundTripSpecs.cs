using Raktar.Running;

namespace Raktar.Cargo.Specs;

/// <summary>From publish to a build on another machine.</summary>
public sealed class RegistryRoundTripSpecs
{
    [Theory, EveryCargoAndProtocol]
    public async Task A_published_crate_is_added_and_built_on_another_machine(string cargo, string protocol)
    {
        var raktar = await Registries.Shared(protocol);
        var name = Registries.Name("greeting");
        var author = await CargoWorld.For(cargo, raktar);
        await author.Publish(name);

        var line = await raktar.Line(name, "1.0.0");
        Assert.False(line.GetProperty("yanked").GetBoolean());
        Assert.Equal(line.GetProperty("cksum").GetString(), RawCrate.Checksum(await raktar.Download(line)));

        var user = await CargoWorld.For(cargo, raktar);
        var app = user.Application("app", prints: $"{name.Replace('-', '_')}::word()");
        (await user.Run(app, "add", name, "--registry", "raktar")).Succeeded().Said($"Adding {name} v1.0.0");
        (await user.Run(app, "build")).Succeeded().Said($"Downloaded {name} v1.0.0 (registry `raktar`)");
        (await user.Run(app, "run", "--quiet")).Succeeded().Said($"{name} 1.0.0");
    }
}
