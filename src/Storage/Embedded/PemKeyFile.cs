using System.Security.Cryptography;
using System.Text;
using Raktar.Application.Ports;

namespace Raktar.Storage.Embedded;

/// <summary>The signing key in a PEM file, made on first use and readable by its owner only (mode 0600).</summary>
public sealed class PemKeyFile(string path) : ISigningKey, IDisposable
{
    private readonly Lock _making = new();
    private ECDsa? _key;

    /// <inheritdoc/>
    public ValueTask<byte[]> PublicKey(CancellationToken cancellationToken) => new(Key().ExportSubjectPublicKeyInfo());

    /// <inheritdoc/>
    public Task<byte[]> Sign(ReadOnlyMemory<byte> statement, CancellationToken cancellationToken)
    {
        lock (_making)
        {
            return Task.FromResult(Key().SignData(statement.Span, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _key?.Dispose();

    private ECDsa Key()
    {
        lock (_making)
        {
            try
            {
                return _key ??= File.Exists(path) ? Read() : Make();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
            {
                throw new StoreUnavailableException("signing key", e);
            }
        }
    }

    private ECDsa Read()
    {
        var key = ECDsa.Create();
        key.ImportFromPem(File.ReadAllText(path));
        return key.KeySize == 256 ? key : throw new CryptographicException($"{path} holds no key on P-256");
    }

    private ECDsa Make()
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var file = new FileStream(path, options);
        file.Write(Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem() + "\n"));
        file.Flush(flushToDisk: true);
        return key;
    }
}
