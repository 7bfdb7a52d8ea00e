using System.Diagnostics;
using System.Text;
using Raktar.Api.Settings;
using Raktar.Api.Web.Readmes;

namespace Raktar.Api.Specs.Web;

/// <summary>READMEs as HTML.</summary>
public sealed class Readmes
{
    [Theory]
    [InlineData("Hello *big* **world**, ~~old~~ `code`.", "<p>Hello <em>big</em> <strong>world</strong>, <del>old</del> <code>code</code>.</p>\n")]
    [InlineData("a<br>b", "<p>a&lt;br&gt;b</p>\n")]
    [InlineData("<p align=\"center\">x</p>", "<p>&lt;p align=&quot;center&quot;&gt;x&lt;/p&gt;\n</p>\n")]
    [InlineData("<!-- generated -->\n\nx <!-- y --> z", "<p>x  z</p>\n")]
    [InlineData("```rust\nlet a = &b;\n```", "<pre tabindex=\"0\"><code>let a = &amp;b;\n</code></pre>\n")]
    [InlineData("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n")]
    [InlineData("3. a\n4. b", "<ol start=\"3\">\n<li>a</li>\n<li>b</li>\n</ol>\n")]
    [InlineData("> a", "<blockquote>\n<p>a</p>\n</blockquote>\n")]
    [InlineData("[x] done", "<p>[x] done</p>\n")]
    public void Text_becomes_what_it_means(string markdown, string html) => Assert.Equal(html, Of(markdown));

    [Fact]
    public void Tables_are_tables_without_styles() => Assert.Equal(
        """
        <div class="scroll" tabindex="0" role="region" aria-label="Table"><table>
        <tr><th scope="col">a</th><th scope="col">b</th></tr>
        <tr><td>1</td><td><strong>2</strong></td></tr>
        </table></div>

        """,
        Of("| a | b |\n|:-:|--:|\n| 1 | **2** |"));

    [Theory]
    [InlineData("[x](https://x.example/a?b=c&d)", "<a href=\"https://x.example/a?b=c&amp;d\" rel=\"nofollow noopener\">x</a>")]
    [InlineData("[x](HTTP://X.example)", "<a href=\"http://x.example/\" rel=\"nofollow noopener\">x</a>")]
    [InlineData("<https://x.example>", "<a href=\"https://x.example/\" rel=\"nofollow noopener\">https://x.example</a>")]
    [InlineData("see https://x.example/a.", "see <a href=\"https://x.example/a\" rel=\"nofollow noopener\">https://x.example/a</a>.")]
    [InlineData("<ann@x.example>", "<a href=\"mailto:ann@x.example\" rel=\"nofollow noopener\">ann@x.example</a>")]
    [InlineData("[x](mailto:ann@x.example)", "<a href=\"mailto:ann@x.example\" rel=\"nofollow noopener\">x</a>")]
    [InlineData("[](https://x.example)", "<a href=\"https://x.example/\" rel=\"nofollow noopener\">https://x.example</a>")]
    [InlineData("[x](ftp://x.example)", "x")]
    [InlineData("[x](//x.example)", "x")]
    [InlineData("[x](javascript:alert(1))", "x")]
    [InlineData("<javascript:alert(1)>", "javascript:alert(1)")]
    [InlineData("[x](src/lib.rs)", "<a href=\"/here/src/lib.rs\">x</a>")]
    [InlineData("[x](./src/../src/lib.rs#L3)", "<a href=\"/here/src/lib.rs\">x</a>")]
    [InlineData("[x](docs/none.md)", "x")]
    [InlineData("[x](../../etc/passwd)", "x")]
    [InlineData("[x](#Some-Place)", "<a href=\"#readme-some-place\">x</a>")]
    [InlineData("[x](#a\"b)", "x")]
    [InlineData("[x]()", "x")]
    public void Only_links_that_are_safe_are_links(string markdown, string html) => Assert.Equal($"<p>{html}</p>\n", Of(markdown));

    [Theory]
    [InlineData("![a *b*](https://x.example/i.png)", "<a href=\"https://x.example/i.png\" rel=\"nofollow noopener\">a b</a>", "<img src=\"https://x.example/i.png\" alt=\"a b\" loading=\"lazy\" referrerpolicy=\"no-referrer\">")]
    [InlineData("[![build](https://x.example/i.svg)](https://y.example)", "<a href=\"https://y.example/\" rel=\"nofollow noopener\">build</a>", "<a href=\"https://y.example/\" rel=\"nofollow noopener\"><img src=\"https://x.example/i.svg\" alt=\"build\" loading=\"lazy\" referrerpolicy=\"no-referrer\"></a>")]
    [InlineData("![](http://x.example/i.png)", "<a href=\"http://x.example/i.png\" rel=\"nofollow noopener\">image</a>", "<a href=\"http://x.example/i.png\" rel=\"nofollow noopener\">image</a>")]
    [InlineData("![x](data:image/png;base64,AA==)", "x", "x")]
    [InlineData("![x](src/lib.rs)", "<a href=\"/here/src/lib.rs\">x</a>", "<a href=\"/here/src/lib.rs\">x</a>")]
    public void Images_are_links_unless_the_operator_allows_them(string markdown, string link, string image)
    {
        Assert.Equal($"<p>{link}</p>\n", Of(markdown));
        Assert.Equal($"<p>{image}</p>\n", Of(markdown, ReadmeImages.Https));
    }

    [Fact]
    public void Headings_are_below_the_pages_own_in_order_and_can_be_linked_to()
    {
        var html = Html.Parse(Of("# The `crate`\n\n#### Deep\n\n## What's new?\n\n## What's new?\n\n# Ünïcode\n\n#\n\n[x](#whats-new-1)"));
        Assert.Equal(
            ["h2 readme-the-crate", "h3 readme-deep", "h3 readme-whats-new", "h3 readme-whats-new-1", "h2 readme-ünïcode", "h2 "],
            html.QuerySelectorAll("h1, h2, h3, h4, h5, h6").Select(heading => $"{heading.LocalName} {heading.Id}"));
        Assert.Equal("#readme-whats-new-1", html.LinkTo("x"));
        Assert.Equal("The crate #", html.Texts("h2")[0]);
    }

    [Theory]
    [InlineData("README.md", "docs/a.md#x", "docs/a.md")]
    [InlineData("docs/README.md", "a%20b.md", "docs/a b.md")]
    [InlineData("docs/README.md", "../LICENSE?raw", "LICENSE")]
    [InlineData("docs/README.md", "/LICENSE", "LICENSE")]
    [InlineData("../README.md", "LICENSE", "LICENSE")]
    [InlineData("./README.md", "./LICENSE", "LICENSE")]
    [InlineData("README.md", "../LICENSE", null)]
    [InlineData("README.md", "%2e%2e/x", null)]
    public void Links_lead_from_the_readmes_folder(string readme, string link, string? path) => Assert.Equal(path, Readme.Resolve(readme, link));

    [Fact]
    public void Text_that_is_no_Markdown_stays_as_it_is()
    {
        var html = Readme.Read("README.txt", "# <b>\n").ToHtml(ReadmeImages.Link, _ => null);
        Assert.Equal(new ReadmeHtml("<pre tabindex=\"0\"># &lt;b&gt;\n</pre>", IsCut: false), html);
    }

    [Fact]
    public void A_long_one_ends_at_a_paragraph()
    {
        var text = string.Concat(Enumerable.Range(0, 4000).Select(i => $"Paragraph {i} of many.\n\n"));
        var html = Readme.Read("README.md", text).ToHtml(ReadmeImages.Link, _ => null);
        Assert.True(html.IsCut);
        Assert.InRange(html.Html.Length, Readme.MaxLength / 2, Readme.MaxHtmlLength);
        Assert.EndsWith(" of many.</p>\n", html.Html, StringComparison.Ordinal);
        Assert.False(Readme.Read("README.md", text[..5000]).ToHtml(ReadmeImages.Link, _ => null).IsCut);
    }

    [Theory]
    [InlineData(">")]
    [InlineData("- ")]
    [InlineData("[")]
    [InlineData("![")]
    [InlineData("*a ")]
    [InlineData("**a*")]
    [InlineData("<")]
    [InlineData("`a``")]
    [InlineData("[a](")]
    [InlineData("[a](b ")]
    [InlineData("# a\n")]
    [InlineData("|a\n|-\n")]
    [InlineData("<!--")]
    [InlineData("~~a ")]
    [InlineData("https://a.b ")]
    [InlineData("[a]: b\n")]
    [InlineData("a | b\n")]
    [InlineData("1. ")]
    [InlineData("\\")]
    [InlineData("&amp;")]
    [InlineData("    ")]
    public void Whatever_is_repeated_takes_no_time_and_no_room(string piece)
    {
        var text = new StringBuilder().Insert(0, piece, 1024 * 1024 / piece.Length).ToString();
        var started = Stopwatch.GetTimestamp();
        var html = Readme.Read("README.md", text).ToHtml(ReadmeImages.Link, _ => null);
        // On an idle machine it is far below a second.
        Assert.InRange(Stopwatch.GetElapsedTime(started).TotalSeconds, 0, 20);
        Assert.True(html.IsCut);
        Assert.InRange(html.Html.Length, 0, 6 * Readme.MaxHtmlLength);
    }

    [Theory]
    [InlineData("[a`")]
    [InlineData("![a ")]
    [InlineData("*a ")]
    [InlineData("*a_")]
    [InlineData("a <? ")]
    [InlineData("a <![CDATA[")]
    [InlineData("[a]((")]
    [InlineData("[a](")]
    [InlineData("![a](")]
    [InlineData("[a](b (")]
    [InlineData("[a](b (c\\) ")]
    [InlineData("[a]((b)")]
    [InlineData("*[a](b)*")]
    [InlineData("[a\n")]
    [InlineData("> *a\n> _b\n")]
    public void What_would_take_long_to_read_is_shown_as_it_is(string piece)
    {
        var text = new StringBuilder().Insert(0, piece, Readme.MaxLength / piece.Length).ToString();
        Assert.StartsWith("<pre", Readme.Read("README.md", text).ToHtml(ReadmeImages.Link, _ => null).Html, StringComparison.Ordinal);
    }

    [Fact]
    public void So_is_a_table_with_more_cells_than_text()
    {
        var row = string.Concat(Enumerable.Repeat("|a", 200));
        var text = $"{row}\n{row.Replace('a', '-')}\n{string.Concat(Enumerable.Repeat("|a\n", 10_000))}";
        Assert.StartsWith("<pre", Readme.Read("README.md", text).ToHtml(ReadmeImages.Link, _ => null).Html, StringComparison.Ordinal);
    }

    [Fact]
    public void A_long_one_that_people_write_is_Markdown()
    {
        var badges = string.Concat(Enumerable.Repeat("[![build](https://ci.example/b.svg)](https://ci.example) ", 40));
        var table = $"| option | what |\n|---|---|\n{string.Concat(Enumerable.Repeat("| `--flag` | see [*there*](docs/flags.md) |\n", 300))}";
        var list = string.Concat(Enumerable.Repeat("- **added** `thing` in [#1](https://git.example/1) by _somebody_\n", 500));
        var html = Readme.Read("README.md", $"# It\n\n{badges}\n\n{table}\n{list}").ToHtml(ReadmeImages.Link, _ => null).Html;
        Assert.StartsWith("<h2", html, StringComparison.Ordinal);
        Assert.Contains("<table>", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_goes_on_after_the_reader_left()
    {
        Assert.Throws<OperationCanceledException>(() => Readme.Read("README.md", "*a*", new CancellationToken(canceled: true)));
    }

    private static string Of(string markdown, ReadmeImages images = ReadmeImages.Link) =>
        Readme.Read("README.md", markdown).ToHtml(images, link => Readme.Resolve("README.md", link) == "src/lib.rs" ? "/here/src/lib.rs" : null).Html;
}
