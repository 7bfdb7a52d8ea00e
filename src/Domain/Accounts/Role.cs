namespace Raktar.Domain.Accounts;

/// <summary>What an account may do. Each role may do what the ones before it may.</summary>
public enum Role
{
    /// <summary>Read the index, download, search.</summary>
    Reader,

    /// <summary>Also publish versions of the crates it owns, alone or through a team, and change them.</summary>
    Member,

    /// <summary>Also publish new crates.</summary>
    Publisher,

    /// <summary>Also manage accounts and tokens, yank any crate and change any crate's owners.</summary>
    Admin,
}

/// <summary>How people and JSON say roles.</summary>
public static class Roles
{
    /// <summary>The role in lower case.</summary>
    public static string Word(this Role role) => role.ToString().ToLowerInvariant();
}
