using System.Buffers;
using Markdig;
using Markdig.Helpers;
using Markdig.Parsers;
using Markdig.Renderers;
using Markdig.Syntax;

namespace Raktar.Api.Web.Readmes;

/// <summary>
/// Bounds what it costs to read one README as Markdown. A reader of Markdown may look at all that stands in a paragraph again for each of its special characters, so
/// that 64 KiB can cost seconds; a README that real people wrote costs a hundredth of the budget. Counted in steps, not in time: the same README always looks the same.
/// </summary>
internal sealed class ReadmeBudget : IMarkdownExtension
{
    /// <summary>Some 2,800 special characters in one paragraph; about 0.1 s on one core for the dearest kind of them.</summary>
    private const long MaxSteps = 4_000_000;

    /// <summary>As many characters in which the end of a tag is looked for cost one step.</summary>
    private const int PerStep = 4;

    /// <summary>Rows times columns, which are filled up where a row has fewer.</summary>
    private const long MaxCells = 10_000;

    /// <summary>Addresses that stand in the text; each is read as an address.</summary>
    private const int MaxAddresses = 2_000;

    /// <summary>Characters in front of a line that open quotes and lists.</summary>
    private const int MaxNesting = 500;

    private static readonly SearchValues<char> Nesting = SearchValues.Create(" \t>-*+.)0123456789");

    private static readonly object Spent = new();

    /// <summary>What is passed along with one README; reading it ends with <paramref name="cancellationToken"/>.</summary>
    public static MarkdownParserContext For(CancellationToken cancellationToken)
    {
        var context = new MarkdownParserContext();
        context.Properties[Spent] = new Steps(cancellationToken);
        return context;
    }

    /// <summary>
    /// Whether its lines promise to be cheap: tables stay small (at most so many bars in a line, times the lines of its paragraph), nothing is nested in hundreds of
    /// others, and there are not thousands of bare addresses.
    /// </summary>
    public static bool Allows(string text)
    {
        var (cells, most, lines) = (0L, 0, 0);
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            if (line.IsWhiteSpace())
            {
                (cells, most, lines) = (cells + ((long)most * lines), 0, 0);
            }
            else
            {
                (most, lines) = (Math.Max(most, line.Count('|')), lines + 1);
                if (line.Length > MaxNesting && line.IndexOfAnyExcept(Nesting) is < 0 or > MaxNesting)
                {
                    return false;
                }
            }
        }

        return cells + ((long)most * lines) <= MaxCells && text.AsSpan().Count("://") + text.AsSpan().Count("www.") + text.AsSpan().Count("mailto:") <= MaxAddresses;
    }

    /// <inheritdoc/>
    public void Setup(MarkdownPipelineBuilder pipeline) => pipeline.InlineParsers.Insert(0, new Meter());

    /// <inheritdoc/>
    public void Setup(MarkdownPipeline pipeline, IMarkdownRenderer renderer)
    {
    }

    private sealed class Steps(CancellationToken cancellationToken)
    {
        private Block? _block;
        private long _inBlock;
        private long _spent;

        public void Spend(Block? block, long ahead)
        {
            cancellationToken.ThrowIfCancellationRequested();
            (_block, _inBlock) = (block, ReferenceEquals(block, _block) ? _inBlock + 1 : 1);
            _spent += _inBlock + ahead;
            if (_spent > MaxSteps)
            {
                throw new ReadmeTooDearException();
            }
        }
    }

    /// <summary>Asked before all other parsers at each special character, and never takes one.</summary>
    private sealed class Meter : InlineParser
    {
        public Meter() => OpeningCharacters = [.. "[]!*_~`<&\\"];

        public override bool Match(InlineProcessor processor, ref StringSlice slice)
        {
            var ahead = slice.CurrentChar switch
            {
                // A tag that never ends is looked for to the end of the block; of a link's address each character is copied.
                '<' => slice.Length / PerStep,
                ']' when slice.PeekChar() == '(' => Target(slice.AsSpan()[2..]),
                _ => 0,
            };
            ((Steps)processor.Context!.Properties[Spent]!).Spend(processor.Block, ahead);
            return false;
        }

        /// <summary>How many characters a reader may pass over to see that a link's address, up to a blank, and its title end nowhere.</summary>
        private static int Target(ReadOnlySpan<char> rest)
        {
            var end = rest.IndexOfAny(" \t\n");
            var title = end < 0 ? default : rest[end..].TrimStart();
            if (title is not ['(' or '"' or '\'', .. var text])
            {
                return end < 0 ? rest.Length : end;
            }

            var (close, length) = (title[0] == '(' ? ')' : title[0], 0);
            while (text[length..].IndexOf(close) is >= 0 and var next)
            {
                length += next + 1;
                if (length < 2 || text[length - 2] != '\\')
                {
                    return end + length;
                }
            }

            return rest.Length;
        }
    }
}

/// <summary>A README would cost more than any README may.</summary>
internal sealed class ReadmeTooDearException() : Exception("the README is too intricate to be shown as Markdown");
