using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Raktar.Running;

/// <summary>A certificate authority for this run, and the certificate of 127.0.0.1 that it signed.</summary>
internal static class Certificates
{
    private static readonly Lazy<(string Authority, string Certificate, string Key, X509Certificate2 Root)> Made = new(Make);

    /// <summary>The authority, as PEM: what clients must trust.</summary>
    public static string Authority => Made.Value.Authority;

    /// <summary>The server's certificate, as PEM.</summary>
    public static string Certificate => Made.Value.Certificate;

    /// <summary>The server's key, as PEM.</summary>
    public static string Key => Made.Value.Key;

    /// <summary>A handler that trusts this authority and nobody else.</summary>
    public static SocketsHttpHandler Trusting(int connections = int.MaxValue) => new()
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        MaxConnectionsPerServer = connections,
        EnableMultipleHttp2Connections = true,
        SslOptions =
        {
            CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                CustomTrustStore = { Made.Value.Root },
                RevocationMode = X509RevocationMode.NoCheck,
            },
        },
    };

    private static (string, string, string, X509Certificate2) Make()
    {
        var folder = Scratch.Folder("certificates");
        var now = TimeProvider.System.GetUtcNow();
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var authorityRequest = new CertificateRequest("CN=Throw-away authority", authorityKey, HashAlgorithmName.SHA256);
        authorityRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        authorityRequest.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        authorityRequest.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(authorityRequest.PublicKey, false));
        var authority = authorityRequest.CreateSelfSigned(now.AddHours(-1), now.AddDays(2));

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, true, false));
        using var certificate = request.Create(authority, now.AddHours(-1), now.AddDays(1), [1, 2, 3, 4]);

        var (authorityFile, certificateFile, keyFile) =
            (Path.Combine(folder, "ca.pem"), Path.Combine(folder, "server.pem"), Path.Combine(folder, "server.key"));
        File.WriteAllText(authorityFile, authority.ExportCertificatePem());
        File.WriteAllText(certificateFile, certificate.ExportCertificatePem());
        File.WriteAllText(keyFile, key.ExportPkcs8PrivateKeyPem());
        return (authorityFile, certificateFile, keyFile, X509CertificateLoader.LoadCertificate(authority.RawData));
    }
}
