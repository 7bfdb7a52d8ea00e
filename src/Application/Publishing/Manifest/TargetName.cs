using System.Text.RegularExpressions;

namespace Raktar.Application.Publishing.Manifest;

/// <summary>
/// What a dependency may be limited to: a target triple, or <c>cfg(...)</c> in cargo's grammar
/// (https://doc.rust-lang.org/cargo/reference/specifying-dependencies.html#platform-specific-dependencies). A bad one in the index makes
/// cargo drop the version, and cargo sends the normalised form but leaves the manifest's spelling alone.
/// </summary>
internal sealed class TargetName
{
    private const int MaxDepth = 16;

    private static readonly Regex Triple = new(@"^[A-Za-z0-9_.\-]+\z", RegexOptions.NonBacktracking);

    private static readonly Regex Token = new("""[ (),=]|"[^"]*"|(?:r#)?[A-Za-z_][A-Za-z0-9_]*""", RegexOptions.NonBacktracking);

    private readonly List<string> _tokens;
    private int _next;

    private TargetName(List<string> tokens) => _tokens = tokens;

    private string? Peek => _next < _tokens.Count ? _tokens[_next] : null;

    /// <summary>The target as cargo writes it, or null when cargo would not read it.</summary>
    public static string? Normalise(string text)
    {
        if (!text.StartsWith("cfg(", StringComparison.Ordinal) || !text.EndsWith(')'))
        {
            return Triple.IsMatch(text) ? text : null;
        }

        var tokens = Token.Matches(text[4..^1]);
        if (tokens.Sum(token => token.Length) != text.Length - 5)
        {
            return null;
        }

        var reader = new TargetName([.. tokens.Select(token => token.Value).Where(token => token is not " ")]);
        return reader.Expression(depth: 1) is { } expression && reader.Peek is null ? $"cfg({expression})" : null;
    }

    private string? Expression(int depth)
    {
        if (depth > MaxDepth || Peek is not { } word || !IsIdentifier(word))
        {
            return null;
        }

        _next++;
        if (word is "not" or "all" or "any")
        {
            var inner = Take("(") ? List(depth + 1) : null;
            return inner is null || (word == "not" && inner.Count != 1) ? null : $"{word}({string.Join(", ", inner)})";
        }

        if (!Take("="))
        {
            return word;
        }

        return Peek is ['"', ..] value && Take(value) ? $"{word} = {value}" : null;
    }

    private List<string>? List(int depth)
    {
        var items = new List<string>();
        while (!Take(")"))
        {
            if (Expression(depth) is not { } item || (!Take(",") && Peek != ")"))
            {
                return null;
            }

            items.Add(item);
        }

        return items;
    }

    private bool Take(string token)
    {
        var there = Peek == token;
        _next += there ? 1 : 0;
        return there;
    }

    private static bool IsIdentifier(string token) => token[0] is '_' || char.IsAsciiLetter(token[0]);
}
