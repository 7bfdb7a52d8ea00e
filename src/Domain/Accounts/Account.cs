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

    /// <summary>Every token ever made, by id.</summary>
    public ImmutableSortedDictionary<int, IssuedToken> Tokens { get; init; } = ImmutableSortedDictionary<int, IssuedToken>.Empty;

    /// <summary>The account after <paramref name="fact"/>.</summary>
    public Account Evolve(AccountEvent fact) => fact switch
    {
        AccountRegistered e => this with { Login = e.Login, Role = e.Role },
        RoleChanged e => this with { Role = e.Role },
        TokenIssued e => this with { Tokens = Tokens.SetItem(e.Id, new(e.Id, e.Name, e.Hash, IsRevoked: false)) },
        TokenRevoked e => this with { Tokens = Tokens.SetItem(e.Id, Tokens[e.Id] with { IsRevoked = true }) },
        _ => throw new InvalidOperationException($"an account does not know {fact.GetType().Name}"),
    };
}

/// <summary>One token: its id in the account, the name people gave it, its hash, and whether it was revoked.</summary>
public sealed record IssuedToken(int Id, string Name, Checksum Hash, bool IsRevoked);
