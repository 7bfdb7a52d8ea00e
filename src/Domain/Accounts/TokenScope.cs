namespace Raktar.Domain.Accounts;

/// <summary>What a token may be used for, in crates.io's words where it has them (https://rust-lang.github.io/rfcs/2947-crates-io-token-scopes.html).</summary>
public enum TokenScope
{
    /// <summary>Read the index, download, search.</summary>
    Read,

    /// <summary>Publish crates that do not exist yet.</summary>
    PublishNew,

    /// <summary>Publish versions of crates that exist.</summary>
    PublishUpdate,

    /// <summary>Yank and unyank.</summary>
    Yank,

    /// <summary>Change owners, visibility and trusted publishers of crates.</summary>
    ChangeOwners,

    /// <summary>Manage accounts, teams and tokens, delete versions, read the whole audit, and act on everybody's crates.</summary>
    Admin,
}

/// <summary>What roles and scopes have to do with each other.</summary>
public static class TokenScopes
{
    /// <summary>All that a role can use.</summary>
    public static ValueList<TokenScope> Of(Role role) => role switch
    {
        Role.Reader => [TokenScope.Read],
        Role.Member => [TokenScope.Read, TokenScope.PublishUpdate, TokenScope.Yank, TokenScope.ChangeOwners],
        Role.Publisher => [TokenScope.Read, TokenScope.PublishNew, TokenScope.PublishUpdate, TokenScope.Yank, TokenScope.ChangeOwners],
        _ => [.. Enum.GetValues<TokenScope>()],
    };

    /// <summary>The scope as people write it: <c>publish-new</c>.</summary>
    public static string Word(this TokenScope scope) => scope switch
    {
        TokenScope.PublishNew => "publish-new",
        TokenScope.PublishUpdate => "publish-update",
        TokenScope.ChangeOwners => "change-owners",
        _ => scope.ToString().ToLowerInvariant(),
    };

    /// <summary>The scope that people write so, or null.</summary>
    public static TokenScope? Parse(string? word) =>
        Enum.GetValues<TokenScope>().Where(scope => string.Equals(scope.Word(), word, StringComparison.Ordinal)).Cast<TokenScope?>().FirstOrDefault();
}
