using System.Text.RegularExpressions;

namespace Raktar.Cargo.Specs;

/// <summary>A crate's source. Only with a manifest as cargo writes them when it packages, one table per dependency, which text is enough to read.</summary>
internal sealed partial record DebianCrate(string Path, string Name, string Manifest, IReadOnlyList<string> Dependencies)
{
    private const string Sources = "/usr/share/cargo/registry";

    public string Folder => System.IO.Path.GetFileName(Path);

    public static DebianCrate? Read(string path)
    {
        var file = System.IO.Path.Combine(path, "Cargo.toml");
        if (!File.Exists(file))
        {
            return null;
        }

        var (kept, dependencies, own, name) = (new List<string>(), new List<string>(), false, string.Empty);
        var (skipping, inPackage, inline) = (false, false, false);
        foreach (var line in File.ReadLines(file))
        {
            if (line.StartsWith('['))
            {
                // What only its own tests and examples need stays behind.
                skipping = Development().IsMatch(line);
                inPackage = line == "[package]";
                var dependency = Dependency().Match(line);
                own = dependency.Success && !skipping;
                if (own)
                {
                    dependencies.Add(dependency.Groups["name"].Value.Trim('"'));
                }

                inline = !skipping && Inline().IsMatch(line);
                if (!skipping)
                {
                    kept.Add(line);
                    if (own)
                    {
                        kept.Add("registry = \"raktar\"");
                    }
                }

                continue;
            }

            if (skipping)
            {
                continue;
            }

            if (inline && line.Length > 0)
            {
                return null;
            }

            if (own && line.StartsWith("package = ", StringComparison.Ordinal))
            {
                dependencies[^1] = line.Split('"')[1];
            }

            if (inPackage && line.StartsWith("name = ", StringComparison.Ordinal))
            {
                name = line.Split('"')[1];
            }

            // Cargo insists on a readme that the manifest names; Debian does not keep them all.
            if (!(inPackage && line.StartsWith("readme = \"", StringComparison.Ordinal) && !File.Exists(System.IO.Path.Combine(path, line.Split('"')[1]))))
            {
                kept.Add(line);
            }
        }

        return new(path, name, string.Join('\n', kept) + "\n\n[workspace]\n", [.. dependencies.Where(needed => needed != name).Distinct(StringComparer.Ordinal)]);
    }

    public string CopyTo(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(Path, "*", SearchOption.AllDirectories))
        {
            var relative = System.IO.Path.GetRelativePath(Path, file);
            if (relative is not (".cargo-checksum.json" or ".cargo_vcs_info.json" or "Cargo.toml.orig" or "Cargo.lock" or "rust-toolchain"))
            {
                var target = System.IO.Path.Combine(folder, relative);
                Directory.CreateDirectory(System.IO.Path.GetDirectoryName(target)!);
                File.Copy(file, target, overwrite: true);
            }
        }

        File.WriteAllText(System.IO.Path.Combine(folder, "Cargo.toml"), Manifest);
        return folder;
    }

    /// <summary>All that there are (tests/install-debian-crates.sh).</summary>
    public static List<DebianCrate> All()
    {
        Assert.True(Directory.Exists(Sources), $"{Sources} is missing: run tests/install-debian-crates.sh");
        return [.. Directory.GetDirectories(Sources).Select(Read).OfType<DebianCrate>()];
    }

    /// <summary>These crates, and all that they need.</summary>
    public static HashSet<string> Closure(IReadOnlyCollection<DebianCrate> sources, params string[] used)
    {
        var (closure, next) = (new HashSet<string>(StringComparer.Ordinal), new Queue<string>(used));
        while (next.TryDequeue(out var name))
        {
            if (closure.Add(name))
            {
                sources.Where(source => source.Name == name).SelectMany(source => source.Dependencies).ToList().ForEach(next.Enqueue);
            }
        }

        return closure;
    }

    [GeneratedRegex(@"^\[(target\..+\.)?dev-dependencies|^\[\[(test|bench|example)\]\]|^\[(profile|badges|workspace|patch|replace)\b", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Development();

    [GeneratedRegex(@"^\[(target\..+\.)?(build-)?dependencies\.(?<name>[^\].]+)\]$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Dependency();

    [GeneratedRegex(@"^\[(target\..+\.)?(build-)?dependencies\]$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Inline();
}
