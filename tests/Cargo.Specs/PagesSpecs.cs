using Raktar.Running;

namespace Raktar.Cargo.Specs;

/// <summary>What pages read from where an edition keeps it, with the rights that it has there. What they show is for the specs of the API and of the browser.</summary>
public sealed class PagesSpecs
{
    [Fact]
    public async Task A_crate_that_cargo_published_is_shown_with_its_readme_its_files_and_its_past()
    {
        var raktar = await Registries.Shared();
        var name = Registries.Name("shown");
        var cargo = await CargoWorld.For("stable", raktar, raktar.AdminToken);
        var folder = cargo.Library(name, "1.0.0", package: "readme = \"README.md\"");
        await File.WriteAllTextAsync(Path.Combine(folder, "README.md"), "# Words\n\nSee [the source](src/lib.rs).\n");
        (await cargo.Publishing(folder)).Succeeded();
        await raktar.Settled();
        var then = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", System.Globalization.CultureInfo.InvariantCulture);
        (await raktar.Client.DeleteAsync($"api/v1/crates/{name}/1.0.0/yank?message=broken")).EnsureSuccessStatusCode().Dispose();
        await raktar.Settled();

        foreach (var (path, text) in ((string, string)[])
            [
                ($"crates/{name}", $"<a href=\"/crates/{name}/1.0.0/files/src/lib.rs\">the source</a>"),
                ($"crates/{name}", "1.0.0: broken"),
                ($"crates/{name}/1.0.0/files", "Cargo.toml.orig</a>"),
                ($"crates/{name}/1.0.0/files/Cargo.toml.orig", $"name = &quot;{name}&quot;"),
                ($"crates/{name}/history", $"yanked {name} 1.0.0: broken"),
                ($"crates/{name}/history", $"<b>admin</b> published {name} 1.0.0 ("),
                ($"search?q={name}&at={then}", $"href=\"/crates/{name}?at={Uri.EscapeDataString(then)}\">{name}</a>"),
                ($"crates/{name}?at={then}", "Back to today"),
            ])
        {
            Assert.Contains(text, await raktar.Client.GetStringAsync(path), StringComparison.Ordinal);
        }

        Assert.DoesNotContain("yanked", await raktar.Client.GetStringAsync($"crates/{name}/versions?at={then}"), StringComparison.Ordinal);
    }
}
