using System.Net;
using Microsoft.Playwright;
using Raktar.Running;

namespace Raktar.Web.Specs;

/// <summary>What people publish to attack who looks, looked at: nothing runs, nothing is fetched from elsewhere, nothing is complained about.</summary>
public sealed class HostileSpecs
{
    public static TheoryData<HostileField> Fields => [.. Enum.GetValues<HostileField>()];

    [Theory]
    [MemberData(nameof(Fields))]
    public async Task It_is_inert_in_a_browser(HostileField field)
    {
        var demo = await Demo.Hostile;
        await using var person = await Person.Come(demo.Url);
        await person.SignIn(demo.AdminToken);
        foreach (var hostile in HostileTexts.All.Where(text => text.Field == field))
        {
            foreach (var path in field == HostileField.Name ? Addresses(hostile.Text) : await Published(demo.Raktar, hostile))
            {
                await person.Page.GotoAsync(path);
                Assert.True(await person.Page.EvaluateAsync<bool>("() => typeof window.pwned === 'undefined'"), $"{hostile} ran on {path}");
                Assert.Empty(await person.Page.EvaluateAsync<string[]>(Suspicious));
            }
        }

        person.IsContent();
    }

    /// <summary>What could run when it is clicked, or was put where only the registry's own may be.</summary>
    private const string Suspicious =
        """
        () => [...document.querySelectorAll("*")].flatMap(element => [
          ...[...element.attributes].filter(a => a.name.startsWith("on") || a.name === "style" || a.name === "srcdoc").map(a => `${element.tagName} ${a.name}`),
          ...["href", "src", "action", "formaction", "xlink:href"].map(name => element.getAttribute(name)).filter(url => url && !/^(https?:|mailto:|\/|#|\?)/.test(url)),
          ...(["IFRAME", "OBJECT", "EMBED", "BASE", "STYLE"].includes(element.tagName) ? [element.tagName] : []),
          ...(element.tagName === "SCRIPT" && !element.src.startsWith(location.origin + "/assets/") ? ["SCRIPT"] : []),
          ...(element.tagName === "META" && element.httpEquiv ? ["META"] : []),
        ])
        """;

    private static IEnumerable<string> Addresses(string text)
    {
        var escaped = Uri.EscapeDataString(text);
        return [$"/crates/{escaped}", $"/crates/x/1.0.0/files/{escaped}", $"/crates/x?at={escaped}", $"/search?q={escaped}", $"/search?keyword={escaped}", $"/search?sort={escaped}&q={escaped}"];
    }

    private static async Task<IEnumerable<string>> Published(RunningRegistry raktar, HostileText hostile)
    {
        var name = Registries.Name("hostile");
        using var published = await hostile.Publish(raktar.Client, name);
        if (published.StatusCode == HttpStatusCode.BadRequest)
        {
            // Refused: then there is nothing to look at.
            return [];
        }

        published.EnsureSuccessStatusCode();
        string[] pages = hostile.Field switch
        {
            HostileField.Readme => [""],
            HostileField.FileName => ["/1.0.0/files"],
            HostileField.FileText => ["/1.0.0/files/src/lib.rs"],
            HostileField.Feature => ["", "/1.0.0/features"],
            HostileField.Target => ["", "/1.0.0/dependencies"],
            HostileField.YankReason => ["", "/versions", "/history", "/1.0.0/yank"],
            _ => ["", "/versions"],
        };
        // What lies in the crate file is in no list of crates.
        string[] lists = hostile.Field is HostileField.Readme or HostileField.FileName or HostileField.FileText ? [] : ["/search?sort=new", "/"];
        return [.. pages.Select(page => $"/crates/{name}{page}"), .. lists];
    }
}
