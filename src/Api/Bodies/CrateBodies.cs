using System.Text.Json.Serialization;

namespace Raktar.Api.Bodies;

// With crates.io's keys, so that tools written for it work here (https://doc.rust-lang.org/cargo/reference/registry-web-api.html, https://crates.io/data-access#api).
internal sealed record CratesBody(IReadOnlyList<CrateBody> Crates, PageMeta Meta);

internal sealed record PageMeta(int Total, string? NextPage, string? PrevPage);

internal sealed record CrateOnlyBody(CrateBody Crate, IReadOnlyList<VersionBody>? Versions, IReadOnlyList<KeywordBody>? Keywords, IReadOnlyList<CategoryBody>? Categories);

internal sealed record CrateBody
{
    public required string Id { get; init; }

    public required string Name { get; init; }

    public string? Description { get; init; }

    public string? Homepage { get; init; }

    public string? Documentation { get; init; }

    public string? Repository { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    public long Downloads { get; init; }

    public long? RecentDownloads { get; init; }

    public required string DefaultVersion { get; init; }

    public required int NumVersions { get; init; }

    public required bool Yanked { get; init; }

    public required string MaxVersion { get; init; }

    public string? MaxStableVersion { get; init; }

    public required string NewestVersion { get; init; }

    public IReadOnlyList<long>? Versions { get; init; }

    public IReadOnlyList<string>? Keywords { get; init; }

    public IReadOnlyList<string>? Categories { get; init; }

    public IReadOnlyList<string> Badges { get; init; } = [];

    public required CrateLinks Links { get; init; }

    public bool ExactMatch { get; init; }

    public bool TrustpubOnly { get; init; }

    /// <summary>Not one of crates.io's: there only where the owners advise against the crate.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DeprecationBody? Deprecation { get; init; }
}

/// <summary>What to use instead of a crate, and why; as a request and as an answer.</summary>
internal sealed record DeprecationBody(string? Successor, string? Reason);

internal sealed record CrateLinks(string VersionDownloads, string Versions, string Owners, string OwnerTeam, string OwnerUser, string ReverseDependencies);

internal sealed record DependentsBody(IReadOnlyList<DependencyBody> Dependencies, IReadOnlyList<VersionBody> Versions, TotalMeta Meta);

internal sealed record TotalMeta(int Total);
