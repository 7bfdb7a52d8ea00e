using System.Text.Json;
using System.Text.Json.Serialization;
using Raktar.Domain;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;

namespace Raktar.Application.Crates;

/// <summary>
/// What a crate's page and the metadata API show: the crate, its owners, and its versions. <paramref name="History"/> has those too that were deleted, which
/// is for folding on; nobody is shown them. <paramref name="IsRestricted"/> is as the view knows it; see <see cref="GuardedCrates.Shows"/>.
/// </summary>
public sealed record CrateDetails(
    CrateName Name, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, ValueList<Owner> Owners, ValueList<VersionDetails> History, bool IsRestricted = false)
{
    /// <summary>The versions that there are, in the order of publication; none when all were deleted.</summary>
    [JsonIgnore]
    public ValueList<VersionDetails> Versions => History.Any(v => v.IsDeleted) ? History.Where(v => !v.IsDeleted).ToValueList() : History;

    /// <summary>Whether <paramref name="by"/> owns it, alone or through a team.</summary>
    public bool IsOwnedBy(Identity by) => Owners.Any(owner => owner.Is(by));

    /// <summary>The kind of the documents.</summary>
    public const string Kind = "crate";

    /// <summary>Reads a stored document.</summary>
    public static CrateDetails Parse(ReadOnlyMemory<byte> body) => JsonSerializer.Deserialize(body.Span, StateJson.Default.CrateDetails)!;

    /// <summary>The form that is stored.</summary>
    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, StateJson.Default.CrateDetails);

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
    Package Package,
    bool IsDeleted = false);
