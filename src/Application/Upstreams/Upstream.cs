using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;

namespace Raktar.Application.Upstreams;

/// <summary>A registry that this one mirrors, as the settings describe it.</summary>
public sealed record Upstream
{
    /// <summary>Its name here, and the first part of every address under which it is served.</summary>
    public required string Name { get; init; }

    /// <summary>Where its index is, with a slash at the end.</summary>
    public required Uri Index { get; init; }

    /// <summary>What it is asked with; null: nothing. It goes to the host of <see cref="Index"/> alone.</summary>
    public string? Token { get; init; }

    /// <summary>Hosts besides that of <see cref="Index"/> that may be asked, as <c>host</c> or <c>host:port</c>: those of crate files.</summary>
    public IReadOnlyList<string> AllowedHosts { get; init; } = [];

    /// <summary>Whether its hosts may have addresses that are not of the open Internet.</summary>
    public bool PrivateAddresses { get; init; }

    /// <summary>What every connection to it goes through; null: none.</summary>
    public Uri? Proxy { get; init; }

    /// <summary>Whether it is not asked at all: only what is kept is served.</summary>
    public bool Offline { get; init; }

    /// <summary>Names that it is never asked for, so that it does not learn them.</summary>
    public IReadOnlyList<CratePattern> Internal { get; init; } = [];

    /// <summary>Whom its operators can write to, for the user agent.</summary>
    public string? Contact { get; init; }

    /// <summary>How long an answer may take. Cargo gives up after 30 seconds.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether it is on this machine, where TLS adds nothing.</summary>
    public bool IsOnThisMachine => Index.IsLoopback;

    /// <summary>Whether a crate's name must not leave the house.</summary>
    public bool IsInternal(CrateName crate) => Internal.Any(pattern => pattern.Covers(crate));

    /// <summary>Whether an address may be asked that it named: by its host, and never without TLS but on this machine.</summary>
    public bool MayAsk(Uri address) =>
        address.UserInfo.Length == 0
        && (address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && IsOnThisMachine && address.IsLoopback))
        && (IsAtIndex(address)
            || AllowedHosts.Any(host => host.Equals(address.IsDefaultPort ? address.IdnHost : address.Authority, StringComparison.OrdinalIgnoreCase)));

    /// <summary>Whether an address is where the index is, and so may be told the token.</summary>
    public bool IsAtIndex(Uri address) => Uri.Compare(address, Index, UriComponents.SchemeAndServer, UriFormat.UriEscaped, StringComparison.OrdinalIgnoreCase) == 0;

    /// <summary>The name alone: the token is nobody's to read.</summary>
    public override string ToString() => Name;
}
