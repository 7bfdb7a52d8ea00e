using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;

namespace Raktar.Application.Events;

/// <summary>The name of one stream of facts: <c>crate/{canonical name}</c> or <c>account/{login}</c>.</summary>
public readonly record struct StreamName
{
    private StreamName(string kind, string key) => (Kind, Key) = (kind, key);

    /// <summary>What the stream is about: <see cref="CrateKind"/> or <see cref="AccountKind"/>.</summary>
    public string Kind { get; }

    /// <summary>Which one: the canonical crate name, or the login.</summary>
    public string Key { get; }

    /// <summary>The kind of crate streams.</summary>
    public const string CrateKind = "crate";

    /// <summary>The kind of account streams.</summary>
    public const string AccountKind = "account";

    /// <summary>The stream of a crate; all spellings of a name share it.</summary>
    public static StreamName Of(CrateName crate) => new(CrateKind, crate.Canonical);

    /// <summary>The stream of an account.</summary>
    public static StreamName Of(Login login) => new(AccountKind, login.Text);

    /// <summary>Reads a stored name.</summary>
    public static StreamName Parse(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 ? new(text[..slash], text[(slash + 1)..]) : throw new FormatException($"`{text}` is not a stream name");
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Kind}/{Key}";
}
