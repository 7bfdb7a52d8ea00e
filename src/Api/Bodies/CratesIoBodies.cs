using System.Text.Json.Serialization;

namespace Raktar.Api.Bodies;

// More bodies with crates.io's keys. Typed clients of crates.io read them: what is always there on crates.io is always there here, and never null.
internal sealed record KeywordBody(string Id, string Keyword, DateTimeOffset CreatedAt, int CratesCnt);

internal sealed record KeywordOnlyBody(KeywordBody Keyword);

internal sealed record KeywordsBody(IReadOnlyList<KeywordBody> Keywords, TotalMeta Meta);

internal sealed record CategoryBody(string Id, string Category, string Slug, string Description, DateTimeOffset CreatedAt, int CratesCnt)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<CategoryBody>? Subcategories { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<CategoryBody>? ParentCategories { get; init; }
}

internal sealed record CategoryOnlyBody(CategoryBody Category);

internal sealed record CategoriesBody(IReadOnlyList<CategoryBody> Categories, TotalMeta Meta);

internal sealed record UserBody(OwnerBody User);

internal sealed record SummaryBody(
    long NumDownloads,
    int NumCrates,
    IReadOnlyList<CrateBody> NewCrates,
    IReadOnlyList<CrateBody> MostDownloaded,
    IReadOnlyList<CrateBody> MostRecentlyDownloaded,
    IReadOnlyList<CrateBody> JustUpdated,
    IReadOnlyList<KeywordBody> PopularKeywords,
    IReadOnlyList<CategoryBody> PopularCategories);

/// <summary>Downloads per version and day.</summary>
internal sealed record VersionDownload(long Version, long Downloads, string Date);

/// <summary>Downloads per day of all versions that are not listed.</summary>
internal sealed record ExtraDownload(string Date, long Downloads);

internal sealed record VersionDownloadsBody(IReadOnlyList<VersionDownload> VersionDownloads);

internal sealed record CrateDownloadsBody(IReadOnlyList<VersionDownload> VersionDownloads, CrateDownloadsMeta Meta)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<VersionBody>? Versions { get; init; }
}

internal sealed record CrateDownloadsMeta(IReadOnlyList<ExtraDownload> ExtraDownloads);

internal sealed record AuthorsBody(IReadOnlyList<OwnerBody> Users, AuthorsMeta Meta);

internal sealed record AuthorsMeta(IReadOnlyList<string> Names);
