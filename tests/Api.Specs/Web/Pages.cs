using System.Net;
using System.Text.RegularExpressions;

namespace Raktar.Api.Specs.Web;

/// <summary>Reading pages.</summary>
internal static partial class Pages
{
    /// <summary>The page of an answer.</summary>
    public static Task<string> Html(this HttpResponseMessage answer) => answer.Content.ReadAsStringAsync();

    /// <summary>The sentence of an error's page, or null; with the answer's status.</summary>
    public static async Task<(HttpStatusCode Status, string? Sentence)> Problem(this HttpResponseMessage answer)
    {
        Assert.Equal("text/html; charset=utf-8", answer.Content.Headers.ContentType?.ToString());
        var found = ProblemIn().Match(await answer.Html());
        return (answer.StatusCode, found.Success ? WebUtility.HtmlDecode(found.Groups["sentence"].Value) : null);
    }

    /// <summary>The key of the forms of a page.</summary>
    public static string Key(string html) => KeyIn().Match(html).Groups["key"].Value;

    /// <summary>The only token that is written on a page.</summary>
    public static string Token(string html) => Assert.Single(TokenIn().Matches(html).Select(found => found.Value).Distinct(StringComparer.Ordinal));

    /// <summary>Whether a page has a form that goes there.</summary>
    public static bool HasForm(string html, string path) =>
        html.Contains($"action=\"{path}\"", StringComparison.Ordinal);

    [GeneratedRegex("""<p class="problem" role="alert">(?<sentence>[^<]*)</p>""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ProblemIn();

    [GeneratedRegex("""<input type="hidden" name="key" value="(?<key>[0-9a-f]+)" />""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex KeyIn();

    [GeneratedRegex("rk_[0-9A-Za-z]{40}", RegexOptions.None, 1000)]
    private static partial Regex TokenIn();
}
