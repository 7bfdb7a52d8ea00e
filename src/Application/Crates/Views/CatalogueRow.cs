using System.Text.Json;
using Raktar.Application.Ports;
using Raktar.Domain;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;

namespace Raktar.Application.Crates.Views;

/// <summary>
/// What searches and listings know of a crate. The descriptive fields are those of the default version. Deleted versions do not count; where all were deleted
/// the row only says so, by a <paramref name="VersionCount"/> of 0. <paramref name="IsRestricted"/> is as the row knows it; see <see cref="GuardedCrates.Shows"/>.
/// </summary>
public sealed record CatalogueRow(
    CrateName Name,
    SemVersion DefaultVersion,
    SemVersion MaxVersion,
    SemVersion? MaxStableVersion,
    SemVersion NewestVersion,
    int VersionCount,
    bool Yanked,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    ValueList<Owner> Owners,
    CatalogueEntry Entry,
    bool IsRestricted = false,
    Deprecation? Deprecation = null)
{
    /// <summary>The kind of the documents.</summary>
    public const string Kind = "catalogue";

    /// <summary>The row with what the crate was at another time, as far as people are shown it.</summary>
    public CatalogueRow With(CrateDetails crate)
    {
        var offered = DefaultVersions.Of(crate.Versions, v => v.Version, v => v.Yanked);
        var package = offered.Default.Package;
        return new(
            Name,
            offered.Default.Version,
            offered.Max.Version,
            offered.MaxStable?.Version,
            (crate.Versions.LastOrDefault(v => !v.Yanked) ?? crate.Versions[^1]).Version,
            crate.Versions.Count,
            crate.Versions.All(v => v.Yanked),
            CreatedAt,
            crate.UpdatedAt,
            crate.Owners,
            Entry with
            {
                Description = package.Description,
                Homepage = package.Homepage,
                Documentation = package.Documentation,
                Repository = package.Repository,
                Keywords = package.Keywords,
                Categories = package.Categories,
            },
            IsRestricted,
            crate.Deprecation);
    }

    /// <summary>Reads the row of a stored document: its first line.</summary>
    public static CatalogueRow Parse(ReadOnlyMemory<byte> body) =>
        JsonSerializer.Deserialize(body.Span[..body.Span.IndexOf((byte)'\n')], ViewJson.Default.CatalogueRow)!;

    /// <summary>Reads the versions of a stored document: which runs there are is on its second line, behind which the last of them follows.</summary>
    public static VersionRuns<CatalogueVersion> ParseVersions(Document document)
    {
        var rest = document.Body[(document.Body.Span.IndexOf((byte)'\n') + 1)..];
        var end = rest.Span.IndexOf((byte)'\n');
        var runs = JsonSerializer.Deserialize(rest.Span[..end], ViewJson.Default.ValueListInt64)!;
        return VersionRuns<CatalogueVersion>.Parse(runs, document.Parts, rest[(end + 1)..], ParseRun);
    }

    /// <summary>
    /// The form that is stored: the row on a line of its own, so that searches need not read what follows, then every version, so that a yank can
    /// make another one the default; those that are not in the last run are <see cref="ToParts"/>.
    /// </summary>
    public byte[] ToBytes(VersionRuns<CatalogueVersion> versions) =>
    [
        .. JsonSerializer.SerializeToUtf8Bytes(this, ViewJson.Default.CatalogueRow),
        (byte)'\n',
        .. JsonSerializer.SerializeToUtf8Bytes(versions.Bytes.ToValueList(), ViewJson.Default.ValueListInt64),
        (byte)'\n',
        .. versions.Last(WriteRun).Span,
    ];

    /// <summary>All runs of versions but the last.</summary>
    public static IReadOnlyList<DocumentPart> ToParts(VersionRuns<CatalogueVersion> versions) => versions.Parts(WriteRun);

    private static ValueList<CatalogueVersion> ParseRun(ReadOnlyMemory<byte> run)
    {
        var stored = JsonSerializer.Deserialize(run.Span, ViewJson.Default.StoredCatalogueVersions)!;
        return stored.Versions.Select(v => new CatalogueVersion(v.Version, v.Yanked, v.PublishedAt, stored.Entries[v.Entry], v.Deleted)).ToValueList();
    }

    private static byte[] WriteRun(ValueList<CatalogueVersion> run)
    {
        // Most versions say the same of themselves as the one before.
        var entries = new List<CatalogueEntry>();
        var stored = new List<StoredCatalogueVersion>(run.Count);
        foreach (var version in run)
        {
            if (entries.Count == 0 || entries[^1] != version.Entry)
            {
                entries.Add(version.Entry);
            }

            stored.Add(new(version.Version, version.Yanked, version.PublishedAt, entries.Count - 1, version.Deleted));
        }

        return JsonSerializer.SerializeToUtf8Bytes(new(entries.ToValueList(), stored.ToValueList()), ViewJson.Default.StoredCatalogueVersions);
    }
}

/// <summary>The descriptive fields of one version, and the crates of this registry that it depends on (real names).</summary>
public sealed record CatalogueEntry(
    string? Description,
    string? Homepage,
    string? Documentation,
    string? Repository,
    ValueList<string> Keywords,
    ValueList<string> Categories,
    ValueList<string> Dependencies);

/// <summary>A version as the catalogue remembers it.</summary>
public sealed record CatalogueVersion(SemVersion Version, bool Yanked, DateTimeOffset PublishedAt, CatalogueEntry Entry, bool Deleted = false);

/// <summary>All versions of a crate as stored: what they say of themselves, and each version with the number of its entry.</summary>
internal sealed record StoredCatalogueVersions(ValueList<CatalogueEntry> Entries, ValueList<StoredCatalogueVersion> Versions);

/// <summary>A version of a catalogue row, as it is stored.</summary>
internal sealed record StoredCatalogueVersion(SemVersion Version, bool Yanked, DateTimeOffset PublishedAt, int Entry, bool Deleted);
