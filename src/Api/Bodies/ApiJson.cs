using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Raktar.Application.Crates.Changes;
using Raktar.Application.State;

namespace Raktar.Api.Bodies;

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
