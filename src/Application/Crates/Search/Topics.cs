using System.Runtime.InteropServices;

namespace Raktar.Application.Crates.Search;

/// <summary>What crates can be listed by.</summary>
public enum TopicKind
{
    /// <summary>Keywords, which anybody may make up.</summary>
    Keyword,

    /// <summary>Categories. A crate in <c>a::b</c> is also one of <c>a</c>.</summary>
    Category,
}

/// <summary>A keyword or category, lower case, how many crates have it, and when the first of these was created.</summary>
public sealed record Topic(string Name, int Crates, DateTimeOffset CreatedAt);

/// <summary>The crates of each keyword, or of each category, whatever its case.</summary>
internal sealed class Topics
{
    private readonly Dictionary<string, List<int>> _crates = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, List<string>> _stems = new(StringComparer.Ordinal);

    /// <summary>The names of all, lower case.</summary>
    public IEnumerable<string> Names => _crates.Where(topic => topic.Value.Count > 0).Select(topic => topic.Key);

    /// <summary>The crates that have it.</summary>
    public IReadOnlyList<int> Crates(string name) => _crates.GetValueOrDefault(name) ?? [];

    /// <summary>The crates that have it in another form.</summary>
    public IEnumerable<int> CratesOfStem(string stem) => _stems.GetValueOrDefault(stem)?.SelectMany(name => _crates[name]) ?? [];

    /// <summary>The crates that have one in whose name this is somewhere; some perhaps twice.</summary>
    public IEnumerable<int> CratesContaining(string part) =>
        _crates.Where(topic => topic.Key.Contains(part, StringComparison.OrdinalIgnoreCase)).SelectMany(topic => topic.Value);

    /// <summary>Adds a crate, all its topics one after another.</summary>
    public void Add(string name, int crate)
    {
        if (!_crates.TryGetValue(name, out var crates))
        {
            var lower = name.ToLowerInvariant();
            _crates[lower] = crates = [];
            ref var stem = ref CollectionsMarshal.GetValueRefOrAddDefault(_stems, Ranking.Stem(lower), out _);
            (stem ??= []).Add(lower);
        }

        // Twice is once.
        if (crates.Count == 0 || crates[^1] != crate)
        {
            crates.Add(crate);
        }
    }

    /// <summary>Takes a crate away.</summary>
    public void Remove(string name, int crate) => _crates.GetValueOrDefault(name)?.Remove(crate);
}
