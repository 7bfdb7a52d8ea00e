using System.Reflection;
using ArchUnitNET.Loader;
using GenericParameter = ArchUnitNET.Domain.GenericParameter;

namespace Raktar.Testing;

/// <summary>Folders as floors: what stands in one uses itself and what is below.</summary>
internal static class Floors
{
    /// <summary>
    /// Each use of what stands higher, in words. <paramref name="floors"/> are the folders of <paramref name="root"/> from the ground up, as namespaces below it; the
    /// root itself is the empty one. <paramref name="roofs"/> are types that may use all, because they put all together.
    /// </summary>
    public static IReadOnlyList<string> ArrowsUp(Assembly assembly, string root, string[] floors, params string[] roofs)
    {
        var types = new ArchLoader().LoadAssemblies(assembly).Build().Types.Where(type => Level(type.Namespace.FullName) is not null).ToList();
        var missing = types.Where(type => Level(type.Namespace.FullName) < 0).Select(type => $"{type.FullName} stands on no floor");
        var empty = floors.Where((_, level) => !types.Exists(type => Level(type.Namespace.FullName) == level)).Select(floor => $"nothing stands on the floor `{floor}`");
        var up = from type in types
                 where !roofs.Contains(type.Name, StringComparer.Ordinal)
                 from target in type.Dependencies.Select(dependency => dependency.Target).Where(target => target is not GenericParameter).Distinct()
                 where Level(target.Namespace?.FullName ?? string.Empty) is { } used && used > Level(type.Namespace.FullName)
                 select $"{type.FullName} uses {target.FullName}";
        return [.. missing, .. empty, .. up.Distinct()];

        int? Level(string ns) => ns == root ? Array.IndexOf(floors, string.Empty)
            : ns.StartsWith(root + ".", StringComparison.Ordinal) ? Array.IndexOf(floors, ns[(root.Length + 1)..])
            : null;
    }
}
