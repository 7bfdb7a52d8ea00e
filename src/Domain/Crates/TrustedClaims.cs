namespace Raktar.Domain.Crates;

/// <summary>
/// What the claims of a trusted publisher must pin down, so that a renamed account, a taken-over name or another workflow does not slip in. What the claims
/// mean: https://docs.github.com/en/actions/reference/security/oidc, https://docs.gitlab.com/ci/secrets/id_token_authentication/
/// </summary>
public static class TrustedClaims
{
    private const int MaxClaims = 20;
    private const int MaxName = 100;
    private const int MaxValue = 500;
    private const string GitHub = "https://token.actions.githubusercontent.com";

    // They differ from token to token, or are checked before any rule is.
    private static readonly string[] OfTheToken = ["iss", "aud", "exp", "nbf", "iat", "jti"];

    // Each names one project, or one client, of its issuer.
    private static readonly string[] OfTheProject = ["sub", "client_id", "repository_id", "repository", "project_id", "project_path", "pipeline_id"];

    /// <summary>Why the claims are no good for a trusted publisher at that issuer, or null.</summary>
    public static Refusal? Refuse(string issuer, IReadOnlyList<ClaimRule> claims)
    {
        var problem = claims.Count is 0 or > MaxClaims ? $"a trusted publisher needs 1 to {MaxClaims} claims"
            : claims.Select(Problem).FirstOrDefault(problem => problem is not null)
            ?? (claims.Select(rule => rule.Claim).Distinct(StringComparer.Ordinal).Count() < claims.Count ? "a claim is named twice" : ProjectProblem(issuer, claims));
        return problem is null ? null : new InvalidInput(problem);
    }

    private static string? Problem(ClaimRule rule) => rule switch
    {
        { Claim.Length: 0 or > MaxName } => $"a claim's name has 1 to {MaxName} characters",
        _ when rule.Claim.Any(c => c is <= ' ' or > '~') => $"the claim `{rule.Claim}` is no name: it has other than visible ASCII characters",
        _ when OfTheToken.Contains(rule.Claim, StringComparer.Ordinal) => $"the claim `{rule.Claim}` is about the token and cannot tell runs apart",
        { Value.Length: 0 or > MaxValue } => $"the claim `{rule.Claim}` needs a value of 1 to {MaxValue} characters",
        { Value: "*" } => $"the claim `{rule.Claim}` allows everything; leave it out",
        _ when rule.Value.Any(char.IsControl) || rule.Value.Trim().Length < rule.Value.Length => $"the value of the claim `{rule.Claim}` has control characters, or spaces around it",
        _ when rule.Value.IndexOf('*', StringComparison.Ordinal) is >= 0 and var star && star < rule.Value.Length - 1 => $"the value of the claim `{rule.Claim}` has a `*` before its end",
        _ => null,
    };

    private static string? ProjectProblem(string issuer, IReadOnlyList<ClaimRule> claims)
    {
        bool Pins(params string[] names) => Array.TrueForAll(names, name => claims.Any(rule => rule.Claim == name && !rule.Value.EndsWith('*')));
        // The whole path of the file, to the @ behind it; which branch or tag may be left open.
        bool PinsFile(string name) => claims.Any(rule => rule.Claim == name
            && rule.Value.IndexOf("/.github/workflows/", StringComparison.Ordinal) is > 0 and var folder && rule.Value.IndexOf('@', folder) > 0);
        return issuer switch
        {
            _ when IsGitHub(issuer) && !Pins("repository_id") && !Pins("repository", "repository_owner_id") =>
                "for GitHub pin `repository_id`, or `repository` and `repository_owner_id`: names alone can be taken over",
            _ when IsGitHub(issuer) && !PinsFile("workflow_ref") && !PinsFile("job_workflow_ref") =>
                "for GitHub pin `workflow_ref`, at least as far as `owner/name/.github/workflows/file.yml@*`",
            "https://gitlab.com" when !Pins("project_id") && !Pins("project_path", "namespace_id") =>
                "for GitLab pin `project_id`, or `project_path` and `namespace_id`: names alone can be taken over",
            _ when !Array.Exists(OfTheProject, name => Pins(name)) =>
                $"pin the project: one of {string.Join(", ", OfTheProject.Select(name => $"`{name}`"))}, without a `*`",
            _ => null,
        };
    }

    // github.com, also with an enterprise's own path, and GitHub Enterprise Server.
    private static bool IsGitHub(string issuer) =>
        issuer == GitHub || issuer.StartsWith($"{GitHub}/", StringComparison.Ordinal) || issuer.EndsWith("/_services/token", StringComparison.Ordinal);
}
