using Raktar.Application.Publishing.Archives;
using Raktar.Application.Publishing.Rules;
using Raktar.Domain.Crates;

namespace Raktar.Application.Publishing.CrateFiles;

/// <summary>
/// Reads a crate file (a gzipped tar archive, as <c>cargo package</c> makes it) once, forward only, and answers what a registry must
/// know of it. Nothing is unpacked: all but a few small files is counted, judged and dropped.
/// Stricter than any one reader of such files, so that all of them see the same contents.
/// </summary>
public static class CrateFileInspector
{
    // What cargo unpacks of a published crate: the larger of this and the ratio times the compressed size.
    // cargo: src/cargo/sources/registry/mod.rs, max_unpack_size
    private const long CargoUnpackBytes = 512L * 1024 * 1024;
    private const int CargoUnpackRatio = 20;

    /// <summary>
    /// Reads <paramref name="length"/> bytes of <paramref name="compressed"/>, all of them when the file is accepted, asynchronously only.
    /// Memory stays bounded whatever the file claims. Failures of the stream itself pass through as they are.
    /// </summary>
    /// <param name="compressed">The crate file; need not be seekable, is left open and not read beyond the length.</param>
    /// <param name="length">The announced size in bytes; fewer are a refusal.</param>
    /// <param name="name">The crate, spelled as in cargo's metadata.</param>
    /// <param name="version">The version, build metadata included.</param>
    /// <param name="readmePath">The readme as cargo's metadata names it, relative to the crate, or null for none.</param>
    /// <param name="rules">The registry's limits and policies.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async Task<Outcome<InspectedCrateFile>> Inspect(
        Stream compressed,
        long length,
        CrateName name,
        SemVersion version,
        string? readmePath,
        PublishRules rules,
        CancellationToken cancellationToken)
    {
        var limit = Math.Min(rules.Limits.UnpackedBytes, Math.Max(CargoUnpackBytes, CargoUnpackRatio * length));
        using var contents = new CrateContents($"{name.Text}-{version}", readmePath, rules);

        using var bytes = new InflatedReader(compressed, length, limit);
        var refusal = await bytes.Open(cancellationToken) ?? await new TarWalk(bytes, contents, rules.Limits).Run(cancellationToken);
        return refusal is null ? contents.Complete() : refusal;
    }
}
