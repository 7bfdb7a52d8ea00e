using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Raktar.Api.Bodies;
using Raktar.Application.Crates.Search;
using Raktar.Application.Crates.Views;
using Raktar.Domain;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;

namespace Raktar.Api.Endpoints.Crates;

/// <summary>Views in crates.io's shapes.</summary>
internal static class CratesIoShapes
{
    private const long MostBytes = 4 * 1024 * 1024;

    // crates.io's word for "none", where all versions are yanked.
    private const string NoVersion = "0.0.0";

    /// <summary>A number for what has a name here: stable, positive, 31 bits, because cargo and tools insist on small integers.</summary>
    public static int IdOf(string name) =>
        (int)(BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(name))) >> 1);

    public static long IdOf(CrateName crate, SemVersion version) => IdOf($"{crate.Canonical}@{version}");

    /// <summary>An account, for the registry at <paramref name="url"/>; a link to somebody leads to the crates that they own.</summary>
    public static OwnerBody ToBody(this Login login, string url) => Owner.Of(login).ToBody(url);

    public static OwnerBody ToBody(this Owner owner, string url) => new(
        IdOf(owner.Text),
        owner.Text,
        owner.Team?.Text,
        owner.Team is null ? "user" : "team",
        $"{url}/search?owner={Uri.EscapeDataString(owner.Text)}",
        Avatar: null);

    public static KeywordBody ToKeyword(this Topic keyword) => new(keyword.Name, keyword.Name, keyword.CreatedAt, keyword.Crates);

    /// <summary>A category. Nobody here describes what it is for.</summary>
    public static CategoryBody ToCategory(this Topic category) =>
        new(category.Name, category.Name.Split("::")[^1], category.Name, Description: string.Empty, category.CreatedAt, category.Crates);

    public static CrateBody ToBody(this CatalogueRow row, bool exactMatch, bool trustedOnly) => new()
    {
        Id = row.Name.Text,
        Name = row.Name.Text,
        Description = row.Entry.Description,
        Homepage = row.Entry.Homepage,
        Documentation = row.Entry.Documentation,
        Repository = row.Entry.Repository,
        CreatedAt = row.CreatedAt,
        UpdatedAt = row.UpdatedAt,
        DefaultVersion = row.DefaultVersion.ToString(),
        NumVersions = row.VersionCount,
        Yanked = row.Yanked,
        RecentDownloads = 0,
        MaxVersion = row.Yanked ? NoVersion : row.MaxVersion.ToString(),
        MaxStableVersion = row.Yanked ? null : row.MaxStableVersion?.ToString(),
        NewestVersion = row.Yanked ? NoVersion : row.NewestVersion.ToString(),
        Keywords = row.Entry.Keywords,
        Categories = row.Entry.Categories,
        Links = LinksOf(row.Name),
        ExactMatch = exactMatch,
        TrustpubOnly = trustedOnly,
        Deprecation = row.Deprecation?.ToBody(),
    };

    public static CrateBody ToBody(this CrateDetails crate, bool trustedOnly)
    {
        var isYanked = crate.Versions.All(v => v.Yanked);
        var offered = DefaultVersions.Of(crate.Versions, v => v.Version, v => v.Yanked);
        var package = offered.Default.Package;
        return new()
        {
            Id = crate.Name.Text,
            Name = crate.Name.Text,
            Description = package.Description,
            Homepage = package.Homepage,
            Documentation = package.Documentation,
            Repository = package.Repository,
            CreatedAt = crate.CreatedAt,
            UpdatedAt = crate.UpdatedAt,
            DefaultVersion = offered.Default.Version.ToString(),
            NumVersions = crate.Versions.Count,
            Yanked = isYanked,
            RecentDownloads = 0,
            MaxVersion = isYanked ? NoVersion : offered.Max.Version.ToString(),
            MaxStableVersion = isYanked ? null : offered.MaxStable?.Version.ToString(),
            NewestVersion = crate.Versions.LastOrDefault(v => !v.Yanked)?.Version.ToString() ?? NoVersion,
            Versions = [.. Ordered(crate).Select(v => IdOf(crate.Name, v.Version))],
            Keywords = package.Keywords,
            Categories = package.Categories,
            Links = LinksOf(crate.Name),
            TrustpubOnly = trustedOnly,
            Deprecation = crate.Deprecation?.ToBody(),
        };
    }

    private static DeprecationBody ToBody(this Deprecation deprecation) => new(deprecation.Successor?.Text, deprecation.Reason);

    /// <summary>The highest version first.</summary>
    public static IEnumerable<VersionDetails> Ordered(CrateDetails crate) => crate.Versions.OrderByDescending(v => v.Version);

    /// <summary>As many of them as one answer carries, at least one: nearly always all, but what versions say of themselves may be many megabytes.</summary>
    public static IEnumerable<VersionDetails> InOneAnswer(this IEnumerable<VersionDetails> versions)
    {
        var bytes = 0L;
        return versions.TakeWhile((version, i) => (bytes += version.Packed.Length) <= MostBytes || i == 0);
    }

    public static VersionBody ToBody(this VersionDetails version, CrateName crate, string url)
    {
        var path = $"/api/v1/crates/{crate}/{version.Version}";
        var package = version.Package;
        return new()
        {
            Id = IdOf(crate, version.Version),
            Crate = crate.Text,
            Num = version.Version.ToString(),
            DlPath = $"{path}/download",
            ReadmePath = $"{path}/readme",
            CreatedAt = version.PublishedAt,
            UpdatedAt = version.UpdatedAt,
            Features = package.Features.ToDictionary(f => f.Name, f => (IReadOnlyList<string>)f.Enables, StringComparer.Ordinal),
            Yanked = version.Yanked,
            YankMessage = version.YankReason,
            License = package.License,
            Links = new($"{path}/dependencies", $"{path}/downloads", $"{path}/authors"),
            CrateSize = version.Size,
            PublishedBy = version.Publisher.ToBody(url),
            AuditActions = [new("publish", version.Publisher.ToBody(url), version.PublishedAt)],
            Checksum = version.Checksum.Hex,
            RustVersion = package.RustVersion,
            HasLib = package.Library is not null,
            LibLinks = package.Links,
            BinNames = package.Binaries,
            Edition = package.Edition,
            Description = package.Description,
            Homepage = package.Homepage,
            Documentation = package.Documentation,
            Repository = package.Repository,
        };
    }

    public static DependencyBody ToBody(this Dependency dependency, CrateName crate, SemVersion version) => new(
        IdOf($"{crate.Canonical}@{version} {dependency.Name} {dependency.Kind} {dependency.Target}"),
        IdOf(crate, version),
        dependency.RealName(),
        dependency.Req,
        dependency.Optional,
        dependency.DefaultFeatures,
        dependency.Features,
        dependency.Target,
        dependency.Kind.ToString().ToLowerInvariant(),
        Downloads: 0);

    private static CrateLinks LinksOf(CrateName crate)
    {
        var path = $"/api/v1/crates/{crate}";
        return new($"{path}/downloads", $"{path}/versions", $"{path}/owners", $"{path}/owner_team", $"{path}/owner_user", $"{path}/reverse_dependencies");
    }
}
