using Raktar.Domain.Crates;

namespace Raktar.Domain.Accounts;

/// <summary>
/// Who wants it, as far as a decision about a crate depends on it: the account with its teams, whether it may act on everybody's crates, or else a
/// continuous-integration run and which crates trust it.
/// </summary>
public sealed record Requester(Login Login, ValueList<TeamName> Teams, bool IsAdmin = false)
{
    /// <summary>Which crates trust this run, as was found when its token was made; empty for accounts.</summary>
    public ValueList<TrustedCrate> TrustedBy { get; init; } = [];

    /// <summary>Whether it is a run and no account.</summary>
    public bool IsTrustedPublisher => Login == Login.TrustedPublisher;

    /// <summary>An account without teams.</summary>
    public static Requester Of(Login login) => new(login, []);
}

/// <summary>A crate, and the trusted publisher of it that a run is.</summary>
public sealed record TrustedCrate(CrateName Name, int Publisher);
