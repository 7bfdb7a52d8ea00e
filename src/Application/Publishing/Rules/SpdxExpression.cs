using System.Text.RegularExpressions;

namespace Raktar.Application.Publishing.Rules;

/// <summary>
/// Whether a licence is an SPDX expression as crates.io would take it: <c>/</c> for OR and the older GNU ids with <c>+</c> are tolerated, and besides
/// <c>LicenseRef-*</c> and <c>Proprietary</c>, which private crates use, and the ids of the registry's own.
/// Source: https://spdx.github.io/spdx-spec/v3.0.1/annexes/spdx-license-expressions/. The ids are in spdx.txt.
/// </summary>
internal sealed class SpdxExpression
{
    private static readonly Regex Token = new(@"[()/]|[A-Za-z0-9.:\-]+\+?", RegexOptions.NonBacktracking);

    private static readonly Lazy<(HashSet<string> Licenses, HashSet<string> Exceptions)> Spdx = new(Load);

    private readonly List<string> _tokens;
    private int _next;

    private readonly IReadOnlyList<string> _ownIds;

    private SpdxExpression(List<string> tokens, IReadOnlyList<string> ownIds) => (_tokens, _ownIds) = (tokens, ownIds);

    /// <summary>Whether the text is such an expression; <paramref name="ownIds"/> are licences besides SPDX's.</summary>
    public static bool IsKnown(string text, IReadOnlyList<string> ownIds)
    {
        var tokens = Token.Matches(text).Select(token => token.Value).ToList();
        if (tokens.Sum(token => token.Length) + text.Count(c => c == ' ') != text.Length)
        {
            return false;
        }

        var reader = new SpdxExpression(tokens, ownIds);
        return reader.Alternatives() && reader._next == tokens.Count;
    }

    // AND binds closer than OR, but for the question asked here that does not matter.
    private bool Alternatives()
    {
        do
        {
            if (!Term())
            {
                return false;
            }
        }
        while (Take("OR") || Take("/") || Take("AND"));
        return true;
    }

    private bool Term()
    {
        if (Take("("))
        {
            return Alternatives() && Take(")");
        }

        return Next() is { } id && IsLicense(id) && (!Take("WITH") || (Next() is { } exception && Spdx.Value.Exceptions.Contains(exception)));
    }

    private bool IsLicense(string id) =>
        Spdx.Value.Licenses.Contains(id.EndsWith('+') ? id[..^1] : id)
        || id == "Proprietary"
        || _ownIds.Contains(id, StringComparer.Ordinal)
        || id.StartsWith("LicenseRef-", StringComparison.Ordinal)
        || (id.StartsWith("DocumentRef-", StringComparison.Ordinal) && id.Contains(":LicenseRef-", StringComparison.Ordinal));

    private string? Next() => _next < _tokens.Count ? _tokens[_next++] : null;

    private bool Take(string token)
    {
        var there = _next < _tokens.Count && _tokens[_next] == token;
        _next += there ? 1 : 0;
        return there;
    }

    private static (HashSet<string> Licenses, HashSet<string> Exceptions) Load()
    {
        using var text = new StreamReader(typeof(SpdxExpression).Assembly.GetManifestResourceStream("spdx.txt")!);
        var ids = text.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(line => line[0] != '#')
            .Select(line => line.Split(' '))
            .ToLookup(line => line[0], line => line[1], StringComparer.Ordinal);
        return (ids["license"].ToHashSet(StringComparer.Ordinal), ids["exception"].ToHashSet(StringComparer.Ordinal));
    }
}
