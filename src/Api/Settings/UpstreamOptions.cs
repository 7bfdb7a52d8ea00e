using System.Globalization;
using Raktar.Application.Upstreams;
using Raktar.Domain.Accounts;

namespace Raktar.Api.Settings;

/// <summary>A registry to mirror (<c>Raktar:Upstreams:0:*</c>, <c>Raktar:Upstreams:1:*</c>, ...).</summary>
public sealed record UpstreamOptions
{
    private const string CratesIo = "https://index.crates.io/";
    private const string CratesIoFiles = "static.crates.io";
    private const int MaxNameLength = 40;

    /// <summary>What addresses begin with besides the names of upstreams.</summary>
    internal static readonly string[] Taken =
        ["admin", "api", "assets", "at", "audit", "config.json", "crates", "dl", "events", "health", "login", "logout", "me", "proofs", "search", "upstreams"];

    /// <summary>Its name here: what its address begins with.</summary>
    public string Name { get; init; } = string.Empty;

    /// <summary>Where its sparse index is, as cargo knows it; <c>sparse+</c> in front may be left out.</summary>
    public string Url { get; init; } = CratesIo;

    /// <summary>What it wants in the header <c>Authorization</c>; it belongs into the environment.</summary>
    public string? Token { get; init; }

    /// <summary>Hosts besides its own that it may send for crate files, as <c>host</c> or <c>host:port</c>.</summary>
    public IReadOnlyList<string> AllowedHosts { get; init; } = [];

    /// <summary>Whether its hosts may be in the network that the registry stands in.</summary>
    public bool PrivateAddresses { get; init; }

    /// <summary>A proxy on the way to it.</summary>
    public string? Proxy { get; init; }

    /// <summary>Whether only what is kept of it is served, and it is not asked.</summary>
    public bool Offline { get; init; }

    /// <summary>Names, or beginnings of names (<c>acme-*</c>), that it is never asked for.</summary>
    public IReadOnlyList<string> Internal { get; init; } = [];

    /// <summary>An address of mail or a page of whoever runs this registry: crates.io's policy asks for one.</summary>
    public string? Contact { get; init; }

    /// <summary>How many seconds an answer may take.</summary>
    public int TimeoutSeconds { get; init; } = 10;

    /// <summary>Checks all of them; anything wrong is a <see cref="SettingsException"/>.</summary>
    internal static IReadOnlyList<Upstream> Read(IReadOnlyList<UpstreamOptions> all)
    {
        var upstreams = all.Select((options, at) => options.Read(string.Create(CultureInfo.InvariantCulture, $"Raktar:Upstreams:{at}"))).ToList();
        return upstreams.GroupBy(upstream => upstream.Name, StringComparer.Ordinal).FirstOrDefault(same => same.Skip(1).Any()) is { Key: var twice }
            ? throw new SettingsException($"Raktar:Upstreams has `{twice}` twice")
            : upstreams;
    }

    private Upstream Read(string setting)
    {
        // Shorter ones look like the folders of an index.
        if (Name.Length is < 3 or > MaxNameLength || !char.IsAsciiLetterLower(Name[0]) || !Name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'))
        {
            throw new SettingsException($"{setting}:Name `{Name}` must have 3 to {MaxNameLength} lower-case letters, digits and `-`, a letter first");
        }

        if (Taken.Contains(Name, StringComparer.Ordinal))
        {
            throw new SettingsException($"{setting}:Name `{Name}` is taken: other addresses of the registry begin so");
        }

        if (TimeoutSeconds is < 1 or > 20)
        {
            throw new SettingsException($"{setting}:TimeoutSeconds must be 1 to 20: cargo gives up after 30");
        }

        if (Token is { } token && (token.Length == 0 || !token.All(c => c is >= ' ' and < '\x7f')))
        {
            throw new SettingsException($"{setting}:Token must have printable ASCII characters");
        }

        if (Contact is { } contact && !contact.All(c => c is > ' ' and < '\x7f' and not ('(' or ')')))
        {
            throw new SettingsException($"{setting}:Contact must be an address of mail or a page, without blanks and parentheses");
        }

        var index = IndexUrl(setting);
        return new()
        {
            Name = Name,
            Index = index,
            Token = Token,
            AllowedHosts = [.. AllowedHosts.Select((host, at) => Host(host, string.Create(CultureInfo.InvariantCulture, $"{setting}:AllowedHosts:{at}"))),
                .. index.AbsoluteUri == CratesIo ? [CratesIoFiles] : Array.Empty<string>()],
            PrivateAddresses = PrivateAddresses,
            Proxy = ProxyUrl(setting),
            Offline = Offline,
            Internal = [.. Internal.Select((text, at) => CratePattern.TryParse(text, out var pattern)
                ? pattern
                : throw new SettingsException($"{setting}:Internal:{at.ToString(CultureInfo.InvariantCulture)} `{text}` is no name of a crate, nor the beginning of one and `*`"))],
            Contact = Contact,
            Timeout = TimeSpan.FromSeconds(TimeoutSeconds),
        };
    }

    private Uri IndexUrl(string setting)
    {
        var text = Url.StartsWith("sparse+", StringComparison.Ordinal) ? Url["sparse+".Length..] : Url;
        return Uri.TryCreate(text.EndsWith('/') ? text : $"{text}/", UriKind.Absolute, out var url)
            && url is { Query: "", Fragment: "", UserInfo: "" }
            && (url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && url.IsLoopback))
                ? url
                : throw new SettingsException($"{setting}:Url `{Url}` is not the https URL of a sparse index (http only on this machine)");
    }

    private Uri? ProxyUrl(string setting) => Proxy is not { Length: > 0 } ? null
        : Uri.TryCreate(Proxy, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" ? url
        : throw new SettingsException($"{setting}:Proxy is not an http or https URL");

    private static string Host(string host, string setting) =>
        Uri.TryCreate($"https://{host}", UriKind.Absolute, out var url) && url is { AbsolutePath: "/", Query: "", UserInfo: "" } && !host.Contains('/', StringComparison.Ordinal)
            ? url.IsDefaultPort ? url.IdnHost : url.Authority
            : throw new SettingsException($"{setting} `{host}` is not the name of a host, such as static.crates.io");
}
