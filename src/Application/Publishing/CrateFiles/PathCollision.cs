namespace Raktar.Application.Publishing.CrateFiles;

/// <summary>Finds paths that some file system takes for one and the same.</summary>
internal static class PathCollision
{
    /// <summary>The form in which paths that differ only in case or Unicode composition are equal.</summary>
    public static string Fold(string path) => Decomposition.Of(path).ToUpperInvariant();

    /// <summary>Two paths that are equal when folded, or of which one is a file and the other below it; null when there are none.</summary>
    public static (string One, string Other)? Find(IReadOnlyCollection<string> files, IReadOnlyCollection<string> directories, Func<string, string> fold)
    {
        (string Path, bool IsFile)[] paths = [.. files.Select(path => (path, true)), .. directories.Select(path => (path, false))];

        // With the separator before all other characters, everything below a path follows it at once: comparing neighbours is enough.
        var keys = Array.ConvertAll(paths, entry => fold(entry.Path).Replace('/', '\0'));
        Array.Sort(keys, paths, StringComparer.Ordinal);
        for (var i = 1; i < keys.Length; i++)
        {
            var (one, other) = (keys[i - 1], keys[i]);
            if (other.StartsWith(one, StringComparison.Ordinal) && (other.Length == one.Length || (paths[i - 1].IsFile && other[one.Length] == '\0')))
            {
                return (paths[i - 1].Path, paths[i].Path);
            }
        }

        return null;
    }
}
