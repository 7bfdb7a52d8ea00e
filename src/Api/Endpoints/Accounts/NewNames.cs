using Raktar.Application;
using Raktar.Domain;
using Raktar.Domain.Accounts;

namespace Raktar.Api.Endpoints.Accounts;

/// <summary>What a request calls something new, or why that cannot be its name.</summary>
internal static class NewNames
{
    /// <summary>An account.</summary>
    public static Outcome<Login> Login(string text) => Domain.Accounts.Login.TryParse(text, out var login)
        ? login
        : new InvalidInput($"`{text}` is not a login: use 1 to {Domain.Accounts.Login.MaxLength} of a-z, 0-9, `.`, `_`, `@`, `-`");

    /// <summary>A team.</summary>
    public static Outcome<TeamName> Team(string text) => TeamName.TryParse(text, out var name)
        ? name
        : new InvalidInput($"`{text}` is not a team's name: use 1 to {TeamName.MaxLength} of a-z, 0-9, `.`, `_`, `-`");

    /// <summary>A role, by its word.</summary>
    public static Outcome<Role> Role(string? word) =>
        Enum.TryParse<Role>(word, ignoreCase: true, out var role) && string.Equals(role.Word(), word, StringComparison.Ordinal)
            ? role
            : new InvalidInput("field `role` must be `admin`, `publisher`, `member` or `reader`");
}
