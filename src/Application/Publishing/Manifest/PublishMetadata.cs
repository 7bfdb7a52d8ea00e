using System.Text.Json;
using System.Text.Unicode;
using Raktar.Application.Publishing.Rules;
using Raktar.Domain;
using Raktar.Domain.Crates;

namespace Raktar.Application.Publishing.Manifest;

/// <summary>
/// What cargo says of the crate file it uploads, in front of it. Only name, version and readme are taken from here; the rest is
/// compared with the crate file's Cargo.toml, which is the source of truth. Keys that Raktar does not know are ignored, for cargo adds
/// some over time. Source: https://doc.rust-lang.org/cargo/reference/registry-web-api.html#publish.
/// </summary>
public sealed record PublishMetadata
{
    /// <summary>How deep the JSON may nest.</summary>
    public const int MaxDepth = 32;

    private static readonly JsonDocumentOptions Syntax = new() { MaxDepth = MaxDepth, AllowDuplicateProperties = false };

    private static readonly JsonSerializerOptions Shape = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>The crate's name.</summary>
    public required CrateName Name { get; init; }

    /// <summary>The version, build metadata included.</summary>
    public required SemVersion Version { get; init; }

    /// <summary>
    /// The dependencies, or null where nothing is said. Requirements and targets are normalised where they are well formed; a registry
    /// that is null is this one.
    /// </summary>
    public ValueList<Dependency>? Dependencies { get; init; }

    /// <summary>The <c>[features]</c> table, or null where nothing is said.</summary>
    public ValueList<Feature>? Features { get; init; }

    /// <summary>The native library, or null.</summary>
    public string? Links { get; init; }

    /// <summary>The oldest Rust, or null.</summary>
    public string? RustVersion { get; init; }

    /// <summary>The README's text, or null. It may hold any character but U+0000.</summary>
    public string? Readme { get; init; }

    /// <summary>The README's path as cargo says it, or null; not checked, for the crate file's manifest tells it again.</summary>
    public string? ReadmeFile { get; init; }

    /// <summary>
    /// Reads the JSON: strict UTF-8 without a byte order mark, no comments or trailing commas, no key twice in an object.
    /// </summary>
    public static Outcome<PublishMetadata> Read(ReadOnlyMemory<byte> json, PublishRules rules)
    {
        if (json.Length > rules.Limits.MetadataBytes)
        {
            return new TooLarge($"metadata is {json.Length} bytes (max {rules.Limits.MetadataBytes})");
        }

        if (!Utf8.IsValid(json.Span))
        {
            return new InvalidInput("metadata is not valid JSON: it is not UTF-8");
        }

        Wire? wire;
        try
        {
            using var document = JsonDocument.Parse(json, Syntax);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                return new InvalidInput("metadata is not valid JSON: it must be an object");
            }

            wire = document.RootElement.Deserialize<Wire>(Shape);
        }
        catch (JsonException e)
        {
            return new InvalidInput(Problem(e));
        }
        catch (InvalidOperationException)
        {
            return new InvalidInput("metadata is not valid JSON: a key holds half a surrogate pair");
        }

        // Here already, before anything is done for each of them.
        return wire!.Items() is var items && items > rules.Limits.Items ? new InvalidInput(CargoManifest.TooMany(items, rules.Limits)) : wire.ToMetadata();
    }

    // A path tells of a value in the wrong place, a line of bad syntax, neither of a key that is there twice.
    private static string Problem(JsonException e) => e switch
    {
        { Path: { Length: > 2 } path } => $"metadata field `{path[2..]}` has a wrong type or text",
        { LineNumber: { } line } => $"metadata is not valid JSON: line {line + 1}, byte {e.BytePositionInLine + 1}",
        _ => $"metadata has a duplicate key: {e.Message}",
    };

    private sealed record Wire
    {
        public string? Name { get; init; }

        public string? Vers { get; init; }

        public WireDependency?[]? Deps { get; init; }

        public Dictionary<string, string?[]?>? Features { get; init; }

        public string? Links { get; init; }

        public string? RustVersion { get; init; }

        public string? Readme { get; init; }

        public string? ReadmeFile { get; init; }

        // Cargo.toml says these; a client that sends something else in their place is broken, and should hear it.
        public string? Description { get; init; }

        public string? Documentation { get; init; }

        public string? Homepage { get; init; }

        public string? Repository { get; init; }

        public string? License { get; init; }

        public string? LicenseFile { get; init; }

        public string?[]? Authors { get; init; }

        public string?[]? Keywords { get; init; }

        public string?[]? Categories { get; init; }

        public Dictionary<string, Dictionary<string, string?>?>? Badges { get; init; }

        public int Items() => (Features?.Values.Sum(enabled => 1 + (enabled?.Length ?? 0)) ?? 0) + (Deps?.Sum(dependency => dependency?.Features?.Length ?? 0) ?? 0);

        public Outcome<PublishMetadata> ToMetadata()
        {
            if (Problem() is { } problem)
            {
                return new InvalidInput(problem);
            }

            if (!CrateName.TryParse(Name, out var name, out var nameProblem))
            {
                return new InvalidInput(nameProblem);
            }

            if (!SemVersion.TryParse(Vers, out var version))
            {
                return new InvalidInput($"`{Vers}` is not a valid semantic version");
            }

            return new PublishMetadata
            {
                Name = name,
                Version = version,
                Dependencies = Deps?.Select(dependency => dependency!.ToDependency()).ToValueList(),
                Features = Features?.Select(feature => new Feature(feature.Key, feature.Value!.Select(item => item!).ToValueList())).ToValueList(),
                Links = Links,
                RustVersion = RustVersion,
                Readme = string.IsNullOrEmpty(Readme) ? null : Readme,
                ReadmeFile = ReadmeFile,
            };
        }

        private string? Problem()
        {
            if (Name is null || Vers is null)
            {
                return $"metadata field `{(Name is null ? "name" : "vers")}` is missing";
            }

            if (Vers.Length > SemVersion.MaxLength)
            {
                return $"version is {Vers.Length} characters (max {SemVersion.MaxLength})";
            }

            if (WithNull() is { } field)
            {
                return $"metadata field `{field}` has a wrong type or text";
            }

            if (Readme?.Contains('\0', StringComparison.Ordinal) is true)
            {
                return "metadata field `readme` contains a control character";
            }

            return Deps?.Select((dependency, i) => WireDependency.Problem(dependency, i)).FirstOrDefault(problem => problem is not null);
        }

        /// <summary>A field that has a null where only a text, list or object may be.</summary>
        private string? WithNull() =>
            Features?.Any(feature => feature.Value is null || feature.Value.Contains(null)) is true ? "features"
            : Authors?.Contains(null) is true ? "authors"
            : Keywords?.Contains(null) is true ? "keywords"
            : Categories?.Contains(null) is true ? "categories"
            : Badges?.Values.Any(badge => badge is null || badge.ContainsValue(null)) is true ? "badges"
            : null;
    }

    private sealed record WireDependency
    {
        public string? Name { get; init; }

        public string? VersionReq { get; init; }

        public string?[]? Features { get; init; }

        public bool? Optional { get; init; }

        public bool? DefaultFeatures { get; init; }

        public string? Target { get; init; }

        public string? Kind { get; init; }

        public string? Registry { get; init; }

        public string? ExplicitNameInToml { get; init; }

        public string?[]? Artifact { get; init; }

        public string? BindepTarget { get; init; }

        public bool? Lib { get; init; }

        public static string? Problem(WireDependency? dependency, int i) => dependency switch
        {
            null => $"metadata field `deps[{i}]` is missing",
            { Name: null } => $"metadata field `deps[{i}].name` is missing",
            { VersionReq: null } => $"metadata field `deps[{i}].version_req` is missing",
            { Kind: not (null or "normal" or "build" or "dev") } => $"metadata field `deps[{i}].kind` is none of normal, build, dev",
            _ when dependency.Features?.Contains(null) is true => $"metadata field `deps[{i}].features` has a wrong type or text",
            _ when dependency.Artifact?.Contains(null) is true => $"metadata field `deps[{i}].artifact` has a wrong type or text",
            _ => null,
        };

        public Dependency ToDependency() => new()
        {
            Name = ExplicitNameInToml ?? Name!,
            Package = ExplicitNameInToml is null || ExplicitNameInToml == Name ? null : Name,
            Req = Domain.Crates.VersionReq.TryParse(VersionReq, out var requirement) ? requirement.ToString() : VersionReq!,
            Features = (Features ?? []).Select(feature => feature!).ToValueList(),
            Optional = Optional ?? false,
            DefaultFeatures = DefaultFeatures ?? true,
            Target = Target is null ? null : TargetName.Normalise(Target) ?? Target,
            Kind = Kind switch { "dev" => DependencyKind.Dev, "build" => DependencyKind.Build, _ => DependencyKind.Normal },
            Registry = Registry,
        };
    }
}
