using System.Globalization;
using System.Text;
using Markdig.Extensions.Tables;
using Markdig.Renderers;
using Markdig.Renderers.Html;
using Markdig.Renderers.Html.Inlines;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;
using Raktar.Api.Settings;

namespace Raktar.Api.Web.Readmes;

/// <summary>Writes the HTML of one README: all that can be dangerous is written here, the rest by Markdig.</summary>
internal sealed class ReadmeRenderer : HtmlRenderer
{
    /// <summary>In front of every id, so that none is one of the page's own.</summary>
    public const string IdPrefix = "readme-";

    private const int MaxSlug = 80;

    private readonly ReadmeImages _images;
    private readonly Func<string, string?> _fileUrl;
    private readonly Dictionary<string, int> _slugs = new(StringComparer.Ordinal);
    private int _level = 1;
    private bool _isInLink;

    public ReadmeRenderer(TextWriter writer, ReadmeImages images, Func<string, string?> fileUrl)
        : base(writer)
    {
        (_images, _fileUrl) = (images, fileUrl);
        ObjectRenderers.Replace<HeadingRenderer>(new Writing<HeadingBlock>(Heading));
        ObjectRenderers.Replace<CodeBlockRenderer>(new Writing<CodeBlock>(Code));
        ObjectRenderers.Replace<HtmlBlockRenderer>(new Writing<HtmlBlock>(Html));
        ObjectRenderers.Replace<HtmlInlineRenderer>(new Writing<HtmlInline>(Html));
        ObjectRenderers.Replace<AutolinkInlineRenderer>(new Writing<AutolinkInline>(link => Link(Foreign(link.IsEmail ? $"mailto:{link.Url}" : link.Url), isForeign: true, () => WriteEscape(link.Url))));
        ObjectRenderers.Replace<LinkInlineRenderer>(new Writing<LinkInline>(Link));
        ObjectRenderers.Add(new Writing<Table>(Table));
        ObjectRenderers.Find<EmphasisInlineRenderer>()!.GetTag = emphasis =>
            emphasis.DelimiterChar == '~' ? "del" : EmphasisInlineRenderer.GetDefaultTag(emphasis);
    }

    /// <summary>The address if it is one that may be linked to: http, https or mailto.</summary>
    public static string? Foreign(string url) =>
        (url.StartsWith("http:", StringComparison.OrdinalIgnoreCase) || url.StartsWith("https:", StringComparison.OrdinalIgnoreCase)
            || url.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase))
        && Uri.TryCreate(url, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeMailto || uri.Host.Length > 0)
            ? uri.AbsoluteUri
            : null;

    // A level below what the README says, as the page has its own title, and none left out on the way down.
    private void Heading(HeadingBlock heading)
    {
        _level = Math.Min(Math.Min(heading.Level + 1, _level + 1), 6);
        var text = heading.Inline is { } inline ? TextOf(inline) : string.Empty;
        var tag = string.Create(CultureInfo.InvariantCulture, $"h{_level}");
        if (Slug(text) is { } slug)
        {
            Write("<").Write(tag).Write(" id=\"").Write(IdPrefix).WriteEscape(slug).Write("\">");
            WriteLeafInline(heading);
            Write(" <a class=\"anchor\" href=\"#").Write(IdPrefix).WriteEscape(slug).Write("\" aria-label=\"Link to “").WriteEscape(text).Write("”\">#</a>");
        }
        else
        {
            Write("<").Write(tag).Write(">");
            WriteLeafInline(heading);
        }

        Write("</").Write(tag).WriteLine(">");
    }

    /// <summary>As in other places where READMEs are shown, so that their own links fit: lower case, blanks as hyphens, no punctuation, numbered when there are several.</summary>
    private string? Slug(string text)
    {
        var slug = new string([.. text.ToLowerInvariant().Trim().Where(IsOfSlug).Select(c => c == ' ' ? '-' : c).Take(MaxSlug)]);
        if (slug.Length == 0)
        {
            return null;
        }

        var number = _slugs[slug] = _slugs.GetValueOrDefault(slug, -1) + 1;
        return number == 0 ? slug : string.Create(CultureInfo.InvariantCulture, $"{slug}-{number}");
    }

    private static bool IsOfSlug(char c) => char.IsLetterOrDigit(c) || c is ' ' or '-' or '_';

    private void Code(CodeBlock code)
    {
        EnsureLine();
        Write("<pre tabindex=\"0\"><code>");
        WriteLeafRawLines(code, writeEndOfLines: true, escape: true);
        WriteLine("</code></pre>");
    }

    // Comments are for readers of the file, and so are the marks that tools leave.
    private void Html(HtmlBlock html)
    {
        if (html.Type != HtmlBlockType.Comment)
        {
            EnsureLine();
            Write("<p>");
            WriteLeafRawLines(html, writeEndOfLines: true, escape: true);
            WriteLine("</p>");
        }
    }

    private void Html(HtmlInline html)
    {
        if (!html.Tag.StartsWith("<!--", StringComparison.Ordinal))
        {
            WriteEscape(html.Tag);
        }
    }

    private void Link(LinkInline link)
    {
        var url = link.Url ?? string.Empty;
        var text = TextOf(link);
        if (link.IsImage && _images == ReadmeImages.Https && Foreign(url) is { } source && source.StartsWith("https:", StringComparison.Ordinal))
        {
            Write("<img src=\"").WriteEscape(source).Write("\" alt=\"").WriteEscape(text).Write("\" loading=\"lazy\" referrerpolicy=\"no-referrer\">");
            return;
        }

        var foreign = Foreign(url);
        Link(foreign ?? Own(url), foreign is not null, () =>
        {
            if (text.Length == 0 && (link.IsImage || !link.Descendants<LinkInline>().Any()))
            {
                // A link without words cannot be seen, nor heard.
                WriteEscape(link.IsImage ? "image" : url);
            }
            else if (link.IsImage)
            {
                WriteEscape(text);
            }
            else
            {
                WriteChildren(link);
            }
        });
    }

    /// <summary>A link around <paramref name="content"/>; where it may lead nowhere (null), or is in another link, only that.</summary>
    private void Link(string? href, bool isForeign, Action content)
    {
        if (href is null || _isInLink)
        {
            content();
            return;
        }

        _isInLink = true;
        Write("<a href=\"").WriteEscape(href).Write(isForeign ? "\" rel=\"nofollow noopener\">" : "\">");
        content();
        Write("</a>");
        _isInLink = false;
    }

    /// <summary>A place in the README itself, or a file of the crate.</summary>
    private string? Own(string url)
    {
        if (!url.StartsWith('#'))
        {
            return url.Length == 0 ? null : _fileUrl(url);
        }

        var slug = Uri.UnescapeDataString(url[1..]).ToLowerInvariant();
        return slug.Length > 0 && slug.All(IsOfSlug) ? $"#{IdPrefix}{slug}" : null;
    }

    // Without the alignment that Markdig would write as a style, which the page's policy forbids.
    private void Table(Table table)
    {
        EnsureLine();
        WriteLine("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Table\"><table>");
        foreach (var row in table.OfType<TableRow>())
        {
            Write("<tr>");
            foreach (var cell in row.OfType<TableCell>())
            {
                Write(row.IsHeader ? "<th scope=\"col\">" : "<td>");
                var implicitBefore = ImplicitParagraph;
                ImplicitParagraph = true;
                WriteChildren(cell);
                ImplicitParagraph = implicitBefore;
                Write(row.IsHeader ? "</th>" : "</td>");
            }

            WriteLine("</tr>");
        }

        WriteLine("</table></div>");
    }

    private static string TextOf(ContainerInline inline)
    {
        var text = new StringBuilder();
        foreach (var each in inline.Descendants())
        {
            _ = each switch
            {
                LiteralInline literal => text.Append(literal.Content.AsSpan()),
                CodeInline code => text.Append(code.ContentSpan),
                HtmlEntityInline entity => text.Append(entity.Transcoded.AsSpan()),
                LineBreakInline => text.Append(' '),
                _ => text,
            };
        }

        return text.ToString().Trim();
    }

    private sealed class Writing<T>(Action<T> write) : HtmlObjectRenderer<T>
        where T : MarkdownObject
    {
        protected override void Write(HtmlRenderer renderer, T obj) => write(obj);
    }
}
