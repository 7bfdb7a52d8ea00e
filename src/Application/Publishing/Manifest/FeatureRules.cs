using System.Globalization;
using System.Text;
using Raktar.Application.Publishing.Rules;
using Raktar.Domain;
using Raktar.Domain.Crates;

namespace Raktar.Application.Publishing.Manifest;

/// <summary>
/// The rules for the <c>[features]</c> table. Cargo drops a version whose features do not hold together, and writes feature names into
/// pages of its own (CVE-2023-40030).
/// </summary>
internal sealed class FeatureRules(PublishRules rules, Review review)
{
    /// <summary>Why a feature may not be called so, or null.</summary>
    public static string? NameProblem(string name, PublishRules rules)
    {
        if (name.Length == 0)
        {
            return "a feature name is empty";
        }

        var length = 0;
        foreach (var rune in name.EnumerateRunes())
        {
            var isAllowed = length == 0 ? IsFirst(rune) : IsFurther(rune);
            if (!isAllowed || (rules.Policy.AsciiFeatureNames && !rune.IsAscii))
            {
                return $"feature `{name}`: character `{rune}` is not allowed";
            }

            length++;
        }

        return length > rules.Limits.FeatureNameLength
            ? $"feature `{name}` is {length} characters (max {rules.Limits.FeatureNameLength})"
            : null;
    }

    /// <summary>Reads the table, in the order of names, and checks it against the dependencies.</summary>
    public ValueList<Feature> Read(ManifestFields root, ValueList<Dependency> dependencies)
    {
        var table = root.Table("features");
        if (table?.Count > rules.Limits.Features)
        {
            review.Refuse($"{table.Count} features (max {rules.Limits.Features})");
            return [];
        }

        var features = (table?.Keys ?? [])
            .Select(name => new Feature(name, table!.Texts(name).Distinct(StringComparer.Ordinal).ToValueList()))
            .OrderBy(feature => feature.Name, StringComparer.Ordinal)
            .ToValueList();
        foreach (var feature in features)
        {
            Check(feature);
        }

        if (rules.Policy.ValidateFeatureGraph && review.Refusal is null)
        {
            CheckGraph(features, dependencies);
        }

        return features;
    }

    // https://doc.rust-lang.org/reference/identifiers.html: XID_Start and XID_Continue, by general category.
    private static bool IsFirst(Rune rune) =>
        rune.Value == '_' || Rune.IsLetter(rune) || Rune.GetUnicodeCategory(rune) == UnicodeCategory.LetterNumber || (rune.IsAscii && Rune.IsDigit(rune));

    private static bool IsFurther(Rune rune) => IsFirst(rune) || rune.Value is '+' or '-' or '.' || Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.ConnectorPunctuation;

    private void Check(Feature feature)
    {
        if (NameProblem(feature.Name, rules) is { } problem)
        {
            review.Refuse(problem);
        }

        if (feature.Enables.Count > rules.Limits.FeatureItems)
        {
            review.Refuse($"feature `{feature.Name}` enables {feature.Enables.Count} items (max {rules.Limits.FeatureItems})");
        }

        foreach (var text in feature.Enables)
        {
            var item = FeatureItem.Read(text);
            var isNamed = item.Dependency is null ? item.Feature is not null : IsDependency(item.Dependency);
            if (!isNamed || (item.Feature is not null && NameProblem(item.Feature, rules) is not null))
            {
                review.Refuse($"feature `{feature.Name}`: `{text}` is neither `feature`, `dep:name`, `name/feature` nor `name?/feature`");
            }
        }
    }

    private static bool IsDependency(string name) =>
        name.Length is > 0 and <= CrateName.MaxLength
        && !char.IsAsciiDigit(name[0])
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    // As cargo builds its summary: an optional dependency has a feature of its own name, unless that name or `dep:` is used.
    private void CheckGraph(ValueList<Feature> features, ValueList<Dependency> dependencies)
    {
        var declared = features.Select(feature => feature.Name).ToHashSet(StringComparer.Ordinal);
        var known = dependencies.Select(dependency => dependency.Name).ToHashSet(StringComparer.Ordinal);
        var optional = dependencies.Where(dependency => dependency.Optional).Select(dependency => dependency.Name).ToHashSet(StringComparer.Ordinal);
        var items = features.SelectMany(feature => feature.Enables, (feature, text) => (feature.Name, Text: text, Item: FeatureItem.Read(text))).ToList();
        var hidden = items.Where(use => use.Item.Feature is null).Select(use => use.Item.Dependency!).ToHashSet(StringComparer.Ordinal);
        var used = items.Where(use => use.Item.Dependency is not null).Select(use => use.Item.Dependency!).ToHashSet(StringComparer.Ordinal);
        var implied = optional.Except(declared, StringComparer.Ordinal).Except(hidden, StringComparer.Ordinal).ToHashSet(StringComparer.Ordinal);

        foreach (var (name, text, item) in items)
        {
            var resolves = item switch
            {
                { Dependency: null } => declared.Contains(item.Feature!) || implied.Contains(item.Feature!),
                { Feature: null } or { IfEnabled: true } => optional.Contains(item.Dependency),
                _ => known.Contains(item.Dependency),
            };
            if (!resolves)
            {
                review.Refuse($"feature `{name}` refers to unknown `{text}`");
            }
        }

        if (optional.FirstOrDefault(name => !implied.Contains(name) && !used.Contains(name)) is { } unreachable)
        {
            review.Refuse($"optional dependency `{unreachable}` is not in any feature");
        }
    }
}

/// <summary>One item that a feature enables: <c>feature</c>, <c>dep:name</c>, <c>name/feature</c> or <c>name?/feature</c>.</summary>
internal readonly record struct FeatureItem(string? Dependency, string? Feature, bool IfEnabled)
{
    /// <summary>Takes an item apart; whether the parts are good names is not asked.</summary>
    public static FeatureItem Read(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0)
        {
            return text.StartsWith("dep:", StringComparison.Ordinal) ? new(text[4..], null, false) : new(null, text, false);
        }

        var isWeak = slash > 0 && text[slash - 1] == '?';
        return new(text[..(isWeak ? slash - 1 : slash)], text[(slash + 1)..], isWeak);
    }
}
