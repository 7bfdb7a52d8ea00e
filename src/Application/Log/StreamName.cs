using Raktar.Domain;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;

namespace Raktar.Application.Log;

/// <summary>
/// The name of one stream of facts: <c>crate/{canonical name}</c>, <c>account/{login}</c>, <c>team/{name}</c>, <c>ci-token/{hash}</c> or
/// <see cref="Checkpoints"/>.
/// </summary>
public readonly record struct StreamName
{
    private StreamName(string kind, string key) => (Kind, Key) = (kind, key);

    /// <summary>
    /// What the stream is about: <see cref="CrateKind"/>, <see cref="AccountKind"/>, <see cref="TeamKind"/>, <see cref="CiTokenKind"/> or
    /// <see cref="RegistryKind"/>.
    /// </summary>
    public string Kind { get; }

    /// <summary>Which one: the canonical crate name, the login, the team's name, or the hash that names the identity token.</summary>
    public string Key { get; }

    /// <summary>The kind of crate streams.</summary>
    public const string CrateKind = "crate";

    /// <summary>The kind of account streams.</summary>
    public const string AccountKind = "account";

    /// <summary>The kind of team streams.</summary>
    public const string TeamKind = "team";

    /// <summary>The kind of what concerns the registry as a whole.</summary>
    public const string RegistryKind = "registry";

    /// <summary>The stream of the checkpoints, which sum up all others.</summary>
    public static StreamName Checkpoints { get; } = new(RegistryKind, "checkpoints");

    /// <summary>The kind of the streams of tokens that identity tokens were exchanged for.</summary>
    public const string CiTokenKind = "ci-token";

    /// <summary>The stream of a crate; all spellings of a name share it.</summary>
    public static StreamName Of(CrateName crate) => new(CrateKind, crate.Canonical);

    /// <summary>The stream of an account.</summary>
    public static StreamName Of(Login login) => new(AccountKind, login.Text);

    /// <summary>The stream of a team.</summary>
    public static StreamName Of(TeamName team) => new(TeamKind, team.Text);

    /// <summary>The stream of the one token that an identity token is good for; <paramref name="identityToken"/> is the hash of its issuer and id.</summary>
    public static StreamName OfCiToken(Checksum identityToken) => new(CiTokenKind, identityToken.Hex);

    /// <summary>Reads a stored name.</summary>
    public static StreamName Parse(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 ? new(text[..slash], text[(slash + 1)..]) : throw new FormatException($"`{text}` is not a stream name");
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Kind}/{Key}";
}
