using System.Net;
using System.Text;
using Markdig;
using Markdig.Extensions.EmphasisExtras;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;
using Raktar.Api.Settings;

namespace Raktar.Api.Web.Readmes;

/// <summary>
/// A README in Markdown (CommonMark with tables, strikethrough and bare addresses), as HTML that is safe to show whoever wrote it: no HTML of its own, only links
/// to http, https, mailto, places in itself and files of the crate, and nothing that runs, looks like the page around it, or is fetched.
/// </summary>
internal sealed class Readme
{
    /// <summary>What is shown of a README, in characters.</summary>
    public const int MaxLength = 64 * 1024;

    /// <summary>The same of the HTML that it becomes, so that the page stays small.</summary>
    public const int MaxHtmlLength = 80 * 1024;

    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder()
        .UsePipeTables()
        .UseEmphasisExtras(EmphasisExtraOptions.Strikethrough)
        .UseAutoLinks()
        .Use<ReadmeBudget>()
        .Build();

    private readonly string _text;
    private readonly MarkdownDocument? _document;
    private readonly bool _isTextCut;

    private Readme(string text, bool isMarkdown, CancellationToken cancellationToken)
    {
        _isTextCut = text.Length > MaxLength;
        _text = _isTextCut ? Cut(text) : text;
        if (!isMarkdown || !ReadmeBudget.Allows(_text))
        {
            return;
        }

        try
        {
            _document = Markdown.Parse(_text, Pipeline, ReadmeBudget.For(cancellationToken));
        }
        catch (Exception e) when (e is ArgumentException or ReadmeTooDearException)
        {
            // Nested too deeply for Markdig, or too dear: shown as it was written.
        }
    }

    /// <summary>Whether any link could be to a file of the crate, so that its files must be known.</summary>
    public bool HasRelativeLinks => _document is not null
        && _document.Descendants<LinkInline>().Any(link => link.Url is { Length: > 0 } url && url[0] != '#' && ReadmeRenderer.Foreign(url) is null);

    /// <summary>Reads a README; the ending of <paramref name="path"/> tells whether it is Markdown, else it is plain text.</summary>
    public static Readme Read(string path, string text, CancellationToken cancellationToken = default) => new(
        text.Replace('\0', '\ufffd'),
        Path.GetExtension(path).ToLowerInvariant() is ".md" or ".markdown" or ".mdown" or ".mkd" or "",
        cancellationToken);

    /// <summary>
    /// The HTML; <paramref name="fileUrl"/> answers the address of a file of the crate, by its path as a link has it (not decoded, from the README's folder), or
    /// null when there is none.
    /// </summary>
    public ReadmeHtml ToHtml(ReadmeImages images, Func<string, string?> fileUrl, CancellationToken cancellationToken = default)
    {
        if (_document is not null)
        {
            try
            {
                return ToHtml(_document, images, fileUrl, cancellationToken);
            }
            catch (ArgumentException)
            {
                // Nested too deeply for Markdig to write.
            }
        }

        return new($"<pre tabindex=\"0\">{WebUtility.HtmlEncode(_text)}</pre>", _isTextCut);
    }

    private ReadmeHtml ToHtml(MarkdownDocument document, ReadmeImages images, Func<string, string?> fileUrl, CancellationToken cancellationToken)
    {
        using var html = new StringWriter();
        var renderer = new ReadmeRenderer(html, images, fileUrl);
        var built = html.GetStringBuilder();
        foreach (var block in document)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var before = built.Length;
            renderer.Write(block);
            if (built.Length > MaxHtmlLength)
            {
                built.Length = before;
                return new(built.ToString(), IsCut: true);
            }
        }

        return new(built.ToString(), _isTextCut);
    }

    /// <summary>
    /// Where a link from <paramref name="readmePath"/> leads, as a path from the crate's folder, or null when that is outside. Whether there is such a file is
    /// another question.
    /// </summary>
    public static string? Resolve(string readmePath, string link) => Resolve(FolderOf(readmePath), link);

    /// <summary>The parts of the path of the folder in which a README stands, from the crate's folder.</summary>
    public static IReadOnlyList<string> FolderOf(string readmePath) => [.. readmePath.Split('/')[..^1].Where(part => part is not ("" or ".." or "."))];

    /// <summary>The same for a README in <paramref name="folder"/>, for many links.</summary>
    public static string? Resolve(IReadOnlyList<string> folder, string link)
    {
        var end = link.IndexOfAny(['?', '#']);
        var path = Uri.UnescapeDataString(end < 0 ? link : link[..end]);
        List<string> parts = path.StartsWith('/') ? [] : [.. folder];
        foreach (var part in path.Split('/').Where(part => part is not ("" or ".")))
        {
            if (part != "..")
            {
                parts.Add(part);
            }
            else if (parts.Count == 0)
            {
                return null;
            }
            else
            {
                parts.RemoveAt(parts.Count - 1);
            }
        }

        return string.Join('/', parts);
    }

    /// <summary>The beginning, up to the end of a paragraph.</summary>
    private static string Cut(string text)
    {
        var start = text[..MaxLength];
        var end = Math.Max(start.LastIndexOf("\n\n", StringComparison.Ordinal), start.LastIndexOf("\r\n\r\n", StringComparison.Ordinal));
        end = end > 0 ? end : start.LastIndexOf('\n');
        return end > 0 ? start[..end] : start;
    }
}

/// <summary>A README as HTML, and whether the end of it was left out.</summary>
internal sealed record ReadmeHtml(string Html, bool IsCut);
