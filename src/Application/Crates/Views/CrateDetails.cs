using System.Text.Json;
using Raktar.Application.Log;
using Raktar.Application.Ports;
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
    CrateName Name,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    ValueList<Owner> Owners,
    VersionRuns<VersionDetails> History,
    bool IsRestricted = false,
    Deprecation? Deprecation = null)
{
    /// <summary>The versions that there are, in the order of publication; none when all were deleted.</summary>
    public ValueList<VersionDetails> Versions => History.All.Any(v => v.IsDeleted) ? History.All.Where(v => !v.IsDeleted).ToValueList() : History.All;

    /// <summary>Whether <paramref name="by"/> owns it, alone or through a team.</summary>
    public bool IsOwnedBy(Requester by) => Owners.Any(owner => owner.Is(by));

    /// <summary>The kind of the documents.</summary>
    public const string Kind = "crate";

    /// <summary>Reads a stored document; packages stay packed in it.</summary>
    public static CrateDetails Parse(Document document)
    {
        var (json, last) = Sections.Split(document.Body);
        var stored = JsonSerializer.Deserialize(json.Span, ViewJson.Default.StoredDetails)!;
        var history = VersionRuns<VersionDetails>.Parse(stored.Runs, document.Parts, last, ParseRun);
        return new(stored.Name, stored.CreatedAt, stored.UpdatedAt, stored.Owners, history, stored.IsRestricted, stored.Deprecation);
    }

    /// <summary>
    /// The form that is stored: JSON after its length (32 bits, little endian), then the last run of versions; the others are <see cref="ToParts"/>. A run is JSON
    /// without the packages, after its length, then the packages.
    /// </summary>
    public byte[] ToBytes() => Sections.Join(
        JsonSerializer.SerializeToUtf8Bytes(
            new(Name, CreatedAt, UpdatedAt, Owners, History.Bytes.ToValueList(), IsRestricted, Deprecation), ViewJson.Default.StoredDetails),
        [History.Last(WriteRun)]);

    /// <summary>All runs of versions but the last.</summary>
    public IReadOnlyList<DocumentPart> ToParts() => History.Parts(WriteRun);

    /// <summary>The version with exactly this text, or null.</summary>
    public VersionDetails? Find(SemVersion version) =>
        Versions.FirstOrDefault(v => v.Version == version && string.Equals(v.Version.Build, version.Build, StringComparison.Ordinal));

    private static ValueList<VersionDetails> ParseRun(ReadOnlyMemory<byte> run)
    {
        var (json, rest) = Sections.Split(run);
        var versions = new List<VersionDetails>();
        foreach (var v in JsonSerializer.Deserialize(json.Span, ViewJson.Default.ValueListStoredVersion)!)
        {
            var packed = new PackedPackage(rest[..v.PackageBytes]);
            rest = rest[v.PackageBytes..];
            versions.Add(new(v.Version, v.Checksum, v.Size, v.Publisher, v.PublishedAt, v.UpdatedAt, v.Yanked, v.YankReason, packed, v.IsDeleted));
        }

        return versions.ToValueList();
    }

    private static byte[] WriteRun(ValueList<VersionDetails> run)
    {
        var versions = run.Select(v => new StoredVersion(
            v.Version, v.Checksum, v.Size, v.Publisher, v.PublishedAt, v.UpdatedAt, v.Yanked, v.YankReason, v.Packed.Bytes.Length, v.IsDeleted));
        return Sections.Join(JsonSerializer.SerializeToUtf8Bytes(versions.ToValueList(), ViewJson.Default.ValueListStoredVersion), run.Select(v => v.Packed.Bytes));
    }
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

/// <summary>Crate details as stored, but for the versions, which follow in runs of so many bytes of the log.</summary>
internal sealed record StoredDetails(
    CrateName Name,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    ValueList<Owner> Owners,
    ValueList<long> Runs,
    bool IsRestricted = false,
    Deprecation? Deprecation = null);

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
