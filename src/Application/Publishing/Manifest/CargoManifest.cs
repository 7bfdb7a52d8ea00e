using System.Text;
using System.Text.RegularExpressions;
using Raktar.Application.Publishing.Rules;
using Raktar.Application.Publishing.Toml;
using Raktar.Domain;
using Raktar.Domain.Crates;

namespace Raktar.Application.Publishing.Manifest;

/// <summary>What a crate file's Cargo.toml says, checked.</summary>
public sealed record ReadManifest
{
    /// <summary>The crate's name, the same as in the metadata.</summary>
    public required CrateName Name { get; init; }

    /// <summary>The version, the same as in the metadata, build metadata included.</summary>
    public required SemVersion Version { get; init; }

    /// <summary>
    /// The package, but for its README, whose bytes the manifest does not hold. Dependencies whose registry is null are of this registry.
    /// The library is a guess where a manifest has no <c>[lib]</c> and leaves it to cargo to look for <c>src/lib.rs</c>.
    /// </summary>
    public required Package Package { get; init; }

    /// <summary>
    /// The README's path in the crate file, or null where there shall be none or it leads outside. Where the manifest says nothing it is cargo's
    /// default, <c>README.md</c>, which may not be there.
    /// </summary>
    public string? ReadmePath { get; init; }

    /// <summary>Categories that were left out.</summary>
    public ValueList<string> InvalidCategories { get; init; } = [];

    /// <summary>Warnings for the publisher.</summary>
    public ValueList<string> Warnings { get; init; } = [];
}

/// <summary>
/// Reads a crate file's Cargo.toml. It is mostly one that cargo wrote anew for publishing, but any that cargo takes is read as cargo
/// does. Source: https://doc.rust-lang.org/cargo/reference/manifest.html.
/// </summary>
public static class CargoManifest
{
    internal const string DefaultReadme = "README.md";

    private static readonly Regex RustVersion = new(@"^(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*)){0,2}\z", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture);

    private static readonly Regex Edition = new(@"^20[0-9][0-9]\z", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture);

    /// <summary>
    /// Reads and checks the manifest. <paramref name="indexUrl"/> is this registry's own (<c>sparse+https://host/</c>): a dependency
    /// whose <c>registry-index</c> is the same comes from here, one without from crates.io.
    /// </summary>
    public static Outcome<ReadManifest> Read(ReadOnlyMemory<byte> cargoToml, PublishMetadata metadata, string indexUrl, PublishRules rules)
    {
        if (cargoToml.Length > rules.Limits.ManifestBytes)
        {
            return new TooLarge($"Cargo.toml is {cargoToml.Length} bytes (max {rules.Limits.ManifestBytes})");
        }

        var document = TomlDocument.Read(cargoToml);
        if (document.Refusal is { } invalid)
        {
            return invalid;
        }

        var review = new Review();
        var manifest = Read(new ManifestFields(document.Value, string.Empty, review), metadata, indexUrl, rules, review);
        return review.Refusal is { } refusal ? refusal : manifest! with { Warnings = review.Warnings.ToValueList() };
    }

    /// <summary>What <see cref="PublishLimits.Items"/> counts of these.</summary>
    internal static int Items(IEnumerable<Feature> features, IEnumerable<Dependency> dependencies) =>
        features.Sum(feature => 1 + feature.Enables.Count) + dependencies.Sum(dependency => dependency.Features.Count);

    /// <summary>The sentence for more than <see cref="PublishLimits.Items"/>.</summary>
    internal static string TooMany(int items, PublishLimits limits) =>
        $"features, what they enable, features of dependencies and programs are {items} in all (max {limits.Items})";

    private static ReadManifest? Read(ManifestFields root, PublishMetadata metadata, string indexUrl, PublishRules rules, Review review)
    {
        // [project] is what [package] was called before Rust 1.0.
        if ((root.Table("package") ?? root.Table("project")) is not { } section)
        {
            review.Refuse("Cargo.toml is missing `package`");
            return null;
        }

        section.RefuseInherited();
        CheckIdentity(section, metadata, review);
        CheckPublishable(root, section, rules.Policy, review);

        var dependencies = new ManifestDependencies(indexUrl, rules, review).Read(root);
        var descriptive = new DescriptiveRules(rules, review);
        var package = new Package
        {
            Dependencies = dependencies,
            Features = new FeatureRules(rules, review).Read(root, dependencies),
            Links = Links(section, rules.Limits, review),
            RustVersion = Shaped(section, "rust-version", RustVersion, review),
            Edition = Shaped(section, "edition", Edition, review),
            Library = Library(root, section, metadata.Name, rules.Limits, review),
            Binaries = TargetNames(root, "bin", rules.Limits, review),
        };
        if (Items(package.Features, package.Dependencies) + package.Binaries.Count is var items && items > rules.Limits.Items)
        {
            review.Refuse(TooMany(items, rules.Limits));
            return null;
        }

        package = descriptive.Describe(package, section);
        ManifestConsistency.Check(metadata, package, indexUrl, rules.Policy, review);
        return new ReadManifest
        {
            Name = metadata.Name,
            Version = metadata.Version,
            Package = package,
            ReadmePath = Readme(section, review),
            InvalidCategories = descriptive.InvalidCategories,
        };
    }

    private static void CheckIdentity(ManifestFields section, PublishMetadata metadata, Review review)
    {
        foreach (var (key, expected) in new[] { ("name", metadata.Name.Text), ("version", metadata.Version.ToString()) })
        {
            var found = section.Text(key);
            if (found is null)
            {
                review.Refuse($"Cargo.toml is missing `{section.Path(key)}`");
            }
            else if (!string.Equals(found, expected, StringComparison.Ordinal))
            {
                review.Refuse($"metadata {key} `{expected}` differs from Cargo.toml {key} `{found}`");
            }
        }
    }

    private static void CheckPublishable(ManifestFields root, ManifestFields section, PublishPolicy policy, Review review)
    {
        if (root.Has("lints") && root.Table("lints") is { } lints && lints.Has("workspace"))
        {
            review.Refuse("field `lints` is inherited from a workspace");
        }

        if (root.Table("patch")?.Count > 0 || root.Table("replace")?.Count > 0)
        {
            review.Refuse("patch tables cannot be published");
        }

        var isForbidden = section.IsList("publish")
            ? section.Texts("publish") is var registries && (registries.Count == 0 || (policy.RegistryName is { } name && !registries.Contains(name, StringComparer.Ordinal)))
            : section.Flag("publish") is false;
        if (policy.HonourPublishField && isForbidden)
        {
            review.Refuse("Cargo.toml does not allow publishing here");
        }
    }

    private static string? Shaped(ManifestFields section, string key, Regex shape, Review review)
    {
        var text = section.Text(key);
        if (text is not null && !shape.IsMatch(text))
        {
            review.Refuse($"{key} `{text}` is invalid");
        }

        return text;
    }

    private static string? Links(ManifestFields section, PublishLimits limits, Review review)
    {
        var links = section.Text("links");
        if (links?.Length > limits.LinksLength)
        {
            review.Refuse($"links value is invalid (max {limits.LinksLength} characters)");
        }

        return links;
    }

    private static string? Readme(ManifestFields section, Review review) =>
        section.IsFlag("readme")
            ? section.Flag("readme") is true ? DefaultReadme : null
            : section.Text("readme") is null ? DefaultReadme : ManifestPath.ReadShown(section, "readme", review);

    private static string? Library(ManifestFields root, ManifestFields section, CrateName crate, PublishLimits limits, Review review)
    {
        var byDefault = crate.Text.Replace('-', '_');
        if (root.Table("lib") is { } library)
        {
            ManifestPath.Read(library, "path", review);
            return TargetName(library, limits, review) ?? byDefault;
        }

        return section.Flag("autolib") is false ? null : byDefault;
    }

    private static ValueList<string> TargetNames(ManifestFields root, string key, PublishLimits limits, Review review)
    {
        var targets = root.Tables(key).ToList();
        targets.ForEach(target => ManifestPath.Read(target, "path", review));
        return targets.Select(target => TargetName(target, limits, review)).OfType<string>().Distinct(StringComparer.Ordinal).ToValueList();
    }

    // Rust takes any letter, and a digit first, in the name of a program.
    private static string? TargetName(ManifestFields target, PublishLimits limits, Review review)
    {
        var name = target.Text("name");
        if (name is not null && (name.Length > limits.LinksLength || !name.EnumerateRunes().All(rune => Rune.IsLetterOrDigit(rune) || rune.Value is '-' or '_')))
        {
            review.Refuse($"field `{target.Path("name")}` `{name}` is invalid (max {limits.LinksLength} characters)");
        }

        return name;
    }
}
