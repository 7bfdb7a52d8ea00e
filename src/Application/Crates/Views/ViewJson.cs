using System.Text.Json.Serialization;
using Raktar.Application.Log;
using Raktar.Domain;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;

namespace Raktar.Application.Crates.Views;

/// <summary>How views of crates are written.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [
        typeof(CrateNameJson), typeof(SemVersionJson), typeof(ChecksumJson), typeof(LoginJson), typeof(ValueListJson),
        typeof(LowerCaseEnumJson<DependencyKind>), typeof(TeamNameJson), typeof(OwnerJson)])]
[JsonSerializable(typeof(StoredIndex))]
[JsonSerializable(typeof(StoredIndexRun))]
[JsonSerializable(typeof(StoredDetails))]
[JsonSerializable(typeof(ValueList<StoredVersion>))]
[JsonSerializable(typeof(StoredVersion))]
[JsonSerializable(typeof(CatalogueRow))]
[JsonSerializable(typeof(ValueList<long>))]
[JsonSerializable(typeof(StoredCatalogueVersions))]
[JsonSerializable(typeof(StoredCatalogueVersion))]
[JsonSerializable(typeof(CatalogueEntry))]
[JsonSerializable(typeof(Owner))]
internal sealed partial class ViewJson : JsonSerializerContext;
