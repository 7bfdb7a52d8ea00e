using Raktar.Application.Callers;
using Raktar.Application.Log;
using Raktar.Application.Publishing.Manifest;
using Raktar.Application.Publishing.Rules;
using Raktar.Application.State;
using Raktar.Domain;
using Raktar.Domain.Crates;

namespace Raktar.Application.Publishing;

/// <summary>Checks that the crates a version depends on exist for its publisher, and come from where they should.</summary>
internal sealed class DependencyCheck(Streams<Crate> crates, PublishRules rules, ReadManifest manifest, Caller by, List<string> warnings)
{
    private const int LoadedAtATime = 16;
    private const int NamedAtMost = 5;

    /// <summary>Why it cannot be published, or null; what is only odd becomes a warning.</summary>
    public async Task<Refusal?> Refuse(CancellationToken cancellationToken) =>
        await CheckThatAreHere(cancellationToken) ?? await CheckOrigins(cancellationToken);

    /// <summary>A dependency on this registry must exist under exactly its spelling, or no build could ever find it.</summary>
    private async Task<Refusal?> CheckThatAreHere(CancellationToken cancellationToken)
    {
        if (!rules.Policy.RequireKnownDependencies)
        {
            return null;
        }

        // Some at a time: a store far away answers each in some milliseconds, and there may be hundreds.
        foreach (var some in manifest.Package.Dependencies.Where(d => d.Registry is null).DistinctBy(d => (d.RealName(), d.Req)).Chunk(LoadedAtATime))
        {
            foreach (var (refusal, warning) in await Task.WhenAll(some.Select(dependency => Check(dependency, cancellationToken))))
            {
                if (refusal is not null)
                {
                    return refusal;
                }

                if (warning is not null)
                {
                    warnings.Add(warning);
                }
            }
        }

        return null;
    }

    /// <summary>
    /// A dependency that names no registry comes from crates.io, where anybody may own the name: whoever forgot to say `registry` of a crate of this one builds
    /// with somebody else's code.
    /// </summary>
    private async Task<Refusal?> CheckOrigins(CancellationToken cancellationToken)
    {
        if (rules.Policy.NamesHereFromCratesIo == Policy.Allow)
        {
            return null;
        }

        var here = new List<CrateName>();
        var names = manifest.Package.Dependencies
            .Where(dependency => dependency.Registry == RegistryUrl.CratesIo)
            .Select(dependency => CrateName.TryParse(dependency.RealName(), out var name) ? name : null)
            .OfType<CrateName>()
            .Distinct();
        foreach (var some in names.Chunk(LoadedAtATime))
        {
            var found = await Task.WhenAll(some.Select(name => crates.Load(StreamName.Of(name), cancellationToken)));
            here.AddRange(some.Zip(found, (name, loaded) => (Name: name, loaded.State))
                .Where(pair => pair.State is { Name: not null, IsGone: false } && pair.State.IsVisibleTo(by.Requester))
                .Select(pair => pair.Name));
        }

        if (here.Count == 0)
        {
            return null;
        }

        // One line for all of them: of many, none would be read.
        var review = new Review();
        var more = here.Count > NamedAtMost ? $" and {here.Count - NamedAtMost} more" : string.Empty;
        review.Dislike(
            rules.Policy.NamesHereFromCratesIo,
            $"from crates.io come {string.Join(", ", here.Take(NamedAtMost).Select(name => $"`{name}`"))}{more}, which this registry has as well: "
            + "Cargo.toml must say `registry` where those are meant");
        warnings.AddRange(review.Warnings);
        return review.Refusal;
    }

    private async Task<(Refusal? Refusal, string? Warning)> Check(Dependency dependency, CancellationToken cancellationToken)
    {
        if (!CrateName.TryParse(dependency.RealName(), out var name))
        {
            return (new InvalidInput($"dependency `{dependency.RealName()}` is not in this registry"), null);
        }

        if (string.Equals(name.Text, manifest.Name.Text, StringComparison.Ordinal))
        {
            return default;
        }

        var (crate, _) = await crates.Load(StreamName.Of(name), cancellationToken);
        if (!string.Equals(crate.Name?.Text, name.Text, StringComparison.Ordinal)
            || !crate.IsVisibleTo(by.Requester)
            || crate.Versions.Values.All(v => v.IsDeleted))
        {
            return (new InvalidInput($"dependency `{name}` is not in this registry"), null);
        }

        return VersionReq.TryParse(dependency.Req, out var requirement) && !crate.Versions.Values.Any(v => !v.IsDeleted && requirement.Matches(v.Version))
            ? (null, $"no version of `{name}` in this registry matches `{dependency.Req}`")
            : default;
    }
}
