using System.Buffers;
using System.Text;
using System.Text.Unicode;
using Raktar.Application.Publishing.Rules;
using Raktar.Domain;

namespace Raktar.Application.Publishing.CrateFiles;

/// <summary>What a path in a crate file must be: below <c>name-version/</c>, and the same on every system that unpacks it.</summary>
internal static class EntryPath
{
    // To Windows these are a separator, a drive or a stream: there the path would be another one.
    private static readonly SearchValues<char> WindowsSteering = SearchValues.Create("\\:");

    // Windows takes none of them in a name; cargo refuses to package them.
    // cargo: src/cargo/util/restricted_names.rs, src/cargo/ops/cargo_package
    private static readonly SearchValues<char> WindowsReserved = SearchValues.Create("<>\"|?*");

    /// <summary>Reads a path; <paramref name="relative"/> is what follows the root, without a slash at its end, empty for the root itself.</summary>
    public static Refusal? Read(ReadOnlySpan<byte> raw, bool isDirectory, string root, PublishLimits limits, out string relative)
    {
        var path = Encoding.UTF8.GetString(raw);
        relative = string.Empty;
        if (path.Length == 0 || !Utf8.IsValid(raw) || HasControl(path))
        {
            return new InvalidInput($"invalid path {Quote.Of(path)}");
        }

        if (raw.Length > limits.PathLength)
        {
            return new InvalidInput($"path {Quote.Of(path)} is {raw.Length} bytes (max {limits.PathLength})");
        }

        var plain = isDirectory && path.EndsWith('/') ? path[..^1] : path;
        var depth = 0;
        foreach (var range in plain.AsSpan().Split('/'))
        {
            var component = plain.AsSpan(range);
            if (Problem(component, limits) is { } problem)
            {
                return new InvalidInput($"path {Quote.Of(path)} {problem}");
            }

            depth++;
            if ((depth == 1 && !component.SequenceEqual(root)) || (depth == 2 && component.Equals(".cargo-ok", StringComparison.OrdinalIgnoreCase)))
            {
                return new InvalidInput(depth == 1 ? $"path {Quote.Of(path)} is outside `{root}/`" : $"path {Quote.Of(path)} is reserved by cargo");
            }
        }

        if (depth > limits.PathDepth)
        {
            return new InvalidInput($"path {Quote.Of(path)} has {depth} components (max {limits.PathDepth})");
        }

        if (depth == 1 && !isDirectory)
        {
            return new InvalidInput($"path {Quote.Of(path)} must be a directory");
        }

        relative = depth == 1 ? string.Empty : plain[(root.Length + 1)..];
        return null;
    }

    /// <summary>
    /// Whether Windows can unpack it: no component is a device to it, whatever its extension, ends in a dot or a blank, or has a character that it reserves.
    /// The devices: cargo's restricted_names.rs, and <c>com0</c>, <c>lpt0</c>.
    /// </summary>
    public static bool FitsWindows(string relative)
    {
        foreach (var range in relative.AsSpan().Split('/'))
        {
            var component = relative.AsSpan(range);
            if (component.ContainsAny(WindowsReserved) || component is [.., '.' or ' '])
            {
                return false;
            }

            var dot = component.IndexOf('.');
            var stem = (dot < 0 ? component : component[..dot]).TrimEnd(' ');
            if (stem.Length is 3 or 4 && IsDevice(stem))
            {
                return false;
            }
        }

        return true;
    }

    private static bool HasControl(ReadOnlySpan<char> path) => path.ContainsAnyInRange('\0', '\u001f') || path.ContainsAnyInRange('\u007f', '\u009f');

    private static bool IsDevice(ReadOnlySpan<char> stem)
    {
        Span<char> lower = stackalloc char[stem.Length];
        stem.ToLowerInvariant(lower);
        return lower is "con" or "prn" or "aux" or "nul" || (lower[..3] is "com" or "lpt" && lower.Length == 4 && char.IsAsciiDigit(lower[3]));
    }

    private static string? Problem(ReadOnlySpan<char> component, PublishLimits limits)
    {
        if (component is "")
        {
            return "is absolute or has an empty component";
        }

        if (component is "." or "..")
        {
            return $"contains `{component}`";
        }

        if (component.ContainsAny(WindowsSteering))
        {
            return "cannot be extracted on Windows";
        }

        var bytes = Encoding.UTF8.GetByteCount(component);
        return bytes > limits.PathComponentLength ? $"has a component of {bytes} bytes (max {limits.PathComponentLength})" : null;
    }
}
