using Raktar.Application.Upstreams;

namespace Raktar.Api.Settings;

/// <summary>What a developer pastes to use the registry.</summary>
internal static class CargoConfiguration
{
    /// <summary>A cargo configuration file, with comments that say what to do with it.</summary>
    public static string For(RaktarOptions options) => Own(options) + string.Concat(options.Mirrored.Select(upstream => OfMirror(options, upstream)));

    private static string Own(RaktarOptions options) =>
        $"""
        # Paste into ~/.cargo/config.toml, or .cargo/config.toml of one project:
        [registries.{options.Policy.RegistryName ?? "raktar"}]
        index = "{options.IndexUrl}"
        credential-provider = ["cargo:token"]

        # Then sign in once, with a token of yours:
        #     cargo login --registry {options.Policy.RegistryName ?? "raktar"}

        """;

    private static string OfMirror(RaktarOptions options, Upstream upstream)
    {
        var name = $"{options.Policy.RegistryName ?? "raktar"}-{upstream.Name}";
        var credentials = options.Public ? string.Empty : "\ncredential-provider = [\"cargo:token\"]";
        var signIn = options.Public ? string.Empty : $"\n# Sign in with the same token: cargo login --registry {name}\n";
        // Cargo knows the one by its name, others by their address.
        var source = upstream.Name == "crates-io" ? string.Empty : $"registry = \"sparse+{upstream.Index}\"\n";
        return $"""

            # What comes from {upstream.Name} comes through here:
            [registries.{name}]
            index = "sparse+{options.PublicUrl}/{upstream.Name}/"{credentials}

            [source.{upstream.Name}]
            {source}replace-with = "{name}"
            {signIn}
            """;
    }

    /// <summary>A cargo configuration file that builds with the registry as it was at a time, as <c>/at/</c> takes it.</summary>
    public static string AsOf(RaktarOptions options, string time)
    {
        var name = options.Policy.RegistryName ?? "raktar";
        var credentials = options.Public ? string.Empty : "\ncredential-provider = [\"cargo:token\"]";
        return $"""
            # Add to .cargo/config.toml of the project that goes back in time:
            [registries.{name}-then]
            index = "sparse+{options.PublicUrl}/at/{time}/"{credentials}

            [source.{name}]
            registry = "{options.IndexUrl}"
            replace-with = "{name}-then"

            """;
    }
}
