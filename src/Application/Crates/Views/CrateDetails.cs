using System.Buffers.Binary;
using System.Text.Json;
using Raktar.Domain;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;

namespace Raktar.Application.Crates.Views;

/// <summary>
/// What a crate's page and the metadata API show: the crate, its owners, and its versions. <paramref name="History"/> has those too that were deleted, without
/// their packages, which is for folding on; nobody is shown them. <paramref name="IsRestricted"/> is as the view knows it; see
/// <see cref="GuardedCrates.Shows"/>.
/// </summary>
public sealed record CrateDetails(
    CrateName Name, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, ValueList<Owner> Owners, ValueList<VersionDetails> History, bool IsRestricted = false)
{
    /// <summary>The versions that there are, in the order of publication; none when all were deleted.</summary>
    public ValueList<VersionDetails> Versions => History.Any(v => v.IsDeleted) ? History.Where(v => !v.IsDeleted).ToValueList() : History;

    /// <summary>Whether <paramref name="by"/> owns it, alone or through a team.</summary>
    public bool IsOwnedBy(Identity by) => Owners.Any(owner => owner.Is(by));

    /// <summary>The kind of the documents.</summary>
    public const string Kind = "crate";

    /// <summary>Reads a stored document; packages stay packed in it.</summary>
    public static CrateDetails Parse(ReadOnlyMemory<byte> body)
    {
        var length = BinaryPrimitives.ReadInt32LittleEndian(body.Span);
        var stored = JsonSerializer.Deserialize(body.Span.Slice(4, length), ViewJson.Default.StoredDetails)!;
        var rest = body[(4 + length)..];
        var history = new List<VersionDetails>(stored.Versions.Count);
        foreach (var v in stored.Versions)
        {
            var packed = new PackedPackage(rest[..v.PackageBytes]);
            rest = rest[v.PackageBytes..];
            history.Add(new(v.Version, v.Checksum, v.Size, v.Publisher, v.PublishedAt, v.UpdatedAt, v.Yanked, v.YankReason, packed, v.IsDeleted));
        }

        return new(stored.Name, stored.CreatedAt, stored.UpdatedAt, stored.Owners, history.ToValueList(), stored.IsRestricted);
    }

    /// <summary>The form that is stored: JSON without the packages, after its length (32 bits, little endian), then the packages.</summary>
    public byte[] ToBytes()
    {
        var versions = History.Select(v => new StoredVersion(
            v.Version, v.Checksum, v.Size, v.Publisher, v.PublishedAt, v.UpdatedAt, v.Yanked, v.YankReason, v.Packed.Bytes.Length, v.IsDeleted));
        var json = JsonSerializer.SerializeToUtf8Bytes(new(Name, CreatedAt, UpdatedAt, Owners, versions.ToValueList(), IsRestricted), ViewJson.Default.StoredDetails);
        var bytes = new byte[4 + json.Length + History.Sum(v => v.Packed.Bytes.Length)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, json.Length);
        json.CopyTo(bytes, 4);
        var rest = bytes.AsSpan(4 + json.Length);
        foreach (var version in History)
        {
            version.Packed.Bytes.Span.CopyTo(rest);
            rest = rest[version.Packed.Bytes.Length..];
        }

        return bytes;
    }

    /// <summary>The version with exactly this text, or null.</summary>
    public VersionDetails? Find(SemVersion version) =>
        Versions.FirstOrDefault(v => v.Version == version && string.Equals(v.Version.Build, version.Build, StringComparison.Ordinal));
}

/// <summary>A version in the order of publication: when, by whom, how large (bytes), whether yanked and why, its manifest, and whether it was deleted.</summary>
public sealed record VersionDetails(
    SemVersion Version,
    Checksum Checksum,
    long Size,
    Login Publisher,
    DateTimeOffset PublishedAt,
    DateTimeOffset UpdatedAt,
    bool Yanked,
    string? YankReason,
    PackedPackage Packed,
    bool IsDeleted = false)
{
    /// <summary>What its manifest says.</summary>
    public Package Package => Packed.Read();
}

/// <summary>Crate details as stored, but for the packages, which follow.</summary>
internal sealed record StoredDetails(
    CrateName Name, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, ValueList<Owner> Owners, ValueList<StoredVersion> Versions, bool IsRestricted = false);

/// <summary>A version in them, with the length of its package.</summary>
internal sealed record StoredVersion(
    SemVersion Version,
    Checksum Checksum,
    long Size,
    Login Publisher,
    DateTimeOffset PublishedAt,
    DateTimeOffset UpdatedAt,
    bool Yanked,
    string? YankReason,
    int PackageBytes,
    bool IsDeleted);
