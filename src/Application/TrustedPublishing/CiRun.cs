using System.Globalization;
using System.Text;

namespace Raktar.Application.TrustedPublishing;

/// <summary>
/// A run of a continuous integration, as an identity token that was checked describes it: who says so, the token's id (<c>jti</c>), and all claims that are
/// texts, numbers or truth values.
/// </summary>
public sealed record CiRun(string Issuer, string TokenId, IReadOnlyDictionary<string, string> Claims)
{
    private const int MaxPart = 200;

    // GitHub's claims, then GitLab's; others have a subject.
    private static readonly (string Claim, string Word)[] Parts =
    [
        ("repository", "repository"), ("project_path", "project"), ("workflow_ref", "workflow"), ("ci_config_ref_uri", "configuration"), ("environment", "environment"),
        ("ref", "ref"), ("sha", "commit"), ("run_id", "run"), ("pipeline_id", "pipeline"), ("job_id", "job"),
    ];

    /// <summary>What the log says of it: one sentence, of bounded length and without control characters.</summary>
    public string Sentence
    {
        get
        {
            var parts = Parts.Where(part => Claims.ContainsKey(part.Claim)).Select(part => $"{part.Word} {Clean(Claims[part.Claim])}").ToList();
            return $"{Issuer}: {(parts.Count > 0 ? string.Join(", ", parts) : $"subject {Clean(Claims.GetValueOrDefault("sub", "unknown"))}")}";
        }
    }

    private static string Clean(string value)
    {
        var clean = new StringBuilder();
        foreach (var rune in value.EnumerateRunes().Take(MaxPart))
        {
            // Format characters too: they could make a line read otherwise than it is.
            clean.Append(Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format ? "?" : rune.ToString());
        }

        return clean.ToString();
    }
}
