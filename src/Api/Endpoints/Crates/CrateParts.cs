using Microsoft.Extensions.Primitives;
using Raktar.Application;
using Raktar.Domain;

namespace Raktar.Api.Endpoints.Crates;

/// <summary>What an answer about a crate holds besides the crate (<c>?include=</c>). Badges exist no more, crates.io's included.</summary>
internal sealed record CrateParts(bool Versions, bool Keywords, bool Categories, bool Downloads, bool DefaultVersion)
{
    private static readonly string[] Words = ["versions", "keywords", "categories", "badges", "downloads", "default_version", "full"];

    /// <summary>Reads the parameter: words with commas between them. Without it everything is included, with an empty one nothing.</summary>
    public static Outcome<CrateParts> Read(StringValues include)
    {
        var words = include.Count == 0 ? ["full"] : include.ToString().Split(',', StringSplitOptions.RemoveEmptyEntries);
        return Array.Find(words, word => !Words.Contains(word, StringComparer.Ordinal)) is { } unknown
            ? new InvalidInput($"`include` knows no `{unknown}`: it takes {string.Join(", ", Words)}")
            : new CrateParts(Has("versions"), Has("keywords"), Has("categories"), Has("downloads"), Has("default_version"));

        bool Has(string part) => words.Contains(part, StringComparer.Ordinal) || words.Contains("full", StringComparer.Ordinal);
    }
}
