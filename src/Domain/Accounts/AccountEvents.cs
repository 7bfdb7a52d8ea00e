namespace Raktar.Domain.Accounts;

/// <summary>What an account may do. Each role may do what the ones before it may.</summary>
public enum Role
{
    /// <summary>Read the index, download, search.</summary>
    Reader,

    /// <summary>Also publish, and change the crates it owns.</summary>
    Publisher,

    /// <summary>Also manage accounts and tokens, yank any crate and change any crate's owners.</summary>
    Admin,
}

/// <summary>Facts about one account, in its stream, kept for ever.</summary>
public abstract record AccountEvent : DomainEvent
{
    private protected AccountEvent()
    {
    }
}

/// <summary>The account exists from now on.</summary>
public sealed record AccountRegistered(Login Login, Role Role) : AccountEvent;

/// <summary>What it may do changed.</summary>
public sealed record RoleChanged(Role Role) : AccountEvent;

/// <summary>A token was made. <paramref name="Id"/> counts from 1 in its account; <paramref name="Hash"/> is the SHA-256 of the token, the only trace of it.</summary>
public sealed record TokenIssued(int Id, string Name, Checksum Hash) : AccountEvent;

/// <summary>The token no longer works.</summary>
public sealed record TokenRevoked(int Id) : AccountEvent;
