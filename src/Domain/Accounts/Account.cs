using System.Collections.Immutable;

namespace Raktar.Domain.Accounts;

/// <summary>What must be remembered of an account to decide.</summary>
public sealed record Account
{
    /// <summary>An account that nobody has registered yet.</summary>
    public static Account Unregistered { get; } = new();

    /// <summary>Its login; null while unregistered.</summary>
    public Login? Login { get; init; }

    /// <summary>What it may do.</summary>
    public Role Role { get; init; }

    /// <summary>The teams it is in, in the order of their names.</summary>
    public ValueList<TeamName> Teams { get; init; } = [];

    /// <summary>Who it is at the identity provider; null: nobody has signed in there.</summary>
    public ExternalIdentity? Identity { get; init; }

    /// <summary>Whether it is switched off.</summary>
    public bool IsDisabled { get; init; }

    /// <summary>How often all of its sessions were ended: one that began before the last time is over. Counted, because clocks differ.</summary>
    public int SessionEpoch { get; init; }

    /// <summary>The most tokens that are remembered after their end; the log has them all.</summary>
    public const int MaxDeadTokens = 200;

    /// <summary>The id of the newest token; 0: there was none yet.</summary>
    public int LastToken { get; init; }

    /// <summary>
    /// The tokens, by id: those that work, and the newest of those that have ended. Only the administrator's of the first start are all kept: one that a
    /// setting once made must not be made again after it was revoked.
    /// </summary>
    public ImmutableSortedDictionary<int, IssuedToken> Tokens { get; init; } = ImmutableSortedDictionary<int, IssuedToken>.Empty;

    /// <summary>The account after <paramref name="fact"/>.</summary>
    public Account Evolve(AccountEvent fact) => fact switch
    {
        AccountRegistered e => this with { Login = e.Login, Role = e.Role },
        RoleChanged e => this with { Role = e.Role },
        TokenIssued e => this with { Tokens = WithoutOldest(e.IssuedAt).SetItem(e.Id, IssuedToken.Of(e)), LastToken = e.Id },
        TokenRevoked e => Tokens.TryGetValue(e.Id, out var token) ? this with { Tokens = Tokens.SetItem(e.Id, token with { IsRevoked = true }) } : this,
        TeamJoined e => this with { Teams = Teams.Append(e.Team).OrderBy(team => team.Text, StringComparer.Ordinal).ToValueList() },
        IdentityLinked e => this with { Identity = new(e.Issuer, e.Subject) },
        TeamLeft e => this with { Teams = Teams.Where(team => team != e.Team).ToValueList() },
        IdentityUnlinked => this with { Identity = null },
        SessionsEnded => this with { SessionEpoch = SessionEpoch + 1 },
        AccountDisabled => this with { IsDisabled = true, SessionEpoch = SessionEpoch + 1, Tokens = AllRevoked() },
        // A sign-in that was under way may have begun a session in between.
        AccountEnabled => this with { IsDisabled = false, SessionEpoch = SessionEpoch + 1 },
        _ => throw new InvalidOperationException($"an account does not know {fact.GetType().Name}"),
    };

    private ImmutableSortedDictionary<int, IssuedToken> WithoutOldest(DateTimeOffset now)
    {
        var dead = Tokens.Values.Where(token => !token.IsLive(now)).ToList();
        return Login == Login.Admin || dead.Count <= MaxDeadTokens ? Tokens : Tokens.RemoveRange(dead.SkipLast(MaxDeadTokens).Select(token => token.Id));
    }

    private ImmutableSortedDictionary<int, IssuedToken> AllRevoked() =>
        Tokens.SetItems(Tokens.Values.Select(token => KeyValuePair.Create(token.Id, token with { IsRevoked = true })));
}

/// <summary>Somebody as an identity provider knows them: its URL, and a subject that it never gives to anybody else.</summary>
public sealed record ExternalIdentity(string Issuer, string Subject);

/// <summary>One token: its id in the account, the name people gave it, its hash, what it is good for, how long, and whether it was revoked.</summary>
public sealed record IssuedToken(
    int Id,
    string Name,
    Checksum Hash,
    ValueList<TokenScope> Scopes,
    ValueList<CratePattern> Crates,
    DateTimeOffset IssuedAt,
    DateTimeOffset? ExpiresAt,
    bool IsRevoked)
{
    /// <summary>The token that a fact made.</summary>
    public static IssuedToken Of(TokenIssued issued) =>
        new(issued.Id, issued.Name, issued.Hash, issued.Scopes, issued.Crates, issued.IssuedAt, issued.ExpiresAt, IsRevoked: false);

    /// <summary>Whether it works at that time.</summary>
    public bool IsLive(DateTimeOffset now) => !IsRevoked && !(ExpiresAt <= now);
}
