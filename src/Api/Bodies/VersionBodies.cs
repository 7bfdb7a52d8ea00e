namespace Raktar.Api.Bodies;

// With crates.io's keys, so that tools written for it work here (https://doc.rust-lang.org/cargo/reference/registry-web-api.html, https://crates.io/data-access#api).
internal sealed record VersionsBody(IReadOnlyList<VersionBody> Versions, PageMeta Meta);

internal sealed record VersionOnlyBody(VersionBody Version);

internal sealed record VersionBody
{
    public required long Id { get; init; }

    public required string Crate { get; init; }

    public required string Num { get; init; }

    public required string DlPath { get; init; }

    public required string ReadmePath { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    public long Downloads { get; init; }

    public required IReadOnlyDictionary<string, IReadOnlyList<string>> Features { get; init; }

    public required bool Yanked { get; init; }

    public string? YankMessage { get; init; }

    public string? License { get; init; }

    public required VersionLinks Links { get; init; }

    public required long CrateSize { get; init; }

    public required OwnerBody PublishedBy { get; init; }

    public required IReadOnlyList<AuditAction> AuditActions { get; init; }

    public required string Checksum { get; init; }

    public string? RustVersion { get; init; }

    public required bool HasLib { get; init; }

    public string? LibLinks { get; init; }

    public required IReadOnlyList<string> BinNames { get; init; }

    public string? Edition { get; init; }

    public string? Description { get; init; }

    public string? Homepage { get; init; }

    public string? Documentation { get; init; }

    public string? Repository { get; init; }

    public object? TrustpubData { get; init; }

    public object? Linecounts { get; init; }
}

internal sealed record VersionLinks(string Dependencies, string VersionDownloads, string Authors);

internal sealed record AuditAction(string Action, OwnerBody User, DateTimeOffset Time);

internal sealed record DependenciesBody(IReadOnlyList<DependencyBody> Dependencies);

internal sealed record DependencyBody(
    long Id,
    long VersionId,
    string CrateId,
    string Req,
    bool Optional,
    bool DefaultFeatures,
    IReadOnlyList<string> Features,
    string? Target,
    string Kind,
    long Downloads);

internal sealed record UrlBody(string Url);
