namespace Raktar.Api.Settings;

/// <summary>What a developer pastes to use the registry.</summary>
internal static class CargoConfiguration
{
    /// <summary>A cargo configuration file, with comments that say what to do with it.</summary>
    public static string For(RaktarOptions options) =>
        $"""
        # Paste into ~/.cargo/config.toml, or .cargo/config.toml of one project:
        [registries.{options.Policy.RegistryName ?? "raktar"}]
        index = "{options.IndexUrl}"
        credential-provider = ["cargo:token"]

        # Then sign in once, with a token of yours:
        #     cargo login --registry {options.Policy.RegistryName ?? "raktar"}

        """;

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
