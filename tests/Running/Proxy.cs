using System.Globalization;
using System.Net.Sockets;
using System.Reflection;
using System.Text.RegularExpressions;

namespace Raktar.Running;

/// <summary>
/// A real proxy in front of a registry, with a configuration as docs/behind-a-proxy.md prints it: only names, ports and files are this run's.
/// </summary>
internal static partial class Proxy
{
    private static readonly string Page = File.ReadAllText(
        typeof(Proxy).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(metadata => metadata.Key == "Raktar.Docs").Value! + "/behind-a-proxy.md");

    /// <summary>Starts one that listens on <paramref name="port"/> for <c>localhost</c>, under a path or not.</summary>
    public static ServerProcess Start(string proxy, bool underPath, int port, string registry)
    {
        var text = Printed(proxy, underPath)
            .Replace("443", port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("127.0.0.1:7878", new Uri(registry).Authority, StringComparison.Ordinal);
        var domain = underPath ? "example.com" : "crates.example.com";
        text = text.Replace($"/etc/ssl/{domain}.pem", Certificates.Certificate, StringComparison.Ordinal)
            .Replace($"/etc/ssl/{domain}.key", Certificates.Key, StringComparison.Ordinal)
            .Replace(domain, "localhost", StringComparison.Ordinal);
        if (!Socket.OSSupportsIPv6)
        {
            text = IPv6().Replace(text, string.Empty);
        }

        var folder = Scratch.Folder(proxy);
        return proxy switch
        {
            "nginx" => Nginx(folder, text),
            "apache" => Apache(folder, text, port),
            _ => Caddy(folder, text, port),
        };
    }

    private static string Printed(string proxy, bool underPath)
    {
        var printed = Blocks().Matches(Page).Where(block => block.Groups["language"].Value == proxy).ToList();
        Assert.Equal(2, printed.Count);
        return printed[underPath ? 1 : 0].Groups["text"].Value;
    }

    // What Debian's nginx.conf says around the files in conf.d; temporary files of this run's.
    private static ServerProcess Nginx(string folder, string text)
    {
        var paths = string.Concat(new[] { "client_body", "proxy", "fastcgi", "uwsgi", "scgi" }.Select(kind => $"{kind}_temp_path {folder}/{kind};\n"));
        var main = Write(folder, "nginx.conf", $$"""
            daemon off;
            {{(Environment.UserName == "root" ? "user root;" : string.Empty)}}
            pid {{folder}}/pid;
            error_log stderr;
            events {}
            http {
            access_log off;
            {{paths}}
            include {{Write(folder, "raktar.conf", text)}};
            }
            """);
        return new(["-e", "stderr", "-c", main, "-p", folder], [], "/usr/sbin/nginx");
    }

    // The modules that Debian's Apache has from the start, and those that the page says to add.
    private static ServerProcess Apache(string folder, string text, int port)
    {
        string[] modules = ["mpm_event", "authz_core", "alias", "reqtimeout", "socache_shmcb", .. Modules().Match(Page).Groups["names"].Value.Split(' ')];
        var load = string.Concat(modules.Select(module => $"LoadModule {module}_module /usr/lib/apache2/modules/mod_{module}.so\n"));
        var main = Write(folder, "apache.conf", string.Create(CultureInfo.InvariantCulture, $"""
            ServerRoot {folder}
            DefaultRuntimeDir {folder}
            PidFile {folder}/pid
            ErrorLog /dev/stderr
            ServerName localhost
            {load}
            User www-data
            Group www-data
            Listen {port}
            Include {Write(folder, "raktar.conf", text)}
            """));
        return new(["-f", main, "-D", "FOREGROUND"], [], "/usr/sbin/apache2");
    }

    private static ServerProcess Caddy(string folder, string text, int port)
    {
        var main = Write(folder, "Caddyfile", string.Create(CultureInfo.InvariantCulture, $$"""
            {
            	admin off
            	auto_https disable_redirects
            	https_port {{port}}
            }
            {{text}}
            """));
        return new(
            ["run", "--config", main, "--adapter", "caddyfile"], [("HOME", folder), ("XDG_DATA_HOME", folder), ("XDG_CONFIG_HOME", folder)], "/usr/bin/caddy");
    }

    private static string Write(string folder, string name, string text)
    {
        var file = Path.Combine(folder, name);
        File.WriteAllText(file, text);
        return file;
    }

    [GeneratedRegex("^```(?<language>[a-z]+)\n(?<text>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Blocks();

    [GeneratedRegex("^ *listen \\[::\\].*\n", RegexOptions.Multiline | RegexOptions.NonBacktracking)]
    private static partial Regex IPv6();

    [GeneratedRegex("`a2enmod (?<names>[a-z0-9_ ]+)`", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Modules();
}
