using System.Globalization;

namespace Raktar.Api.Settings;

/// <summary>Under which address clients reach the registry, from the settings.</summary>
internal static class PublicAddress
{
    /// <summary>The public URL, without a slash at the end and in ASCII; anything wrong is a <see cref="SettingsException"/>.</summary>
    public static string Of(string configured, string urls)
    {
        var addresses = Addresses(urls);
        if (configured.Length == 0)
        {
            // A wildcard is no address that a client can use; a registry for others than this machine sets PublicUrl.
            var first = addresses[0];
            configured = IsWildcard(first)
                ? string.Create(CultureInfo.InvariantCulture, $"{first.Scheme}://localhost:{first.Port}{first.PathBase}")
                : first.ToString();
        }

        if (!Uri.TryCreate(configured, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https")
            || url.Query.Length > 0 || url.Fragment.Length > 0 || url.UserInfo.Length > 0)
        {
            throw new SettingsException($"Raktar:PublicUrl `{configured}` is not an http or https URL");
        }

        if (url.Port == 0)
        {
            throw new SettingsException("port 0 needs Raktar:PublicUrl: clients must know the address");
        }

        if (url.AbsolutePath.TrimEnd('/').EndsWith(".git", StringComparison.OrdinalIgnoreCase))
        {
            throw new SettingsException(
                "Raktar:PublicUrl must not end in .git: cargo up to 1.95 sends its token to the address without it");
        }

        // Headers are ASCII, and clients look the host up under this name anyway (https://www.rfc-editor.org/rfc/rfc5891).
        var host = AsciiHost(url) ?? throw new SettingsException($"Raktar:PublicUrl `{configured}` has a host that is no name");
        return new UriBuilder(url) { Host = host }.Uri.GetLeftPart(UriPartial.Path).TrimEnd('/');
    }

    /// <summary>
    /// What to tell the operator of a registry that others can reach but that gives them an address for this machine alone; null: nothing.
    /// </summary>
    public static string? Warning(string configured, string urls) =>
        configured.Length == 0 && Addresses(urls).Find(IsWildcard) is { } open
            ? $"It listens on {open} for other machines too, and Raktar:PublicUrl is not set: what it gives to clients begins with "
                + $"{Of(configured, urls)}, which leads them to themselves. Set Raktar:PublicUrl to the address that they use"
            : null;

    /// <summary>Names of hosts as requests have them; one that is no name is a <see cref="SettingsException"/>.</summary>
    public static IReadOnlyList<string> Hosts(IReadOnlyList<string> configured) => [.. configured.Select(Host)];

    private static string Host(string host, int at) =>
        Uri.TryCreate($"http://{host}", UriKind.Absolute, out var url)
        && url is { AbsolutePath: "/", IsDefaultPort: true, Query: "", UserInfo: "" } && !host.Contains('/', StringComparison.Ordinal)
        && AsciiHost(url) is { } name
            ? name
            : throw new SettingsException(string.Create(
                CultureInfo.InvariantCulture, $"Raktar:Hosts:{at} `{host}` is not the name of a host, such as crates.example.com"));

    private static List<BindingAddress> Addresses(string urls)
    {
        var all = urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return all.Length > 0
            ? [.. all.Select(Address)]
            : throw new SettingsException("no address to listen on: give --urls http://127.0.0.1:7878");
    }

    private static BindingAddress Address(string url)
    {
        try
        {
            var address = BindingAddress.Parse(url);
            // What is no port is taken for part of the host.
            return address is { IsUnixPipe: false, IsNamedPipe: false, Host: [not '[', ..] } && address.Host.Contains(':', StringComparison.Ordinal)
                ? throw new FormatException()
                : address;
        }
        catch (FormatException)
        {
            throw new SettingsException($"`{url}` in --urls is no address to listen on, such as http://127.0.0.1:7878");
        }
    }

    private static bool IsWildcard(BindingAddress address) => address.Host is "0.0.0.0" or "[::]" or "*" or "+";

    private static string? AsciiHost(Uri url) => url.HostNameType != UriHostNameType.Dns ? url.Host
        : url.IdnHost is { Length: > 0 } host && host.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_') ? host
        : null;
}
