using Raktar.Application.Ports;
using Raktar.Domain;

namespace Raktar.Application.Crates.Views;

/// <summary>
/// What a view keeps of each version of a crate, in the order of publication, cut into runs: a new version goes into the last run, and a run that has
/// <see cref="FullBytes"/> is followed by another. So what one more fact changes is written, and the rest stays as it is stored. Where the cuts are is said by the
/// log alone, whatever became of the versions later.
/// </summary>
public sealed class VersionRuns<TVersion> : IEquatable<VersionRuns<TVersion>>
    where TVersion : class
{
    /// <summary>As many bytes of the log fill a run.</summary>
    public const long FullBytes = 64 * 1024;

    private VersionRuns(ValueList<Run> runs) => Runs = runs;

    /// <summary>No version.</summary>
    public static VersionRuns<TVersion> None { get; } = new([]);

    /// <summary>All versions.</summary>
    public ValueList<TVersion> All => field ??= Runs.Count == 1 ? Runs[0].Versions : Runs.SelectMany(run => run.Versions).ToValueList();

    /// <summary>How many bytes of the log each run stands for.</summary>
    public IEnumerable<long> Bytes => Runs.Select(run => run.Bytes);

    private ValueList<Run> Runs { get; }

    /// <summary>Reads what was stored: the bytes of the log of each run, all runs but the last as parts, and the last one.</summary>
    public static VersionRuns<TVersion> Parse(
        IReadOnlyList<long> bytes, IReadOnlyList<DocumentPart> parts, ReadOnlyMemory<byte> last, Func<ReadOnlyMemory<byte>, ValueList<TVersion>> parse) =>
        new(bytes.Select((size, i) => i < parts.Count ? new Run(parse(parts[i].Bytes), size, parts[i]) : new Run(parse(last), size, null)).ToValueList());

    /// <summary>With one more version, of which the log has <paramref name="bytes"/> bytes.</summary>
    public VersionRuns<TVersion> Add(TVersion version, long bytes) => new(
        Runs.Count > 0 && Runs[^1] is { Bytes: < FullBytes } last
            ? [.. Runs.Take(Runs.Count - 1), new([.. last.Versions, version], last.Bytes + bytes, null)]
            : [.. Runs, new([version], bytes, null)]);

    /// <summary>With another version where <paramref name="which"/> is.</summary>
    public VersionRuns<TVersion> Change(Func<TVersion, bool> which, Func<TVersion, TVersion> change) => new(Runs.Select(run => run.Versions.Any(which)
        ? new Run(run.Versions.Select(version => which(version) ? change(version) : version).ToValueList(), run.Bytes, null)
        : run).ToValueList());

    /// <summary>All runs but the last, as they are stored.</summary>
    public IReadOnlyList<DocumentPart> Parts(Func<ValueList<TVersion>, byte[]> write) => [.. Runs.Take(Runs.Count - 1).Select(run => run.Part(write))];

    /// <summary>The last run as it is stored; nothing when there is none.</summary>
    public ReadOnlyMemory<byte> Last(Func<ValueList<TVersion>, byte[]> write) => Runs.Count == 0 ? default : Runs[^1].Part(write).Bytes;

    /// <inheritdoc/>
    public bool Equals(VersionRuns<TVersion>? other) => other is not null && All.Equals(other.All);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as VersionRuns<TVersion>);

    /// <inheritdoc/>
    public override int GetHashCode() => All.GetHashCode();

    private sealed class Run(ValueList<TVersion> versions, long bytes, DocumentPart? part)
    {
        private DocumentPart? _part = part;

        public ValueList<TVersion> Versions { get; } = versions;

        public long Bytes { get; } = bytes;

        public DocumentPart Part(Func<ValueList<TVersion>, byte[]> write) => _part ??= new(write(Versions));
    }
}
