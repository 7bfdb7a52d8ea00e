using Raktar.Application.Publishing.Rules;
using Raktar.Domain;
using Raktar.Domain.Crates;

namespace Raktar.Application.Publishing.Manifest;

/// <summary>Reads the dependency tables of a manifest, of all kinds and targets.</summary>
internal sealed class ManifestDependencies(string indexUrl, PublishRules rules, Review review)
{
    /// <summary>The dependencies in index order: by name, then normal before build before dev (cargo once merged equal names by order).</summary>
    public ValueList<Dependency> Read(ManifestFields root)
    {
        var tables = Tables(root, target: null).ToList();
        if (root.Table("target") is { } targets)
        {
            tables.AddRange(targets.Keys.SelectMany(target => targets.Table(target) is { } table ? Tables(table, Target(target)) : []));
        }

        var count = tables.Sum(table => table.Fields.Count);
        if (count > rules.Limits.Dependencies)
        {
            review.Refuse($"{count} dependencies (max {rules.Limits.Dependencies})");
            return [];
        }

        // Two spellings of one cfg may hold the same key.
        var all = tables.SelectMany(table => table.Fields.Keys.Select(key => Read(table.Fields, key, table.Kind, table.Target))).OfType<Dependency>().Distinct();
        var ordered = all
            .OrderBy(dependency => dependency.Name, StringComparer.Ordinal)
            .ThenBy(dependency => dependency.Kind)
            .ThenBy(dependency => dependency.Target, StringComparer.Ordinal)
            .ToValueList();
        foreach (var twice in ordered.Zip(ordered.Skip(1)).Where(pair =>
            (pair.First.Name, pair.First.Kind, pair.First.Target) == (pair.Second.Name, pair.Second.Kind, pair.Second.Target)))
        {
            review.Refuse($"dependency `{twice.First.Name}` is declared twice");
        }

        return ordered;
    }

    // Cargo ignores the old spelling where both are there.
    private static IEnumerable<(ManifestFields Fields, DependencyKind Kind, string? Target)> Tables(ManifestFields parent, string? target)
    {
        (string Key, string? OldKey, DependencyKind Kind)[] kinds =
        [
            ("dependencies", null, DependencyKind.Normal),
            ("build-dependencies", "build_dependencies", DependencyKind.Build),
            ("dev-dependencies", "dev_dependencies", DependencyKind.Dev),
        ];
        foreach (var (key, oldKey, kind) in kinds)
        {
            if ((parent.Table(key) ?? (oldKey is null ? null : parent.Table(oldKey))) is { } fields)
            {
                yield return (fields, kind, target);
            }
        }
    }

    private string? Target(string text)
    {
        var target = text.Length > rules.Limits.TargetLength ? null : TargetName.Normalise(text);
        if (target is null)
        {
            review.Refuse($"target `{text}` is invalid");
        }

        return target;
    }

    private Dependency? Read(ManifestFields table, string key, DependencyKind kind, string? target)
    {
        var fields = table.IsText(key) ? null : table.Table(key);
        if (fields is null && !table.IsText(key))
        {
            return null;
        }

        if (fields?.Has("workspace") is true)
        {
            review.Refuse($"field `{table.Path(key)}` is inherited from a workspace");
        }

        var package = fields?.Text("package");
        if (!CrateName.TryParse(package ?? key, out var name, out var problem))
        {
            review.Refuse($"dependency `{key}`: {problem}");
            return null;
        }

        if (!IsAlias(key))
        {
            review.Refuse($"dependency name `{key}` is invalid: use ASCII letters, digits, `-` and `_`, no digit first (max {CrateName.MaxLength})");
        }

        var features = (fields?.Texts("features") ?? []).Distinct(StringComparer.Ordinal).ToValueList();
        foreach (var feature in features)
        {
            if (FeatureRules.NameProblem(feature, rules) is { } featureProblem)
            {
                review.Refuse($"dependency `{key}`: {featureProblem}");
            }
        }

        var optional = fields?.Flag("optional") ?? false;
        if (optional && kind == DependencyKind.Dev)
        {
            review.Refuse($"dev-dependency `{key}` cannot be optional");
        }

        return new Dependency
        {
            Name = key,
            Package = name.Text == key ? null : name.Text,
            Req = Requirement(key, fields is null ? table.Text(key) : fields.Text("version")),
            Features = features,
            Optional = optional,
            DefaultFeatures = fields?.Flag("default-features") ?? fields?.Flag("default_features") ?? true,
            Target = target,
            Kind = kind,
            Registry = Registry(key, fields),
        };
    }

    private static bool IsAlias(string key) =>
        key.Length is > 0 and <= CrateName.MaxLength
        && !char.IsAsciiDigit(key[0])
        && key[0] != '-'
        && key.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    private string Requirement(string key, string? text)
    {
        if (text is null)
        {
            review.Refuse($"dependency `{key}` has no version");
            return "*";
        }

        if (text.Length > rules.Limits.RequirementLength || !VersionReq.TryParse(text, out var requirement))
        {
            review.Refuse($"`{text}` is not a valid version requirement (dependency `{key}`, max {rules.Limits.RequirementLength} characters)");
            return "*";
        }

        if (requirement.IsAny)
        {
            review.Dislike(rules.Policy.WildcardDependencies, $"dependency `{key}` accepts any version");
        }

        return requirement.ToString();
    }

    // In a manifest no registry means crates.io, in the index it means this one. Cargo turns the name of a registry, which only the
    // publisher's configuration knows, into its index URL; a name that is still there names nothing.
    private string? Registry(string key, ManifestFields? fields)
    {
        var index = fields?.Text("registry-index");
        if (index is not null && RegistryUrl.AreSame(index, indexUrl) && fields?.Text("registry") is null)
        {
            return null;
        }

        var isCratesIo = index is null || RegistryUrl.IsCratesIo(index);
        var isAllowed = isCratesIo ? rules.Policy.AllowCratesIo : rules.Policy.AllowedRegistries.Any(allowed => RegistryUrl.AreSame(allowed, index!));
        if (!isAllowed || fields?.Text("registry") is not null)
        {
            review.Refuse($"dependency `{key}` comes from a registry that is not allowed");
        }

        return isCratesIo ? RegistryUrl.CratesIo : index;
    }
}
