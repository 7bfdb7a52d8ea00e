using Raktar.Running;

namespace Raktar.Cargo.Specs;

/// <summary>cargo publish --workspace.</summary>
public sealed class WorkspaceSpecs
{
    [Theory, EveryCargoAndProtocol]
    public async Task Three_chained_crates_are_published_in_one_command_and_built_elsewhere(string cargo, string protocol)
    {
        var raktar = await Registries.Shared(protocol);
        var (bottom, middle, top) = (Registries.Name("base"), Registries.Name("middle"), Registries.Name("top"));
        var author = await CargoWorld.For(cargo, raktar);
        var workspace = author.Folder("workspace");
        await File.WriteAllTextAsync(Path.Combine(workspace, "Cargo.toml"), $"[workspace]\nmembers = [\"{top}\", \"{middle}\", \"{bottom}\"]\nresolver = \"2\"\n");
        Member(bottom, string.Empty, "\"base\".to_string()");
        Member(middle, Dependency(bottom), $"format!(\"{{}} middle\", {bottom.Replace('-', '_')}::word())");
        Member(top, Dependency(middle), $"format!(\"{{}} top\", {middle.Replace('-', '_')}::word())");

        (await author.Run(workspace, "publish", "--workspace", "--registry", "raktar", "--allow-dirty")).Succeeded();

        var dependency = Assert.Single((await raktar.Line(top, "1.0.0")).GetProperty("deps").EnumerateArray());
        Assert.Equal(middle, dependency.GetProperty("name").GetString());
        Assert.Equal(System.Text.Json.JsonValueKind.Null, dependency.GetProperty("registry").ValueKind);

        var user = await CargoWorld.For(cargo, raktar);
        var app = user.Application("app", $$"""{{top}} = { version = "1", registry = "raktar" }""", $"{top.Replace('-', '_')}::word()");
        (await user.Run(app, "run")).Succeeded().Said("base middle top");

        static string Dependency(string name) => $$"""{{name}} = { path = "../{{name}}", version = "1", registry = "raktar" }""";

        void Member(string name, string dependencies, string word)
        {
            var folder = Directory.CreateDirectory(Path.Combine(workspace, name, "src")).Parent!.FullName;
            File.WriteAllText(
                Path.Combine(folder, "Cargo.toml"),
                $"[package]\nname = \"{name}\"\nversion = \"1.0.0\"\nedition = \"2021\"\nlicense = \"MIT\"\ndescription = \"d\"\n\n[dependencies]\n{dependencies}\n");
            File.WriteAllText(Path.Combine(folder, "src", "lib.rs"), $"pub fn word() -> String {{ {word} }}\n");
        }
    }
}
