using Raktar.Running;

namespace Raktar.Cargo.Specs;

/// <summary>Names of every length and versions of every form go through index, download and build.</summary>
public sealed class NameSpecs
{
    [Theory, EveryCargoAndProtocol]
    public async Task Short_and_mixed_case_names_and_full_versions_are_published_and_built(string cargo, string protocol)
    {
        var raktar = await Registries.Shared(protocol);
        var author = await CargoWorld.For(cargo, raktar);
        // The names are the point, so both cargos publish the same ones, in versions of their own.
        var own = cargo == "stable" ? 1 : 2;
        (string Name, string Version)[] crates =
            [("a", $"{own}.0.0"), ("ab", $"0.0.{own}"), ("abc", $"1.0.0-rc.{own}+b.2"), ("abcd", $"10.20.{own}"), ("MixedCase_Name-X", $"1.2.{own}-alpha.0")];
        foreach (var (name, version) in crates)
        {
            await author.Publish(name, version);
        }

        var user = await CargoWorld.For(cargo, raktar);
        var dependencies = string.Join('\n', crates.Select(crate => $$"""{{crate.Name}} = { version = "={{crate.Version}}", registry = "raktar" }"""));
        var words = string.Join(", ", crates.Select(crate => $"{crate.Name.Replace('-', '_')}::word()"));
        var app = user.Application("app", dependencies, $"[{words}].join(\"; \")");

        (await user.Run(app, "run")).Succeeded()
            .Said(string.Join("; ", crates.Select(crate => $"{crate.Name} {crate.Version}")))
            .Said($"Downloaded abc v1.0.0-rc.{own}+b.2");
        Assert.Equal("abc", (await raktar.Line("abc", $"1.0.0-rc.{own}+b.2")).GetProperty("name").GetString());
        Assert.Equal("MixedCase_Name-X", (await raktar.Lines("mixedcase_name-x"))[0].GetProperty("name").GetString());
    }
}
