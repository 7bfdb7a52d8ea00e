using Raktar.Domain.Crates;

namespace Raktar.Application.Crates.Views;

/// <summary>
/// Which of a crate's versions stand for it: <see cref="Default"/> is the one to offer, <see cref="Max"/> the highest, <see cref="MaxStable"/> the
/// highest release (null when there is none). Yanked versions count only where all are yanked.
/// </summary>
public sealed record DefaultVersions<T>(T Default, T Max, T? MaxStable)
    where T : class;

/// <summary>Picks <see cref="DefaultVersions{T}"/>.</summary>
public static class DefaultVersions
{
    /// <summary>Picks from at least one version.</summary>
    public static DefaultVersions<T> Of<T>(IReadOnlyCollection<T> versions, Func<T, SemVersion> version, Func<T, bool> yanked)
        where T : class
    {
        var active = versions.Where(v => !yanked(v)).ToList();
        var candidates = active.Count > 0 ? active : [.. versions];
        var max = candidates.MaxBy(version)!;
        var stable = candidates.Where(v => !version(v).IsPreRelease).MaxBy(version);
        return new(stable ?? max, max, stable);
    }
}
