namespace Raktar.Domain.Accounts;

/// <summary>What may happen to an account: state and intent in, facts or a refusal out.</summary>
public static class AccountDecider
{
    /// <summary>The most tokens of one account that work at a time.</summary>
    public const int MaxLiveTokens = 100;

    /// <summary>Registers the account, or changes its role.</summary>
    public static Decision Put(Account account, Login login, Role role) => account switch
    {
        { Login: null } => new AccountRegistered(login, role),
        _ when account.Role == role => Decision.Nothing,
        // The account of the first start can always let people back in.
        _ when login == Login.Admin => new LastAdmin(),
        _ => new RoleChanged(role),
    };

    /// <summary>Makes a token on these terms; the caller shows its text once and keeps only its hash.</summary>
    public static Decision IssueToken(Account account, Login login, TokenTerms terms, DateTimeOffset now) => account switch
    {
        { Login: null } => new AccountNotFound(login.Text),
        _ when account.Tokens.Values.Count(token => token.IsLive(now)) >= MaxLiveTokens => new InvalidInput($"too many tokens (max {MaxLiveTokens})"),
        _ when terms.Scopes.Except(TokenScopes.Of(account.Role)).Any() => new InvalidInput(
            $"the role {account.Role.ToString().ToLowerInvariant()} does not reach the scope `{terms.Scopes.Except(TokenScopes.Of(account.Role)).First().Word()}`"),
        _ => new TokenIssued(NextTokenId(account), terms.Name, terms.Hash, terms.Scopes, terms.Crates, now, terms.ExpiresAt),
    };

    /// <summary>Ends a token; ending it twice is fine.</summary>
    public static Decision RevokeToken(Account account, Login login, int id, string? reason = null) => account switch
    {
        { Login: null } => new AccountNotFound(login.Text),
        _ when id < 1 || id > account.LastToken => new TokenNotFound($"{id}"),
        // One that is not remembered any more has ended.
        _ when !account.Tokens.TryGetValue(id, out var token) || token.IsRevoked => Decision.Nothing,
        _ => new TokenRevoked(id, reason),
    };

    /// <summary>Puts the account into a team, or takes it out; either twice is fine.</summary>
    public static Decision ChangeTeam(Account account, Login login, TeamName team, bool join) => account switch
    {
        { Login: null } => new AccountNotFound(login.Text),
        _ when account.Teams.Contains(team) == join => Decision.Nothing,
        _ => join ? new TeamJoined(team) : new TeamLeft(team),
    };

    /// <summary>
    /// Lets somebody in for whom an identity provider vouches: the role and those of the <paramref name="mapped"/> teams that their groups say now, and no
    /// others; teams that no group stands for are the administrators' business. An account belongs to one identity for ever. One that an administrator
    /// registered by hand is linked only when <paramref name="isProven"/> says that it is theirs; from then on the groups decide its role too.
    /// </summary>
    public static Decision SignIn(
        Account account, Login login, ExternalIdentity identity, Role role, IReadOnlyCollection<TeamName> teams, IReadOnlyCollection<TeamName> mapped, bool isProven)
    {
        var isFree = account.Login is null || account.Identity == identity || (account.Identity is null && isProven);
        if (login == Login.Admin || login.IsReserved || !isFree)
        {
            return new LoginTaken(login);
        }

        var facts = new List<DomainEvent>();
        if (account.Login is null)
        {
            facts.Add(new AccountRegistered(login, role));
        }
        else if (account.Role != role)
        {
            facts.Add(new RoleChanged(role));
        }

        if (account.Identity is null)
        {
            facts.Add(new IdentityLinked(identity.Issuer, identity.Subject));
        }

        facts.AddRange(account.Teams.Where(team => mapped.Contains(team) && !teams.Contains(team)).Select(team => new TeamLeft(team)));
        facts.AddRange(teams.Except(account.Teams).Select(team => new TeamJoined(team)));
        return Decision.Of([.. facts]);
    }

    /// <summary>Ends the rights of somebody whom the identity provider still knows, but in no group that may sign in: what remains is reading, in no team.</summary>
    public static Decision EndRights(Account account) => Decision.Of(
    [
        .. account.Role > Role.Reader ? [new RoleChanged(Role.Reader)] : Array.Empty<DomainEvent>(),
        .. account.Teams.Select(team => new TeamLeft(team)),
    ]);

    private static int NextTokenId(Account account) => account.LastToken + 1;
}

/// <summary>What a token shall be: its name, the hash of its text, what it is good for, which crates it may change, and until when (null: for ever).</summary>
public sealed record TokenTerms(string Name, Checksum Hash, ValueList<TokenScope> Scopes, ValueList<CratePattern> Crates, DateTimeOffset? ExpiresAt);
