using System.Globalization;
using System.Net;
using System.Text;
using Raktar.Testing;

namespace Raktar.Api.Specs.Web;

/// <summary>What people publish to attack who looks: refused, or shown as the text that it is.</summary>
[Trait("Needs", "seconds")]
public sealed class HostileCrates(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private static int _last;

    private readonly Server _server = fixture.Server;

    public static TheoryData<string> Titles => [.. HostileTexts.All.Select(text => text.ToString())];

    [Fact]
    public void There_are_many_of_them_for_every_field()
    {
        Assert.True(HostileTexts.All.Count >= 60);
        Assert.Equal(HostileTexts.All.Count, HostileTexts.All.Select(text => text.ToString()).Distinct().Count());
        Assert.Equal(Enum.GetValues<HostileField>(), HostileTexts.All.Select(text => text.Field).Distinct().Order());
    }

    [Theory]
    [MemberData(nameof(Titles))]
    public async Task It_is_refused_or_shown_and_not_run(string title)
    {
        var hostile = HostileTexts.All.Single(text => text.ToString() == title);
        if (hostile.Field == HostileField.Name)
        {
            await IsNoName(hostile.Text);
            return;
        }

        var name = string.Create(CultureInfo.InvariantCulture, $"hostile-{Interlocked.Increment(ref _last)}");
        using var published = await hostile.Publish(_server.Admin, name);
        if (published.StatusCode == HttpStatusCode.BadRequest)
        {
            Assert.Contains(hostile.Field, (HostileField[])[HostileField.Url, HostileField.Keyword, HostileField.Feature, HostileField.Target, HostileField.FileName]);
            await _server.Admin.Page($"crates/{name}", HttpStatusCode.NotFound);
            return;
        }

        published.EnsureSuccessStatusCode();
        var seen = new StringBuilder();
        foreach (var page in (string[])["", "/1.0.0", "/versions", "/dependents", "/history", "/1.0.0/dependencies", "/1.0.0/features", "/1.0.0/files", "/1.0.0/files/src/lib.rs", "/1.0.0/files/Cargo.toml"])
        {
            seen.Append((await _server.Admin.Page($"crates/{name}{page}")).Body!.TextContent);
        }

        seen.Append((await _server.Admin.Page($"search?q={name}")).Body!.TextContent);
        Assert.Equal(hostile.Field != HostileField.Readme, seen.ToString().Contains("This version has no README.", StringComparison.Ordinal));
        if (hostile.Field is HostileField.FileName)
        {
            var files = await _server.Admin.Page($"crates/{name}/1.0.0/files");
            Assert.Contains(hostile.Text, files.Texts("main td"));
            foreach (var link in files.QuerySelectorAll("main td a").Select(a => a.GetAttribute("href")!))
            {
                seen.Append((await _server.Admin.Page(link.TrimStart('/'))).Body!.TextContent);
            }
        }

        if (hostile.Field is HostileField.Description or HostileField.YankReason or HostileField.License)
        {
            // All of it, as it was written: nothing was taken for markup.
            Assert.Contains(hostile.Text, seen.ToString(), StringComparison.Ordinal);
        }
    }

    private async Task IsNoName(string text)
    {
        var escaped = Uri.EscapeDataString(text);
        foreach (var path in (string[])["crates/{0}", "crates/{0}/1.0.0", "crates/{0}/versions", "crates/x/{0}/files", "crates/x/1.0.0/files/{0}", "crates/x?at={0}", "crates/x?page={0}"])
        {
            using var answer = await _server.Admin.GetAsync(string.Format(CultureInfo.InvariantCulture, path, escaped));
            Assert.InRange((int)answer.StatusCode, 400, 404);
            await _server.Admin.Page(string.Format(CultureInfo.InvariantCulture, path, escaped), answer.StatusCode);
        }

        foreach (var query in (string[])["q", "keyword", "category", "sort"])
        {
            await _server.Admin.Page($"search?{query}={escaped}");
        }
    }
}
