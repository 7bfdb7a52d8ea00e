namespace Raktar.Domain.Registry;

/// <summary>Facts about the registry as a whole, in its stream <c>registry/checkpoints</c>.</summary>
public abstract record RegistryEvent : DomainEvent
{
    private protected RegistryEvent()
    {
    }
}

/// <summary>
/// All streams were summed up and signed: <paramref name="Root"/> is the Merkle root over the leaves of <paramref name="Streams"/> streams with
/// <paramref name="Commits"/> commits in all, <paramref name="Previous"/> the hash of the checkpoint before (<see cref="Checksum.Zero"/> for the first),
/// <paramref name="Key"/> the public key (SubjectPublicKeyInfo) and <paramref name="Signature"/> its ECDSA signature (DER), both in base64.
/// <paramref name="File"/> is the checksum of the blob that holds the leaves. Checkpoints count from 1.
/// </summary>
public sealed record CheckpointMade(
    int Number, DateTimeOffset At, int Streams, long Commits, Checksum Root, Checksum Previous, string Key, string Signature, Checksum File) : RegistryEvent;

/// <summary>Somebody asked for a checkpoint where the key is out of reach; the function that has the key makes one.</summary>
public sealed record CheckpointRequested : RegistryEvent;
