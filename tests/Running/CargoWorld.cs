using System.Globalization;

namespace Raktar.Running;

/// <summary>Somebody's machine: a cargo with its own home, configured for a registry by the name <c>raktar</c>.</summary>
internal sealed class CargoWorld
{
    private readonly string _cargo;
    private readonly RunningRegistry _raktar;
    private readonly string _root;
    private readonly List<(string, string?)> _environment;

    private CargoWorld(string cargo, RunningRegistry raktar, string? token, string root)
    {
        (_cargo, _raktar, _root) = (cargo, raktar, root);
        _environment =
        [
            ("CARGO_HOME", Home),
            ("CARGO_REGISTRIES_RAKTAR_TOKEN", token),
            ("CARGO_TARGET_DIR", Target),
            ("CARGO_TERM_COLOR", "never"),
            ("CARGO_TERM_PROGRESS_WHEN", "never"),
            ("CARGO_INCREMENTAL", "0"),
            ("CARGO_PROFILE_DEV_DEBUG", "0"),
            // A retry would hide a fault of the registry.
            ("CARGO_NET_RETRY", "0"),
            ("RUSTUP_AUTO_INSTALL", "0"),
            ("GIT_CONFIG_GLOBAL", "/dev/null"),
        ];
        Directory.CreateDirectory(Home);
        Configure(
            $"""
            [registries.raktar]
            index = "{raktar.Index}"
            credential-provider = ["cargo:token"]

            [http]
            cainfo = "{Certificates.Authority}"
            """);
    }

    /// <summary>CARGO_HOME.</summary>
    public string Home => Path.Combine(_root, "home");

    /// <summary>CARGO_TARGET_DIR.</summary>
    public string Target => Path.Combine(_root, "target");

    /// <summary>A machine of an administrator.</summary>
    public static Task<CargoWorld> For(string cargo, RunningRegistry raktar) => For(cargo, raktar, raktar.AdminToken);

    /// <summary>A machine of somebody with this token, or with none.</summary>
    public static async Task<CargoWorld> For(string cargo, RunningRegistry raktar, string? token)
    {
        await Toolchains.IsInstalled(cargo);
        return new(cargo, raktar, token, Scratch.Folder($"cargo-{cargo}"));
    }

    /// <summary>Adds to cargo's configuration.</summary>
    public void Configure(string toml) => File.AppendAllText(Path.Combine(Home, "config.toml"), toml + "\n");

    /// <summary>Sets a variable for all that is run from now on.</summary>
    public void Set(string name, string? value) => _environment.Add((name, value));

    /// <summary>A new folder for a package or a workspace.</summary>
    public string Folder(string name) => Directory.CreateDirectory(Path.Combine(_root, name)).FullName;

    /// <summary>Writes a library with one function, <c>word()</c>, that answers <paramref name="word"/>; answers its folder.</summary>
    public string Library(string name, string version = "1.0.0", string dependencies = "", string? word = null, string? package = null, string? folder = null)
    {
        folder ??= Folder($"{name}-{version}");
        Directory.CreateDirectory(Path.Combine(folder, "src"));
        File.WriteAllText(Path.Combine(folder, "Cargo.toml"), Manifest(name, version, dependencies, package));
        File.WriteAllText(Path.Combine(folder, "src", "lib.rs"), $"pub fn word() -> &'static str {{ \"{word ?? $"{name} {version}"}\" }}\n");
        return folder;
    }

    /// <summary>Writes a program that prints <paramref name="prints"/>, a Rust expression; answers its folder.</summary>
    public string Application(string name, string dependencies = "", string prints = "\"hello\"", string version = "1.0.0", string? folder = null)
    {
        folder ??= Folder($"{name}-{version}");
        Directory.CreateDirectory(Path.Combine(folder, "src"));
        File.WriteAllText(Path.Combine(folder, "Cargo.toml"), Manifest(name, version, dependencies, package: null));
        File.WriteAllText(Path.Combine(folder, "src", "main.rs"), $"fn main() {{ println!(\"{{}}\", {prints}); }}\n");
        return folder;
    }

    /// <summary>Runs cargo there.</summary>
    public Task<Ended> Run(string folder, params string[] arguments) => RunWith(input: null, folder, arguments);

    /// <summary>Runs cargo there, with something typed.</summary>
    public async Task<Ended> RunWith(string? input, string folder, params string[] arguments)
    {
        var ended = await Program.Run("cargo", [.. Toolchains.Choice(_cargo), .. arguments], folder, _environment, input, TimeSpan.FromMinutes(5));
        if (arguments is ["yank" or "owner", ..])
        {
            // Unlike a publish, these do not wait until what they did can be seen.
            await _raktar.Settled();
        }

        return ended;
    }

    /// <summary>Runs cargo, anywhere.</summary>
    public Task<Ended> Cargo(params string[] arguments) => Run(Folder("nowhere"), arguments);

    /// <summary>Writes a library and publishes it.</summary>
    public async Task Publish(string name, string version = "1.0.0", string dependencies = "", string? package = null) =>
        (await Publishing(Library(name, version, dependencies, package: package))).Succeeded();

    /// <summary>Publishes the package in a folder.</summary>
    public Task<Ended> Publishing(string folder, params string[] options) =>
        Run(folder, ["publish", "--registry", "raktar", "--allow-dirty", .. options]);

    /// <summary>The version that a lock file chose.</summary>
    public static string Locked(string folder, string crate)
    {
        var lines = File.ReadAllLines(Path.Combine(folder, "Cargo.lock"));
        var at = Array.IndexOf(lines, $"name = \"{crate}\"");
        Assert.True(at >= 0, $"Cargo.lock has no {crate}");
        return lines[at + 1].Split('"')[1];
    }

    private static string Manifest(string name, string version, string dependencies, string? package) => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        [package]
        name = "{name}"
        version = "{version}"
        edition = "2021"
        description = "A crate of the specs"
        license = "MIT"
        {package}

        [workspace]

        [dependencies]
        {dependencies}

        """);
}
