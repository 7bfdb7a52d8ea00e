using System.Text.RegularExpressions;
using Raktar.Api.Settings;
using Raktar.Application.Accounts;

namespace Raktar.Api.Http;

/// <summary>Takes secrets out of what is kept or shown: people put tokens into addresses, names and user agents.</summary>
internal sealed partial class Secrets(RaktarOptions options)
{
    private const int ShortestPreset = 16;

    /// <summary>
    /// The text without tokens of this registry: those it makes have a shape, and the one that the operator set is known, or its SHA-256.
    /// </summary>
    public string Without(string text)
    {
        if (text.Length < ShortestPreset)
        {
            return text;
        }

        foreach (var token in options.Mirrored.Select(upstream => upstream.Token).OfType<string>())
        {
            text = text.Replace(token, "...", StringComparison.OrdinalIgnoreCase);
        }

        if (options.AdminToken is { } preset)
        {
            text = text.Replace(preset, "...", StringComparison.OrdinalIgnoreCase);
        }
        else if (options.PresetHash is { } hash)
        {
            text = Word().Replace(text, word => Tokens.Hash(word.Value) == hash ? "..." : word.Value);
        }

        return Tokens.Redact(text);
    }

    // What stands between marks that sentences, addresses and headers put around a word.
    [GeneratedRegex("[^\\s/?&=:;,`'\"()<>]{16,200}", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Word();
}
