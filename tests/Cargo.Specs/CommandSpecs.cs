using Raktar.Running;

namespace Raktar.Cargo.Specs;

/// <summary>The commands of cargo that talk to a registry and that no other spec runs for their own sake.</summary>
public sealed class CommandSpecs
{
    [Theory, EveryCargo]
    public async Task Fetch_tree_vendor_and_a_locked_offline_build_work(string cargo)
    {
        var raktar = await Registries.Shared();
        var (lower, upper) = (Registries.Name("lower"), Registries.Name("upper"));
        var author = await CargoWorld.For(cargo, raktar);
        await author.Publish(lower);
        await author.Publish(upper, dependencies: Dependency(lower));

        var user = await CargoWorld.For(cargo, raktar);
        var app = user.Application("app", Dependency(upper), $"{Rust(upper)}::word()");
        (await user.Run(app, "fetch")).Succeeded().Said($"Downloaded {upper} v1.0.0", $"Downloaded {lower} v1.0.0");
        (await user.Run(app, "tree")).Succeeded().Said($"└── {upper} v1.0.0 (registry `raktar`)", $"    └── {lower} v1.0.0 (registry `raktar`)");
        (await user.Run(app, "build", "--locked", "--offline")).Succeeded();

        // What vendor wrote is all that the next build may use.
        var vendored = (await user.Run(app, "vendor", "--locked", Path.Combine(app, "vendor"))).Succeeded().StandardOutput;
        Assert.True(File.Exists(Path.Combine(app, "vendor", lower, "src", "lib.rs")));
        var isolated = await CargoWorld.For(cargo, raktar, token: null);
        isolated.Configure(vendored);
        (await isolated.Run(app, "run", "--locked", "--offline")).Succeeded().Said($"{upper} 1.0.0");
    }

    [EmbeddedTheory, EveryCargo]
    public async Task A_complete_lock_file_and_warm_caches_need_no_registry(string cargo)
    {
        await using var raktar = await RunningRegistry.Start();
        var author = await CargoWorld.For(cargo, raktar);
        await author.Publish("lower");
        var app = author.Application("app", Dependency("lower"), "lower::word()");
        (await author.Run(app, "fetch")).Succeeded();
        await raktar.Kill();

        (await author.Run(app, "run", "--locked")).Succeeded().Said("lower 1.0.0");
        File.Delete(Path.Combine(app, "Cargo.lock"));
        (await (await CargoWorld.For(cargo, raktar)).Run(app, "fetch")).Failed("127.0.0.1");
    }

    [Theory, EveryCargo]
    public async Task Add_finds_the_other_spelling_and_says_when_there_is_none(string cargo)
    {
        var raktar = await Registries.Shared();
        var name = Registries.Name("dashed-name");
        var author = await CargoWorld.For(cargo, raktar);
        await author.Publish(name, "1.2.3");

        var app = author.Application("app");
        (await author.Run(app, "add", "--registry", "raktar", name.Replace('-', '_'))).Succeeded().Said($"Adding {name} v1.2.3");
        Assert.Contains($"{name} = {{ version = \"1.2.3\", registry = \"raktar\" }}", await File.ReadAllTextAsync(Path.Combine(app, "Cargo.toml")), StringComparison.Ordinal);
        (await author.Run(app, "add", "--registry", "raktar", "no-such-crate")).Failed("no-such-crate", "could not be found");
    }

    [Theory, EveryCargo]
    public async Task Update_takes_newer_versions_and_precise_ones(string cargo)
    {
        var raktar = await Registries.Shared();
        var name = Registries.Name("moving");
        var author = await CargoWorld.For(cargo, raktar);
        await author.Publish(name, "1.0.0");
        var app = author.Application("app", Dependency(name));
        (await author.Run(app, "generate-lockfile")).Succeeded();
        await author.Publish(name, "1.1.0");
        await author.Publish(name, "2.0.0");

        Assert.Equal("1.0.0", CargoWorld.Locked(app, name));
        (await author.Run(app, "update")).Succeeded().Said($"Updating {name} v1.0.0 (registry `raktar`) -> v1.1.0");
        Assert.Equal("1.1.0", CargoWorld.Locked(app, name));
        (await author.Run(app, "update", name, "--precise", "1.0.0")).Succeeded();
        Assert.Equal("1.0.0", CargoWorld.Locked(app, name));
    }

    [Theory, EveryCargo]
    public async Task Info_shows_a_crate(string cargo)
    {
        var raktar = await Registries.Shared();
        var name = Registries.Name("shown");
        var author = await CargoWorld.For(cargo, raktar);
        await author.Publish(name, "0.3.0", package: "keywords = [\"looks\"]\nrust-version = \"1.60\"\n\n[features]\nfast = []\n");

        (await author.Cargo("info", "--registry", "raktar", name)).Succeeded()
            .Said($"{name} #looks", "A crate of the specs", "version: 0.3.0", "license: MIT", "rust-version: 1.60", "fast");
        (await author.Cargo("info", "--registry", "raktar", "no-such-crate")).Failed("could not find `no-such-crate`");
    }

    [Theory, EveryCargo]
    public async Task Install_builds_a_program_with_its_dependencies(string cargo)
    {
        var raktar = await Registries.Shared();
        var (name, lower) = (Registries.Name("tool"), Registries.Name("lower"));
        var author = await CargoWorld.For(cargo, raktar);
        await author.Publish(lower);
        (await author.Publishing(author.Application(name, Dependency(lower), $"{Rust(lower)}::word()"))).Succeeded();

        var user = await CargoWorld.For(cargo, raktar);
        (await user.Cargo("install", "--registry", "raktar", "--debug", name)).Succeeded().Said($"Installed package `{name} v1.0.0 (registry `raktar`)`");
        (await Program.Run(Path.Combine(user.Home, "bin", name), [])).Succeeded().Said($"{lower} 1.0.0");
        (await user.Cargo("install", "--registry", "raktar", "--index", raktar.Index, name)).Failed();
        (await user.Cargo("install", "--index", raktar.Index, "--debug", "--force", name)).Succeeded();
    }

    [Theory, EveryCargo]
    public async Task Package_and_a_dry_run_publish_nothing(string cargo)
    {
        var raktar = await Registries.Shared();
        var (lower, upper) = (Registries.Name("lower"), Registries.Name("upper"));
        var author = await CargoWorld.For(cargo, raktar);
        await author.Publish(lower);
        var crate = author.Library(upper, dependencies: Dependency(lower));

        (await author.Run(crate, "package", "--registry", "raktar", "--allow-dirty")).Succeeded().Said($"Verifying {upper} v1.0.0");
        Assert.True(File.Exists(Path.Combine(author.Target, "package", $"{upper}-1.0.0.crate")));
        (await author.Publishing(crate, "--dry-run")).Succeeded().Said("aborting upload due to dry run");
        using var index = await raktar.Client.GetAsync(RunningRegistry.IndexPath(upper));
        Assert.Equal(System.Net.HttpStatusCode.NotFound, index.StatusCode);

        (await author.Publishing(author.Library(lower), "--dry-run")).Said("already exists");
    }

    [Theory, EveryCargo]
    public async Task Login_stores_a_token_that_publish_uses_and_logout_forgets_it(string cargo)
    {
        var raktar = await Registries.Shared();
        var name = Registries.Name("signed");
        var author = await CargoWorld.For(cargo, raktar, token: null);
        var crate = author.Library(name);

        (await author.RunWith(raktar.AdminToken + "\n", crate, "login", "--registry", "raktar")).Succeeded().Said("saved");
        Assert.Contains(raktar.AdminToken, await File.ReadAllTextAsync(Path.Combine(author.Home, "credentials.toml")), StringComparison.Ordinal);
        (await author.Publishing(crate)).Succeeded();
        (await author.Cargo("logout", "--registry", "raktar")).Succeeded();
        (await author.Publishing(author.Library(name, "1.1.0"))).Failed("no token found");
    }

    [Theory, EveryCargo]
    public async Task A_token_stored_with_its_scheme_works(string cargo)
    {
        var raktar = await Registries.Shared();
        var author = await CargoWorld.For(cargo, raktar, $"Bearer {raktar.AdminToken}");
        await author.Publish(Registries.Name("bearer"));
    }

    [Theory, EveryCargo]
    public async Task The_registry_stands_in_for_crates_io(string cargo)
    {
        var raktar = await Registries.Shared();
        var name = Registries.Name("upstream");
        await (await CargoWorld.For(cargo, raktar)).Publish(name);

        var user = await CargoWorld.For(cargo, raktar);
        user.Configure("[source.crates-io]\nreplace-with = \"raktar\"");
        var app = user.Application("app", $"{name} = \"1\"", $"{Rust(name)}::word()");
        (await user.Run(app, "run")).Succeeded().Said($"{name} 1.0.0");
        Assert.Contains(
            "source = \"registry+https://github.com/rust-lang/crates.io-index\"",
            await File.ReadAllTextAsync(Path.Combine(app, "Cargo.lock")),
            StringComparison.Ordinal);
        (await user.Run(app, "add", name)).Succeeded();
    }

    [Theory, EveryCargo]
    public async Task The_configuration_that_raktar_prints_is_all_that_cargo_needs(string cargo)
    {
        var raktar = await Registries.Shared();
        var name = Registries.Name("pasted");
        var author = await CargoWorld.For(cargo, raktar);
        await File.WriteAllTextAsync(Path.Combine(author.Home, "config.toml"), (await raktar.Command("config", "--public-url", raktar.Url)).Succeeded().StandardOutput);
        // Only the certificate of the specs' server is nothing that a real one needs.
        author.Set("CARGO_HTTP_CAINFO", Certificates.Authority);
        await author.Publish(name);
        var app = author.Application("app", Dependency(name));
        (await author.Run(app, "build")).Succeeded();
    }

    [Theory, EveryCargo]
    public async Task Cargo_itself_says_that_it_speaks_HTTP_2(string cargo)
    {
        var raktar = await Registries.Shared(Protocols.Http2);
        var author = await CargoWorld.For(cargo, raktar);
        author.Set("CARGO_HTTP_DEBUG", "true");
        author.Set("CARGO_LOG", "network=debug");
        (await author.Publishing(author.Library(Registries.Name("traced")))).Succeeded().Said("< HTTP/2 200").NeverSaid("< HTTP/1.1");
    }

    private static string Dependency(string crate) => $$"""{{crate}} = { version = "1", registry = "raktar" }""";

    private static string Rust(string crate) => crate.Replace('-', '_');
}
