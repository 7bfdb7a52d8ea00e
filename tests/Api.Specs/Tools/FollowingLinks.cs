using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Raktar.Testing;

namespace Raktar.Api.Specs.Tools;

/// <summary>Every link that any answer of the API holds leads somewhere.</summary>
public sealed class FollowingLinks : IAsyncLifetime
{
    private static readonly string[] Starts =
    [
        "config.json", "api/v1/crates", "api/v1/crates?per_page=1&sort=new", "api/v1/crates/linked", "api/v1/crates/linked?include=", "api/v1/crates/all-yanked",
        "api/v1/crates/linked/versions?per_page=1", "api/v1/crates/linked/reverse_dependencies", "api/v1/crates/linked/1.1.0", "api/v1/crates/linked/owners", "api/v1/summary",
        "api/v1/keywords", "api/v1/keywords/http", "api/v1/categories?sort=crates", "api/v1/categories/network", "api/v1/users/admin", "api/v1/me",
    ];

    private Server _server = null!;

    public async Task InitializeAsync()
    {
        _server = await Server.Start();
        await Library.Publish(_server.Admin, "linked", "1.0.0", ["http"], ["network::protocols"]);
        await Library.Publish(_server.Admin, "linked", "1.1.0", ["http"], ["network::protocols"]);
        await Library.Publish(_server.Admin, "all-yanked", "1.0.0+b.1", ["http"], ["network"]);
        (await _server.Admin.DeleteAsync("api/v1/crates/all-yanked/1.0.0+b.1/yank")).EnsureSuccessStatusCode();
        (await _server.Admin.PutAsJsonAsync("api/v1/teams/platform", new { })).EnsureSuccessStatusCode();
        (await _server.Admin.PutAsJsonAsync("api/v1/crates/linked/owners", new { users = (string[])["team:platform"] })).EnsureSuccessStatusCode();
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task Every_link_in_every_answer_is_answered()
    {
        var (seen, waiting) = (new HashSet<string>(StringComparer.Ordinal), new Queue<string>(Starts));
        while (waiting.TryDequeue(out var path))
        {
            if (!seen.Add(path))
            {
                continue;
            }

            using var answer = await _server.Admin.GetAsync(path);
            Assert.True((int)answer.StatusCode < 400, $"{path}: {answer.StatusCode}");
            if (answer.Headers.Location is { } elsewhere)
            {
                waiting.Enqueue(elsewhere.ToString().Replace(_server.Url, string.Empty, StringComparison.Ordinal).TrimStart('/'));
            }
            else if (answer.Content.Headers.ContentType?.MediaType == "application/json")
            {
                var body = await answer.Content.ReadFromJsonAsync<JsonElement>();
                foreach (var link in Links(body, isLink: false))
                {
                    waiting.Enqueue(link.StartsWith('?') ? path.Split('?')[0] + link : link.Replace(_server.Url, string.Empty, StringComparison.Ordinal).TrimStart('/'));
                }
            }
        }

        // Had it found few, this would have proved little.
        Assert.True(seen.Count > Starts.Length + 20, $"only {seen.Count} addresses");
        Assert.Contains("api/v1/crates/linked/1.1.0/authors", seen);
        Assert.Contains("api/v1/crates/all-yanked/1.0.0+b.1/downloads", seen);
        Assert.Contains("search?owner=team%3Aplatform", seen);
    }

    /// <summary>The texts that are links, by crates.io's names for them, wherever they are.</summary>
    private static IEnumerable<string> Links(JsonElement json, bool isLink) => json.ValueKind switch
    {
        JsonValueKind.Object => json.EnumerateObject().SelectMany(property => Links(
            property.Value, property.Name is "links" or "url" or "avatar" or "next_page" or "prev_page" || property.Name.EndsWith("_path", StringComparison.Ordinal) || isLink)),
        JsonValueKind.Array => json.EnumerateArray().SelectMany(item => Links(item, isLink: false)),
        JsonValueKind.String when isLink => [json.GetString()!],
        _ => [],
    };
}

/// <summary>Crates with keywords and categories.</summary>
internal static class Library
{
    public static async Task Publish(HttpClient by, string name, string version, string[] keywords, string[]? categories = null, string manifest = "")
    {
        var crate = RawCrate.Of(
            name, version, manifest: manifest,
            package: $"keywords = {JsonSerializer.Serialize(keywords)}\ncategories = {JsonSerializer.Serialize(categories ?? [])}");
        using var published = await crate.Publish(by, metadata =>
        {
            metadata["keywords"] = keywords;
            metadata["categories"] = categories ?? [];
            metadata.Remove("deps");
        });
        Assert.True(published.StatusCode == HttpStatusCode.OK, await published.Content.ReadAsStringAsync());
    }
}
