using System.Diagnostics.CodeAnalysis;

namespace Raktar.Domain.Accounts;

/// <summary>Who owns a crate: an account, written as its login, or a team, written <c>team:</c> and its name. No login contains a colon.</summary>
public sealed record Owner
{
    private const string TeamPrefix = "team:";

    private Owner(Login? login, TeamName? team) => (Login, Team) = (login, team);

    /// <summary>The account, or null when it is a team.</summary>
    public Login? Login { get; }

    /// <summary>The team, or null when it is an account.</summary>
    public TeamName? Team { get; }

    /// <summary>As people write it.</summary>
    public string Text => Team is { } team ? $"{TeamPrefix}{team}" : Login!.Text;

    /// <summary>An account as an owner.</summary>
    public static Owner Of(Login login) => new(login, null);

    /// <summary>A team as an owner.</summary>
    public static Owner Of(TeamName team) => new(null, team);

    /// <summary>Whether it is <paramref name="somebody"/>, or a team that they are in.</summary>
    public bool Is(Requester somebody) => Login == somebody.Login || (Team is { } team && somebody.Teams.Contains(team));

    /// <summary>Reads an owner in any case.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out Owner? owner)
    {
        owner = text?.StartsWith(TeamPrefix, StringComparison.OrdinalIgnoreCase) == true
            ? TeamName.TryParse(text[TeamPrefix.Length..], out var team) ? Of(team) : null
            : Login.TryParse(text, out var login) ? Of(login) : null;
        return owner is not null;
    }

    /// <summary>Reads an owner known to be good; anything else is a <see cref="FormatException"/>.</summary>
    public static Owner Parse(string text) => TryParse(text, out var owner) ? owner : throw new FormatException($"`{text}` is not an owner");

    /// <inheritdoc/>
    public override string ToString() => Text;
}
