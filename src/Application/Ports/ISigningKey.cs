namespace Raktar.Application.Ports;

/// <summary>
/// The key with which the registry signs its checkpoints: ECDSA on P-256 with SHA-256. A key that is out of reach: <see cref="StoreUnavailableException"/>.
/// </summary>
public interface ISigningKey
{
    /// <summary>The public key, as SubjectPublicKeyInfo (DER).</summary>
    ValueTask<byte[]> PublicKey(CancellationToken cancellationToken);

    /// <summary>The signature (DER) of a statement of at most 4096 bytes.</summary>
    Task<byte[]> Sign(ReadOnlyMemory<byte> statement, CancellationToken cancellationToken);
}
