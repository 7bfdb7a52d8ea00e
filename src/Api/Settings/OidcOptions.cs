using Raktar.Domain.Accounts;

namespace Raktar.Api.Settings;

/// <summary>How people sign in with an identity provider (<c>Raktar:Oidc:*</c>); without <see cref="Authority"/> they cannot.</summary>
public sealed record OidcOptions
{
    private const string Prefix = "Raktar:Oidc";

    /// <summary>The issuer's URL, exactly as it calls itself.</summary>
    public string Authority { get; init; } = string.Empty;

    /// <summary>The registry's name at the issuer.</summary>
    public string ClientId { get; init; } = string.Empty;

    /// <summary>Its secret there; unset, it is a public client that proves itself by PKCE alone.</summary>
    public string? ClientSecret { get; init; }

    /// <summary>What is asked for, separated by spaces.</summary>
    public string Scopes { get; init; } = "openid profile email";

    /// <summary>The claim that becomes the login of somebody new; unset, <c>preferred_username</c> or else <c>email</c>.</summary>
    public string? LoginClaim { get; init; }

    /// <summary>The claim that people are greeted with.</summary>
    public string NameClaim { get; init; } = "name";

    /// <summary>The claim that lists the groups.</summary>
    public string GroupsClaim { get; init; } = "groups";

    /// <summary>What groups may do: <c>group=role</c>, separated by <c>;</c>. Of several the highest counts.</summary>
    public string Roles { get; init; } = string.Empty;

    /// <summary>In which teams groups are: <c>group=team</c>, separated by <c>;</c>.</summary>
    public string Teams { get; init; } = string.Empty;

    /// <summary>The role of people whose groups have none; unset, they may not sign in.</summary>
    public Role? DefaultRole { get; init; }

    /// <summary>Whether people can sign in so.</summary>
    public bool IsEnabled => Authority.Length > 0;

    /// <summary>Whether the issuer is on this machine, where TLS adds nothing.</summary>
    public bool IsOnThisMachine => Uri.TryCreate(Authority, UriKind.Absolute, out var url) && url.IsLoopback;

    /// <summary>The role of somebody in these groups; null: they may not sign in.</summary>
    public Role? RoleOf(IReadOnlyCollection<string> groups)
    {
        var roles = Pairs(Roles).Where(pair => groups.Contains(pair.Group, StringComparer.Ordinal)).Select(pair => ParseRole(pair.Value)).ToList();
        return roles.Count > 0 ? roles.Max() : DefaultRole;
    }

    /// <summary>The teams of somebody in these groups.</summary>
    public IEnumerable<TeamName> TeamsOf(IReadOnlyCollection<string> groups) =>
        Pairs(Teams).Where(pair => groups.Contains(pair.Group, StringComparer.Ordinal)).Select(pair => TeamName.Parse(pair.Value)).Distinct();

    /// <summary>All teams whose members the groups decide.</summary>
    public IEnumerable<TeamName> MappedTeams => Pairs(Teams).Select(pair => TeamName.Parse(pair.Value)).Distinct();

    /// <summary>Anything wrong is a <see cref="SettingsException"/>.</summary>
    public void Check()
    {
        if (!IsEnabled)
        {
            if (ClientId.Length > 0)
            {
                throw new SettingsException($"{Prefix}:Authority is not set: the URL of the identity provider that knows the client `{ClientId}`");
            }

            return;
        }

        if (!Uri.TryCreate(Authority, UriKind.Absolute, out var url) || !(url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && url.IsLoopback)))
        {
            throw new SettingsException($"{Prefix}:Authority `{Authority}` is not an https URL (http only on this machine)");
        }

        if (ClientId.Length == 0)
        {
            throw new SettingsException($"{Prefix}:ClientId is not set: the registry's name at the identity provider");
        }

        if (!Scopes.Split(' ').Contains("openid", StringComparer.Ordinal))
        {
            throw new SettingsException($"{Prefix}:Scopes must contain `openid`");
        }

        foreach (var (group, role) in Pairs(Roles))
        {
            if (!Enum.GetNames<Role>().Contains(role, StringComparer.OrdinalIgnoreCase))
            {
                throw new SettingsException($"{Prefix}:Roles gives `{group}` the role `{role}`, which is none of {string.Join(", ", Enum.GetNames<Role>()).ToLowerInvariant()}");
            }
        }

        foreach (var (group, team) in Pairs(Teams))
        {
            if (!TeamName.TryParse(team, out _))
            {
                throw new SettingsException($"{Prefix}:Teams puts `{group}` into `{team}`, which is not a team's name");
            }
        }

        if (Roles.Length == 0 && DefaultRole is null)
        {
            throw new SettingsException($"{Prefix}:Roles and {Prefix}:DefaultRole are not set: nobody could sign in");
        }
    }

    private static Role ParseRole(string role) => Enum.Parse<Role>(role, ignoreCase: true);

    // A group may contain `=`, as distinguished names do; a role or a team does not.
    private static IEnumerable<(string Group, string Value)> Pairs(string map)
    {
        foreach (var pair in map.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var at = pair.LastIndexOf('=');
            yield return at > 0
                ? (pair[..at].Trim(), pair[(at + 1)..].Trim())
                : throw new SettingsException($"`{pair}` in {Prefix} is not group=role or group=team");
        }
    }
}
