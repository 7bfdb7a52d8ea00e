using System.Text.Json;
using System.Text.Json.Serialization;
using Raktar.Application.Log;
using Raktar.Application.Proofs.Merkle;
using Raktar.Application.State;
using Raktar.Domain;
using Raktar.Domain.Crates;

namespace Raktar.Application.Proofs;

/// <summary>
/// Shows, to whoever trusts the key, that a commit is in the log that was signed: its bytes, the way to its stream's root, the stream's leaf, the way to the
/// registry's root, and the signed statement with that root. Nothing in it is left unchecked.
/// </summary>
public sealed record VersionProof
{
    /// <summary>What <see cref="Format"/> must be.</summary>
    public const string CurrentFormat = "raktar-proof-1";

    /// <summary>Which form of proof it is.</summary>
    public required string Format { get; init; }

    /// <summary>The commit's canonical bytes, in base64.</summary>
    public required string Commit { get; init; }

    /// <summary>Which commit of its stream it is, from 0.</summary>
    public required long CommitIndex { get; init; }

    /// <summary>From the commit to the stream's root, from below.</summary>
    public required IReadOnlyList<string> StreamPath { get; init; }

    /// <summary>The stream's leaf, see <see cref="StreamLeaf.Line"/>.</summary>
    public required string Leaf { get; init; }

    /// <summary>Which leaf it is, from 0.</summary>
    public required long LeafIndex { get; init; }

    /// <summary>From the leaf to the registry's root, from below.</summary>
    public required IReadOnlyList<string> RegistryPath { get; init; }

    /// <summary>The signed statement.</summary>
    public required string Checkpoint { get; init; }

    /// <summary>The key that is in the statement, in PEM for other tools. Whose it is, the reader must know.</summary>
    public required string PublicKey { get; init; }

    /// <summary>The proof of a commit, which is in the stream at <paramref name="index"/> and among those that <paramref name="checkpoint"/> signed.</summary>
    public static VersionProof Of(CheckpointTree checkpoint, ReadOnlyMemory<byte> commit, int index, IReadOnlyList<Checksum> commits)
    {
        var (leaf, place) = checkpoint.Find(EventCodec.Read(commit).Stream)!.Value;
        var tree = new MerkleTree(commits.Take((int)leaf.Commits).Select(MerkleTree.Leaf));
        return tree.Root != leaf.Root
            ? throw new InvalidDataException($"{leaf.Stream} is not what checkpoint {checkpoint.Statement.Number} signed; see `raktar verify`")
            : new()
            {
                Format = CurrentFormat,
                Commit = Convert.ToBase64String(commit.Span),
                CommitIndex = index,
                StreamPath = [.. tree.Path(index).Select(hash => hash.Hex)],
                Leaf = leaf.Line,
                LeafIndex = place,
                RegistryPath = [.. checkpoint.Path(place).Select(hash => hash.Hex)],
                Checkpoint = checkpoint.Statement.Text,
                PublicKey = checkpoint.Statement.PublicKeyPem,
            };
    }

    /// <summary>Reads a proof; what is none is the refusal.</summary>
    public static Outcome<VersionProof> Read(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, ProofJson.Default.VersionProof) is { } proof ? proof : new InvalidInput("it is not a JSON object");
        }
        catch (JsonException e)
        {
            return new InvalidInput($"it is no proof: {e.Message}");
        }
    }

    /// <summary>As JSON.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, ProofJson.Default.VersionProof);

    /// <summary>Checks it all, with nothing but itself; <paramref name="keys"/> are the keys that the caller trusts (none: any will do).</summary>
    public Outcome<ProvenCommit> Check(IReadOnlyCollection<string> keys)
    {
        if (!string.Equals(Format, CurrentFormat, StringComparison.Ordinal))
        {
            return new InvalidInput($"its format is `{Format}`, not `{CurrentFormat}`");
        }

        if (CheckpointStatement.Find(Checkpoint) is not { } statement)
        {
            return new InvalidInput("its checkpoint is no statement");
        }

        if (!statement.IsSigned())
        {
            return new InvalidInput("the checkpoint's signature is not its key's");
        }

        if (!string.Equals(PublicKey, statement.PublicKeyPem, StringComparison.Ordinal))
        {
            return new InvalidInput("its public key is not the checkpoint's");
        }

        if (keys.Count > 0 && !keys.Contains(statement.Key, StringComparer.Ordinal))
        {
            return new InvalidInput($"the checkpoint is signed with another key, {statement.Fingerprint}");
        }

        if (StreamLeaf.Find(Leaf) is not { } leaf || Path(RegistryPath) is not { } registry
            || MerkleTree.RootFrom(leaf.Hash, LeafIndex, statement.Streams, registry) != statement.Root)
        {
            return new InvalidInput("its leaf does not lead to the checkpoint's root");
        }

        var bytes = new byte[Commit.Length];
        if (!Convert.TryFromBase64String(Commit, bytes, out var length) || !string.Equals(Convert.ToBase64String(bytes, 0, length), Commit, StringComparison.Ordinal)
            || Path(StreamPath) is not { } stream)
        {
            return new InvalidInput("its commit or the path from there cannot be read");
        }

        var hash = Checksum.Of(bytes.AsSpan(0, length));
        return MerkleTree.RootFrom(MerkleTree.Leaf(hash), CommitIndex, leaf.Commits, stream) != leaf.Root
            ? new InvalidInput("its commit does not lead to the leaf's root")
            : Read(bytes.AsMemory(0, length), hash, leaf, statement);
    }

    private static Outcome<ProvenCommit> Read(ReadOnlyMemory<byte> bytes, Checksum hash, StreamLeaf leaf, CheckpointStatement statement)
    {
        try
        {
            var commit = EventCodec.Read(bytes);
            return commit.Stream == leaf.Stream
                ? new ProvenCommit(new RecordedCommit(commit, hash), statement)
                : new InvalidInput($"its commit is of {commit.Stream}, its leaf of {leaf.Stream}");
        }
        catch (FormatException e)
        {
            return new InvalidInput($"its commit cannot be read: {e.Message}");
        }
    }

    private static List<Checksum>? Path(IReadOnlyList<string> path) =>
        path.All(hash => Checksum.TryParse(hash, out _)) ? [.. path.Select(Checksum.Parse)] : null;
}

/// <summary>What a proof proves: that this commit was in the log when that was signed.</summary>
public sealed record ProvenCommit(RecordedCommit Recorded, CheckpointStatement Checkpoint)
{
    /// <summary>The versions that it published.</summary>
    public IEnumerable<VersionPublished> Published => Recorded.Commit.Events.OfType<VersionPublished>();
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, RespectNullableAnnotations = true, WriteIndented = true)]
[JsonSerializable(typeof(VersionProof))]
internal sealed partial class ProofJson : JsonSerializerContext;
