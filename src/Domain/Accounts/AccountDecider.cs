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
        _ => Decision.Of([.. ChangeRole(account, role)]),
    };

    /// <summary>Makes a token on these terms; the caller shows its text once and keeps only its hash.</summary>
    public static Decision IssueToken(Account account, Login login, TokenTerms terms, DateTimeOffset now) => account switch
    {
        { Login: null } => new AccountNotFound(login.Text),
        { IsDisabled: true } => new AccountIsDisabled(login),
        _ when account.Tokens.Values.Count(token => token.IsLive(now)) >= MaxLiveTokens => new InvalidInput($"too many tokens (max {MaxLiveTokens})"),
        _ when terms.Scopes.Contains(TokenScope.Admin) && !terms.Crates.Contains(CratePattern.All) => new InvalidInput(
            "a token with the scope `admin` is for all crates: leave the crate patterns out, or the scope"),
        _ when terms.Scopes.Except(TokenScopes.Of(account.Role)).Any() => new InvalidInput(
            $"the role {account.Role.Word()} does not reach the scope `{terms.Scopes.Except(TokenScopes.Of(account.Role)).First().Word()}`"),
        _ => new TokenIssued(NextTokenId(account), terms.Name, terms.Hash, terms.Scopes, terms.Crates, now, terms.ExpiresAt),
    };

    /// <summary>
    /// Makes the first administrator, or the token with which the operator gets in whatever happened: it never ends, and where there are too many it takes
    /// the place of the oldest. Once made it is not made again, also when it was revoked meanwhile.
    /// </summary>
    public static Decision Preset(Account admin, Checksum hash, DateTimeOffset now)
    {
        var issued = new TokenIssued(
            NextTokenId(admin), admin.Login is null ? "first start" : "preset", hash, TokenScopes.Of(Role.Admin), [CratePattern.All], now, ExpiresAt: null);
        var live = admin.Tokens.Values.Where(token => token.IsLive(now)).ToList();
        return admin.Login is null ? Decision.Of(new AccountRegistered(Login.Admin, Role.Admin), issued)
            : admin.Tokens.Values.Any(token => token.Hash == hash) ? Decision.Nothing
            : live.Count < MaxLiveTokens ? issued
            : Decision.Of(new TokenRevoked(live.Min(token => token.Id), "made room for the preset token"), issued);
    }

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
    /// Switches the account off. Nobody does that to themselves, and nobody to the account of the first start: so somebody is left who can switch
    /// it on.
    /// </summary>
    public static Decision Disable(Account account, Login login, string reason, Login by) => account switch
    {
        { Login: null } => new AccountNotFound(login.Text),
        { IsDisabled: true } => Decision.Nothing,
        _ when login == Login.Admin => new LastAdmin(),
        _ when login == by => new OwnAccount(login),
        _ => new AccountDisabled(reason),
    };

    /// <summary>Switches it on again.</summary>
    public static Decision Enable(Account account, Login login, string? reason) => account switch
    {
        { Login: null } => new AccountNotFound(login.Text),
        { IsDisabled: false } => Decision.Nothing,
        _ => new AccountEnabled(reason),
    };

    /// <summary>Ends all sessions of the account. Whether there are any is not known here, so it is done each time that it is asked for.</summary>
    public static Decision EndSessions(Account account, Login login) =>
        account.Login is null ? new AccountNotFound(login.Text) : new SessionsEnded();

    /// <summary>
    /// Unlinks the account from the identity that signs in to it, and ends its sessions. Not while it is switched off: the identity would be
    /// somebody new, whom their groups let in.
    /// </summary>
    public static Decision Unlink(Account account, Login login) => account switch
    {
        { Login: null } => new AccountNotFound(login.Text),
        { Identity: null } => Decision.Nothing,
        { IsDisabled: true } => new AccountIsDisabled(login),
        { Identity: { } identity } => Decision.Of(new IdentityUnlinked(identity.Issuer, identity.Subject), new SessionsEnded()),
    };

    /// <summary>
    /// Lets somebody in for whom an identity provider vouches: the role and those of the <paramref name="mapped"/> teams that their groups say now, and no
    /// others; teams that no group stands for are the administrators' business. An account belongs to one identity until an administrator unlinks
    /// them. One that an administrator registered by hand is linked only when <paramref name="isProven"/> says that it is theirs; from then on the groups decide its role too.
    /// </summary>
    public static Decision SignIn(
        Account account, Login login, ExternalIdentity identity, Role role, IReadOnlyCollection<TeamName> teams, IReadOnlyCollection<TeamName> mapped, bool isProven)
    {
        var isFree = account.Login is null || account.Identity == identity || (account.Identity is null && isProven);
        if (login == Login.Admin || login.IsReserved || !isFree)
        {
            return new LoginTaken(login);
        }

        if (account.IsDisabled)
        {
            return new AccountIsDisabled(login);
        }

        var facts = new List<DomainEvent>();
        if (account.Login is null)
        {
            facts.Add(new AccountRegistered(login, role));
        }
        else
        {
            facts.AddRange(ChangeRole(account, role));
        }

        if (account.Identity is null)
        {
            facts.Add(new IdentityLinked(identity.Issuer, identity.Subject));
        }

        facts.AddRange(account.Teams.Where(team => mapped.Contains(team) && !teams.Contains(team)).Select(team => new TeamLeft(team)));
        facts.AddRange(teams.Except(account.Teams).Select(team => new TeamJoined(team)));
        return Decision.Of([.. facts]);
    }

    /// <summary>
    /// Ends the rights of somebody whom the identity provider still knows, but in no group that may sign in: what remains is reading with the
    /// tokens that they have, in no team.
    /// </summary>
    public static Decision EndRights(Account account) => Decision.Of(
    [
        .. ChangeRole(account, Role.Reader),
        .. account.Teams.Select(team => new TeamLeft(team)),
    ]);

    // A session that began with more rights must not outlive them.
    private static IEnumerable<DomainEvent> ChangeRole(Account account, Role role) =>
        role == account.Role ? [] : role < account.Role ? [new RoleChanged(role), new SessionsEnded()] : [new RoleChanged(role)];

    private static int NextTokenId(Account account) => account.LastToken + 1;
}

/// <summary>What a token shall be: its name, the hash of its text, what it is good for, which crates it may change, and until when (null: for ever).</summary>
public sealed record TokenTerms(string Name, Checksum Hash, ValueList<TokenScope> Scopes, ValueList<CratePattern> Crates, DateTimeOffset? ExpiresAt);
