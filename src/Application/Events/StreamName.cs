using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;

namespace Raktar.Application.Events;

/// <summary>The name of one stream of facts: <c>crate/{canonical name}</c>, <c>account/{login}</c> or <c>team/{name}</c>.</summary>
public readonly record struct StreamName
{
    private StreamName(string kind, string key) => (Kind, Key) = (kind, key);

    /// <summary>What the stream is about: <see cref="CrateKind"/>, <see cref="AccountKind"/> or <see cref="TeamKind"/>.</summary>
    public string Kind { get; }

    /// <summary>Which one: the canonical crate name, the login, or the team's name.</summary>
    public string Key { get; }

    /// <summary>The kind of crate streams.</summary>
    public const string CrateKind = "crate";

    /// <summary>The kind of account streams.</summary>
    public const string AccountKind = "account";

    /// <summary>The kind of team streams.</summary>
    public const string TeamKind = "team";

    /// <summary>The stream of a crate; all spellings of a name share it.</summary>
    public static StreamName Of(CrateName crate) => new(CrateKind, crate.Canonical);

    /// <summary>The stream of an account.</summary>
    public static StreamName Of(Login login) => new(AccountKind, login.Text);

    /// <summary>The stream of a team.</summary>
    public static StreamName Of(TeamName team) => new(TeamKind, team.Text);

    /// <summary>Reads a stored name.</summary>
    public static StreamName Parse(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 ? new(text[..slash], text[(slash + 1)..]) : throw new FormatException($"`{text}` is not a stream name");
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Kind}/{Key}";
}
