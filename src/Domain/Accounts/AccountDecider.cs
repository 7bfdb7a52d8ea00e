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

    /// <summary>Makes a token; the caller shows its text once and keeps only <paramref name="hash"/>.</summary>
    public static Decision IssueToken(Account account, Login login, string name, Checksum hash) => account switch
    {
        { Login: null } => new AccountNotFound(login.Text),
        _ when account.Tokens.Values.Count(token => !token.IsRevoked) >= MaxLiveTokens => new InvalidInput($"too many tokens (max {MaxLiveTokens})"),
        _ => new TokenIssued(NextTokenId(account), name, hash),
    };

    /// <summary>Ends a token; ending it twice is fine.</summary>
    public static Decision RevokeToken(Account account, Login login, int id) => account switch
    {
        { Login: null } => new AccountNotFound(login.Text),
        _ when !account.Tokens.TryGetValue(id, out _) => new TokenNotFound(id),
        _ when account.Tokens[id].IsRevoked => Decision.Nothing,
        _ => new TokenRevoked(id),
    };

    private static int NextTokenId(Account account) => account.Tokens.IsEmpty ? 1 : account.Tokens.Keys.Max() + 1;
}
