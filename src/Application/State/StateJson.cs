using System.Text.Json.Serialization;
using Raktar.Application.Log;
using Raktar.Domain.Accounts;
using Raktar.Domain.Ci;
using Raktar.Domain.Crates;

namespace Raktar.Application.State;

/// <summary>How snapshots are written.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [
        typeof(CrateNameJson), typeof(SemVersionJson), typeof(ChecksumJson), typeof(LoginJson), typeof(ValueListJson), typeof(CrateJson),
        typeof(LowerCaseEnumJson<DependencyKind>), typeof(LowerCaseEnumJson<Role>), typeof(TokenScopeJson), typeof(CratePatternJson), typeof(TeamNameJson),
        typeof(OwnerJson)])]
[JsonSerializable(typeof(Snapshot<Crate>))]
[JsonSerializable(typeof(Snapshot<Account>))]
[JsonSerializable(typeof(Snapshot<Team>))]
[JsonSerializable(typeof(Snapshot<CiToken>))]
[JsonSerializable(typeof(TrustedCrate))]
[JsonSerializable(typeof(TokenScope))]
[JsonSerializable(typeof(CratePattern))]
[JsonSerializable(typeof(TeamName))]
[JsonSerializable(typeof(Owner))]
[JsonSerializable(typeof(ClaimRule))]
[JsonSerializable(typeof(TrustedPublisher))]
[JsonSerializable(typeof(StoredCrate))]
internal sealed partial class StateJson : JsonSerializerContext;
