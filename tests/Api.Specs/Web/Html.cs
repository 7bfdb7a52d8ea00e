using System.Net;
using AngleSharp.Dom;
using AngleSharp.Html.Parser;

namespace Raktar.Api.Specs.Web;

/// <summary>Pages as a browser reads them.</summary>
internal static class Html
{
    private static readonly HtmlParser Parser = new();

    // What pages have in their frame, and what a README may become; anything else came from somebody else.
    private static readonly HashSet<string> Elements =
    [
        "html", "head", "meta", "title", "link", "script", "body", "a", "header", "nav", "img", "form", "input", "button", "span", "main", "footer", "code", "h1", "h2", "h3",
        "h4", "h5", "h6", "p", "pre", "div", "table", "thead", "tbody", "tr", "th", "td", "ul", "ol", "li", "details", "summary", "small", "b", "em", "strong", "del", "br", "hr",
        "blockquote", "article", "aside", "dl", "dt", "dd", "time", "label", "select", "option", "section",
    ];

    private static readonly HashSet<string> Attributes =
    [
        "href", "rel", "type", "src", "class", "id", "charset", "name", "content", "lang", "alt", "width", "height", "action", "method", "role", "aria-label", "aria-current",
        "aria-live", "aria-labelledby", "placeholder", "autocomplete", "maxlength", "value", "max", "tabindex", "scope", "datetime", "title", "open", "start", "defer", "selected",
        "autofocus", "data-live", "loading", "referrerpolicy",
    ];

    /// <summary>The page of an answer, parsed.</summary>
    public static async Task<IDocument> Page(this HttpClient client, string path, HttpStatusCode status = HttpStatusCode.OK)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.ParseAdd("text/html");
        using var answer = await client.SendAsync(request);
        Assert.Equal((status, "text/html; charset=utf-8"), (answer.StatusCode, answer.Content.Headers.ContentType?.ToString()));
        var policy = answer.Headers.GetValues("Content-Security-Policy").Single();
        Assert.Contains("script-src 'self'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        var document = Parser.ParseDocument(await answer.Content.ReadAsStringAsync());
        document.IsInert();
        return document;
    }

    /// <summary>A part of a page, parsed.</summary>
    public static IElement Parse(string html) => Parser.ParseDocument(html).Body!;

    /// <summary>The texts of all that a selector finds, with single blanks, also where only boxes are apart.</summary>
    public static IReadOnlyList<string> Texts(this IParentNode page, string selector) =>
        [.. page.QuerySelectorAll(selector).Select(element => string.Join(' ', Text(element).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)))];

    /// <summary>The text of the one that a selector finds.</summary>
    public static string Text(this IParentNode page, string selector) => Assert.Single(page.Texts(selector));

    private static string Text(INode node) => node switch
    {
        IText text => text.Data,
        IElement { LocalName: "td" or "th" or "li" or "p" or "a" or "span" or "ul" or "summary" } => $" {string.Concat(node.ChildNodes.Select(Text))} ",
        _ => string.Concat(node.ChildNodes.Select(Text)),
    };

    /// <summary>Where the link with this text leads.</summary>
    public static string LinkTo(this IParentNode page, string text) =>
        page.QuerySelectorAll("a").Single(a => string.Equals(a.TextContent.Trim(), text, StringComparison.Ordinal)).GetAttribute("href")!;

    /// <summary>
    /// Nothing in it runs but the registry's own script, nothing is fetched from elsewhere, no form goes elsewhere, no link leads anywhere but to http, https, mailto or
    /// the registry, and no id is there twice.
    /// </summary>
    public static void IsInert(this IParentNode page)
    {
        foreach (var element in page.QuerySelectorAll("*"))
        {
            Assert.Contains(element.LocalName, Elements);
            foreach (var attribute in element.Attributes)
            {
                Assert.Contains(attribute.Name, Attributes);
            }

            if (element.LocalName == "script")
            {
                Assert.StartsWith("/assets/", element.GetAttribute("src"), StringComparison.Ordinal);
                Assert.Empty(element.TextContent);
            }

            if (element.LocalName is "link" or "img" or "form" && (element.GetAttribute("src") ?? element.GetAttribute("href") ?? element.GetAttribute("action")) is { } own)
            {
                Assert.Matches("^/([a-z]|$)", own);
            }

            if (element.LocalName == "a")
            {
                Assert.Matches("^(https?://[^/]|mailto:|/$|/[^/\\\\]|#)", element.GetAttribute("href"));
                Assert.Null(element.Parent?.Ancestors<IElement>().FirstOrDefault(outer => outer.LocalName == "a"));
            }
        }

        var ids = page.QuerySelectorAll("[id]").Select(element => element.Id!).ToList();
        Assert.Equal(ids.Count, ids.Distinct(StringComparer.Ordinal).Count());
        Assert.All(page.QuerySelectorAll(".readme [id]"), element => Assert.StartsWith("readme-", element.Id, StringComparison.Ordinal));
        Assert.Empty(page.QuerySelectorAll(".readme img, .readme form, .readme script, .readme input, .readme button"));
    }
}
