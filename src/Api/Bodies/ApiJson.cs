using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Raktar.Application.Crates.Changes;
using Raktar.Application.State;

namespace Raktar.Api.Bodies;

// The bodies of the web API, with crates.io's keys so that tools written for it work here
// (https://doc.rust-lang.org/cargo/reference/registry-web-api.html, https://crates.io/data-access#api).
internal sealed record ErrorBody(IReadOnlyList<ErrorDetail> Errors);

internal sealed record ErrorDetail(string Detail);

internal sealed record RegistryConfig(
    string Dl, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Api, [property: JsonPropertyName("auth-required")] bool AuthRequired);

internal sealed record PublishedBody(PublishWarnings Warnings);

internal sealed record PublishWarnings(IReadOnlyList<string> InvalidCategories, IReadOnlyList<string> InvalidBadges, IReadOnlyList<string> Other);

internal sealed record OkBody(bool Ok);

internal sealed record OkMessageBody(bool Ok, string Msg);

internal sealed record OwnersRequest(IReadOnlyList<string>? Users, IReadOnlyList<string>? Owners);

/// <summary>Unknown fields are refused here: what was meant to hide a crate must not be ignored.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record VisibilityRequest(bool? Restricted, IReadOnlyList<string>? Teams);

internal sealed record CheckpointsBody(IReadOnlyList<CheckpointBody> Checkpoints);

internal sealed record CheckpointBody(
    int Number, DateTimeOffset At, int Streams, long Commits, string Root, string Previous, string Key, string Signature, string? Warning);

internal sealed record DeletionRequest(string? Reason);

internal sealed record OwnersBody(IReadOnlyList<OwnerBody> Users);

internal sealed record TeamsBody(IReadOnlyList<OwnerBody> Teams);

internal sealed record OwnerBody(int Id, string Login, string? Name, string Kind, string Url, string? Avatar)
{
    /// <summary>crates.io's: whether the account has the same name on GitHub, which nobody here knows.</summary>
    public bool GithubUsernameMatches { get; }

    public DateTimeOffset? CreatedAt { get; }
}

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

internal sealed record DependentsBody(IReadOnlyList<DependencyBody> Dependencies, IReadOnlyList<VersionBody> Versions, TotalMeta Meta);

internal sealed record TotalMeta(int Total);

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

internal sealed record RoleRequest(string? Role);

internal sealed record AccountBody(int Id, string Login, string Role, IReadOnlyList<string> Teams, bool Disabled);

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record DisabledRequest(bool? Disabled, string? Reason);

/// <summary>Unknown fields are refused here: a caller who asks for narrower scopes must not get a wider token.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record TokenRequest
{
    public string? Name { get; init; }

    public IReadOnlyList<string>? EndpointScopes { get; init; }

    public IReadOnlyList<string>? CrateScopes { get; init; }

    /// <summary>When it ends (RFC 3339); null: never; absent: the registry's rule.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public JsonElement ExpiredAt { get; init; }
}

/// <summary>crates.io's frame of the same.</summary>
internal sealed record MyTokenRequest(TokenRequest? ApiToken);

internal sealed record TokenBody
{
    public required int Id { get; init; }

    public required string Name { get; init; }

    public required IReadOnlyList<string> EndpointScopes { get; init; }

    public required IReadOnlyList<string> CrateScopes { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? LastUsedAt { get; init; }

    public DateTimeOffset? ExpiredAt { get; init; }

    public required bool Revoked { get; init; }

    /// <summary>The text; only in the answer that made it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Token { get; init; }
}

internal sealed record TokensBody(IReadOnlyList<TokenBody> Tokens);

internal sealed record MyTokensBody(IReadOnlyList<TokenBody> ApiTokens);

internal sealed record MyTokenBody(TokenBody ApiToken);

internal sealed record LeakedTokenRequest(string? Token);

internal sealed record IdentityTokenRequest(string? Jwt);

internal sealed record CiTokenBody(string Token);

/// <summary>Unknown fields are refused here: what was meant to narrow a rule must not be ignored.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record TrustedPublisherRequest(string? Issuer, IReadOnlyDictionary<string, string>? Claims);

internal sealed record TrustedPublisherBody(int Id, string Issuer, IReadOnlyDictionary<string, string> Claims);

internal sealed record TrustedPublishersBody(IReadOnlyList<TrustedPublisherBody> TrustedPublishers, bool TrustedOnly);

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record TrustedOnlyRequest(bool? TrustedOnly);

internal sealed record MeBody(OwnerBody User, string Role, int? TokenId, IReadOnlyList<string> Teams, IReadOnlyList<string> EndpointScopes, IReadOnlyList<string> CrateScopes);

internal sealed record AccountsBody(IReadOnlyList<AccountBody> Accounts);

internal sealed record TeamBody(string Name, IReadOnlyList<string> Members);

internal sealed record HealthBody(string Status);

internal sealed record ReadyBody(
    string Status,
    IReadOnlyDictionary<string, string> Dependencies,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string>? SetAside = null);

internal sealed record SetAsideBody(IReadOnlyList<SetAsideStreamBody> SetAside);

internal sealed record SetAsideStreamBody(
    string Stream, string Document, string Problem, DateTimeOffset Since, int Tries, DateTimeOffset NextTry, IReadOnlyList<LargeVersionBody> LargestVersions);

internal sealed record LargeVersionBody(string Version, long Bytes);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip)]
[JsonSerializable(typeof(ErrorBody))]
[JsonSerializable(typeof(RegistryConfig))]
[JsonSerializable(typeof(PublishedBody))]
[JsonSerializable(typeof(OkBody))]
[JsonSerializable(typeof(OkMessageBody))]
[JsonSerializable(typeof(OwnersRequest))]
[JsonSerializable(typeof(DeletionRequest))]
[JsonSerializable(typeof(DeprecationBody))]
[JsonSerializable(typeof(OwnersBody))]
[JsonSerializable(typeof(CheckpointBody))]
[JsonSerializable(typeof(CheckpointsBody))]
[JsonSerializable(typeof(Application.Proofs.VersionProof))]
[JsonSerializable(typeof(TeamsBody))]
[JsonSerializable(typeof(CratesBody))]
[JsonSerializable(typeof(CrateOnlyBody))]
[JsonSerializable(typeof(VersionsBody))]
[JsonSerializable(typeof(VersionOnlyBody))]
[JsonSerializable(typeof(DependenciesBody))]
[JsonSerializable(typeof(DependentsBody))]
[JsonSerializable(typeof(UrlBody))]
[JsonSerializable(typeof(KeywordsBody))]
[JsonSerializable(typeof(KeywordOnlyBody))]
[JsonSerializable(typeof(CategoriesBody))]
[JsonSerializable(typeof(CategoryOnlyBody))]
[JsonSerializable(typeof(UserBody))]
[JsonSerializable(typeof(SummaryBody))]
[JsonSerializable(typeof(VersionDownloadsBody))]
[JsonSerializable(typeof(CrateDownloadsBody))]
[JsonSerializable(typeof(AuthorsBody))]
[JsonSerializable(typeof(RoleRequest))]
[JsonSerializable(typeof(DisabledRequest))]
[JsonSerializable(typeof(AccountBody))]
[JsonSerializable(typeof(TokenRequest))]
[JsonSerializable(typeof(TokenBody))]
[JsonSerializable(typeof(MyTokenRequest))]
[JsonSerializable(typeof(MyTokensBody))]
[JsonSerializable(typeof(MyTokenBody))]
[JsonSerializable(typeof(LeakedTokenRequest))]
[JsonSerializable(typeof(AccountsBody))]
[JsonSerializable(typeof(TeamBody))]
[JsonSerializable(typeof(VisibilityRequest))]
[JsonSerializable(typeof(IdentityTokenRequest))]
[JsonSerializable(typeof(CiTokenBody))]
[JsonSerializable(typeof(TrustedPublisherRequest))]
[JsonSerializable(typeof(TrustedPublisherBody))]
[JsonSerializable(typeof(TrustedPublishersBody))]
[JsonSerializable(typeof(TrustedOnlyRequest))]
[JsonSerializable(typeof(TokensBody))]
[JsonSerializable(typeof(MeBody))]
[JsonSerializable(typeof(Change))]
[JsonSerializable(typeof(HealthBody))]
[JsonSerializable(typeof(ReadyBody))]
[JsonSerializable(typeof(SetAsideBody))]
internal sealed partial class ApiJson : JsonSerializerContext
{
    /// <summary>For answers: backticks and quotes stay readable; no answer is ever embedded in HTML.</summary>
    public static ApiJson Answers => field ??= new(new JsonSerializerOptions(Default.GeneratedSerializerOptions!) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
