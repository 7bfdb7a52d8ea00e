using System.Text.Json;
using Raktar.Running;

namespace Raktar.Cargo.Specs;

/// <summary>Dependencies come back from the index as their author meant them.</summary>
public sealed class DependencySpecs
{
    private const string CratesIo = "https://github.com/rust-lang/crates.io-index";

    [Theory, EveryCargoAndProtocol]
    public async Task Dependencies_on_crates_io_and_renamed_ones_keep_their_registry_and_name(string cargo, string protocol)
    {
        // A second, public registry plays crates.io: to cargo it is crates.io.
        var mirror = await Registries.Public(protocol);
        var (upstream, publisher) = (Registries.Name("upstream"), await CargoWorld.For(cargo, mirror));
        await publisher.Publish(upstream, "1.2.0");
        await publisher.Publish(upstream, "2.0.3");

        var raktar = await Registries.Shared(protocol);
        var (own, renamed, name) = (Registries.Name("own"), Registries.Name("renamed"), Registries.Name("both"));
        var author = await Machine();
        await author.Publish(own);
        await author.Publish(renamed, "2.1.0");
        var both = author.Library(
            name,
            dependencies: $$"""
                {{upstream}} = "1.1"
                other-upstream = { package = "{{upstream}}", version = "2" }
                {{own}} = { version = "1", registry = "raktar" }
                alias = { package = "{{renamed}}", version = "2", registry = "raktar" }
                """);
        await File.WriteAllTextAsync(
            Path.Combine(both, "src", "lib.rs"),
            $$"""
            pub fn word() -> String {
                [{{upstream.Replace('-', '_')}}::word(), other_upstream::word(), {{own.Replace('-', '_')}}::word(), alias::word()].join("; ")
            }
            """);
        (await author.Publishing(both)).Succeeded();

        var dependencies = (await raktar.Line(name, "1.0.0")).GetProperty("deps").EnumerateArray().ToDictionary(
            dependency => dependency.GetProperty("name").GetString()!,
            dependency => (Text(dependency, "package"), Text(dependency, "registry"), Text(dependency, "req")),
            StringComparer.Ordinal);
        Assert.Equal(4, dependencies.Count);
        Assert.Equal((null, CratesIo, "^1.1"), dependencies[upstream]);
        Assert.Equal((upstream, CratesIo, "^2"), dependencies["other-upstream"]);
        Assert.Equal((null, null, "^1"), dependencies[own]);
        Assert.Equal((renamed, null, "^2"), dependencies["alias"]);

        var user = await Machine();
        var app = user.Application("app", $$"""{{name}} = { version = "1", registry = "raktar" }""", $"{name.Replace('-', '_')}::word()");
        (await user.Run(app, "run")).Succeeded().Said($"{upstream} 1.2.0; {upstream} 2.0.3; {own} 1.0.0; {renamed} 2.1.0");
        var lockFile = await File.ReadAllTextAsync(Path.Combine(app, "Cargo.lock"));
        Assert.Contains($"source = \"registry+{CratesIo}\"", lockFile, StringComparison.Ordinal);
        Assert.Contains($"source = \"{raktar.Index}\"", lockFile, StringComparison.Ordinal);

        async Task<CargoWorld> Machine()
        {
            var machine = await CargoWorld.For(cargo, raktar);
            machine.Configure(
                $"""
                [source.crates-io]
                replace-with = "mirror"

                [source.mirror]
                registry = "{mirror.Index}"
                """);
            return machine;
        }
    }

    [Theory, EveryCargo]
    public async Task Kinds_targets_and_features_of_dependencies_survive_the_index(string cargo)
    {
        var raktar = await Registries.Shared();
        var (basis, name) = (Registries.Name("basis"), Registries.Name("rich"));
        var author = await CargoWorld.For(cargo, raktar);
        foreach (var version in new[] { "1.0.0", "2.0.0", "3.0.0" })
        {
            await author.Publish(basis, version, package: "rust-version = \"1.60\"\n\n[features]\ndefault = []\nextra = []\n");
        }

        var rich = author.Library(
            name,
            dependencies: $$"""
                maybe = { package = "{{basis}}", version = "3", registry = "raktar", optional = true, default-features = false }

                [build-dependencies]
                {{basis}} = { version = "1", registry = "raktar" }

                [target.'cfg(any(unix, windows))'.dependencies]
                native = { package = "{{basis}}", version = ">=2, <3", registry = "raktar", features = ["extra"] }

                [features]
                default = ["std"]
                std = []
                with-maybe = ["dep:maybe", "maybe?/extra"]
                """);
        (await author.Publishing(rich)).Succeeded();

        var line = await raktar.Line(name, "1.0.0");
        var dependencies = line.GetProperty("deps").EnumerateArray().ToDictionary(
            dependency => dependency.GetProperty("name").GetString()!, StringComparer.Ordinal);
        Assert.True(dependencies["maybe"].GetProperty("optional").GetBoolean());
        Assert.False(dependencies["maybe"].GetProperty("default_features").GetBoolean());
        Assert.Equal("build", Text(dependencies[basis], "kind"));
        Assert.Equal("cfg(any(unix, windows))", Text(dependencies["native"], "target"));
        Assert.Equal("extra", Assert.Single(dependencies["native"].GetProperty("features").EnumerateArray()).GetString());
        Assert.Equal("1.60", Text(await raktar.Line(basis, "1.0.0"), "rust_version"));

        var user = await CargoWorld.For(cargo, raktar);
        var app = user.Application("app", $$"""{{name}} = { version = "1", registry = "raktar", features = ["with-maybe"] }""");
        (await user.Run(app, "tree", "-e", "normal,build,features")).Succeeded().Said($"{basis} feature \"extra\"", "[build-dependencies]");
        (await user.Run(app, "build")).Succeeded();
    }

    private static string? Text(JsonElement element, string key) =>
        element.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
