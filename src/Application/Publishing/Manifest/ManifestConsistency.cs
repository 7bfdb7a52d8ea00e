using Raktar.Application.Publishing.Rules;
using Raktar.Domain;
using Raktar.Domain.Crates;

namespace Raktar.Application.Publishing.Manifest;

/// <summary>
/// Compares cargo's metadata with the manifest. Cargo builds both from one source, so a difference is a defect of the client or an
/// attempt to show the registry something else than the build will see. What the metadata does not say (older cargo) is not compared.
/// </summary>
internal static class ManifestConsistency
{
    /// <summary>Does what the policy says of each difference.</summary>
    public static void Check(PublishMetadata metadata, Package package, string indexUrl, PublishPolicy policy, Review review)
    {
        if (Difference(metadata, package, indexUrl) is { } what)
        {
            review.Dislike(policy.ManifestMismatch, $"metadata and Cargo.toml disagree on {what}");
        }
    }

    private static string? Difference(PublishMetadata metadata, Package package, string indexUrl)
    {
        var said = metadata.Dependencies?.Select(dependency => Comparable(dependency, indexUrl)).ToHashSet();
        said?.SymmetricExceptWith(package.Dependencies.Select(dependency => Comparable(dependency, indexUrl)));
        if (said?.FirstOrDefault() is { } dependency)
        {
            return $"dependency `{dependency.Name}`";
        }

        var features = metadata.Features?.Select(Comparable).ToHashSet();
        features?.SymmetricExceptWith(package.Features.Select(Comparable));
        if (features?.FirstOrDefault() is { } feature)
        {
            return $"feature `{feature.Name}`";
        }

        return (metadata.Links, metadata.RustVersion) switch
        {
            ({ } links, _) when links != (package.Links ?? string.Empty) => "`links`",
            (_, { } rust) when rust != (package.RustVersion ?? string.Empty) => "`rust-version`",
            _ => null,
        };
    }

    private static Dependency Comparable(Dependency dependency, string indexUrl) => dependency with
    {
        Features = Sorted(dependency.Features),
        Registry = dependency.Registry switch
        {
            null => null,
            var url when RegistryUrl.AreSame(url, indexUrl) => null,
            var url when RegistryUrl.IsCratesIo(url) => RegistryUrl.CratesIo,
            var url => url,
        },
    };

    private static Feature Comparable(Feature feature) => feature with { Enables = Sorted(feature.Enables) };

    private static ValueList<string> Sorted(ValueList<string> texts) => texts.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToValueList();
}
