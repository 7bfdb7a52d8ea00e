using System.Text.Json.Serialization;
using Raktar.Application.Log;
using Raktar.Domain.Crates;

namespace Raktar.Application.Crates.Views;

/// <summary>How what a version says of itself is written.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(CrateNameJson), typeof(ChecksumJson), typeof(ValueListJson), typeof(LowerCaseEnumJson<DependencyKind>)])]
[JsonSerializable(typeof(Package))]
[JsonSerializable(typeof(Feature))]
[JsonSerializable(typeof(Dependency))]
internal sealed partial class PackageJson : JsonSerializerContext;
