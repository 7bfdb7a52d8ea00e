using System.Text;
using System.Text.Json;

namespace Raktar.Testing;

/// <summary>Hostile texts in their places.</summary>
internal static class HostilePlaces
{
    /// <summary>Publishes it in a crate of that name, yanked where it is the reason for that. The registry may refuse it.</summary>
    public static async Task<HttpResponseMessage> Publish(this HostileText hostile, HttpClient client, string name)
    {
        var published = await hostile.Crate(name).Publish(client, metadata =>
        {
            // The manifest says enough.
            metadata.Remove("deps");
            metadata.Remove("features");
        });
        if (hostile.Field == HostileField.YankReason)
        {
            using var yanked = await client.DeleteAsync($"api/v1/crates/{name}/1.0.0/yank?message={Uri.EscapeDataString(hostile.Text)}");
            yanked.EnsureSuccessStatusCode();
        }

        return published;
    }

    private static RawCrate Crate(this HostileText hostile, string name)
    {
        var text = Quoted(hostile.Text);
        return RawCrate.Of(
            name,
            "1.0.0",
            description: hostile.Field == HostileField.Description ? hostile.Text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) : "x",
            license: hostile.Field == HostileField.License ? text : "\"MIT\"",
            package: hostile.Field switch
            {
                HostileField.Url => $"homepage = {text}\nrepository = {text}\ndocumentation = {text}",
                HostileField.Keyword => $"keywords = [{text}]\ncategories = [{text}]",
                HostileField.Readme => "readme = \"README.md\"",
                _ => string.Empty,
            },
            manifest: hostile.Field switch
            {
                HostileField.Feature => $"[features]\n{text} = []\ndefault = [{text}]",
                HostileField.Target => $"[target.{text}.dependencies.libc]\nversion = \"1\"\nregistry-index = \"https://github.com/rust-lang/crates.io-index\"",
                _ => string.Empty,
            },
            files: hostile.Field switch
            {
                HostileField.Readme => new Dictionary<string, byte[]> { ["README.md"] = Encoding.UTF8.GetBytes(hostile.Text) },
                HostileField.FileName => new Dictionary<string, byte[]> { [hostile.Text] = "// x\n"u8.ToArray() },
                _ => null,
            },
            text: hostile.Field == HostileField.FileText ? hostile.Text : string.Empty);
    }

    private static string Quoted(string text) => JsonSerializer.Serialize(text);
}
