using Raktar.Domain.Crates;

namespace Raktar.Api.Web.Crates.Parts;

/// <summary>
/// A feature, or what one turns on: <paramref name="Text"/> as in the manifest, what that means where it is no feature of this crate, and what it turns on itself.
/// Not <paramref name="IsWhole"/>: what it turns on is not shown here again.
/// </summary>
public sealed record FeatureNode(string Text, string? Meaning, IReadOnlyList<FeatureNode> Enables, bool IsWhole);

/// <summary>What each feature of a crate turns on, and what that turns on (https://doc.rust-lang.org/cargo/reference/features.html).</summary>
internal static class FeatureTree
{
    /// <summary>The most nodes of one page.</summary>
    public const int MaxNodes = 1000;

    private const int MaxDepth = 6;

    /// <summary>The features of a package by name: those in its table, and the optional dependencies that are features because none of these names them with <c>dep:</c>.</summary>
    public static IReadOnlyList<Feature> All(Package package)
    {
        var named = package.Features.SelectMany(feature => feature.Enables).Where(item => item.StartsWith("dep:", StringComparison.Ordinal)).Select(item => item[4..]);
        var known = named.Concat(package.Features.Select(feature => feature.Name)).ToHashSet(StringComparer.Ordinal);
        var implied = package.Dependencies.Where(d => d.Optional && !known.Contains(d.Name)).Select(d => d.Name).Distinct(StringComparer.Ordinal);
        return [.. package.Features.Concat(implied.Select(name => new Feature(name, [$"dep:{name}"]))).OrderBy(feature => feature.Name, StringComparer.Ordinal)];
    }

    /// <summary>
    /// The trees of <paramref name="wanted"/> of <paramref name="all"/> features. Manifests can make them as large as they like, in circles too: a feature
    /// below itself, one deep down, and whatever comes after <see cref="MaxNodes"/> is named and not followed.
    /// </summary>
    public static IReadOnlyList<FeatureNode> Of(IReadOnlyList<Feature> all, IReadOnlyList<Feature> wanted)
    {
        var known = all.ToDictionary(feature => feature.Name, StringComparer.Ordinal);
        var left = MaxNodes - wanted.Count;
        return [.. wanted.Select(feature => Node(feature.Name, []))];

        FeatureNode Node(string text, HashSet<string> above)
        {
            if (!known.TryGetValue(text, out var feature))
            {
                return new(text, MeaningOf(text), [], IsWhole: true);
            }

            if (feature.Enables.Count == 0)
            {
                return new(text, null, [], IsWhole: true);
            }

            if (above.Count == MaxDepth || feature.Enables.Count > left || !above.Add(text))
            {
                return new(text, null, [], IsWhole: false);
            }

            left -= feature.Enables.Count;
            var enables = feature.Enables.Select(item => Node(item, above)).ToList();
            above.Remove(text);
            return new(text, null, enables, IsWhole: true);
        }
    }

    private static string MeaningOf(string item)
    {
        if (item.StartsWith("dep:", StringComparison.Ordinal))
        {
            return $"the optional dependency {item[4..]}";
        }

        if (item.IndexOf('/', StringComparison.Ordinal) is > 0 and var slash)
        {
            var (dependency, feature) = (item[..slash], item[(slash + 1)..]);
            return dependency.EndsWith('?') ? $"the feature {feature} of {dependency[..^1]}, where that is turned on" : $"the feature {feature} of {dependency}";
        }

        return "unknown";
    }
}
