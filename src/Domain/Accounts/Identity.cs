namespace Raktar.Domain.Accounts;

/// <summary>
/// Who wants it, as far as a decision about a crate depends on it: the account with its teams, whether it may act on everybody's crates, and whether it is a
/// continuous-integration run that the crate trusts (which publisher of which crate was found when its token was made).
/// </summary>
public sealed record Identity(Login Login, ValueList<TeamName> Teams, bool IsAdmin = false, bool IsTrustedPublisher = false)
{
    /// <summary>An account without teams.</summary>
    public static Identity Of(Login login) => new(login, []);
}
