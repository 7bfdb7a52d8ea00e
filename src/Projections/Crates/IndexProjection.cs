using System.Buffers.Binary;
using Raktar.Application.Crates;
using Raktar.Application.Events;
using Raktar.Application.Ports;
using Raktar.Domain;
using Raktar.Domain.Crates;

namespace Raktar.Projections.Crates;

/// <summary>The lines of an index file, those of deleted versions in their places.</summary>
internal sealed record IndexLines(string Name, List<VersionLine> Lines, bool IsRestricted = false);

/// <summary>The line of one version, with its newline.</summary>
internal sealed class VersionLine(byte[] bytes, bool isDeleted = false)
{
    private SemVersion? _version;

    public byte[] Bytes { get; set; } = bytes;

    public bool IsDeleted { get; set; } = isDeleted;

    // Read when it is first asked for: most commits only add a line.
    public SemVersion Version => _version ??= IndexLine.VersionOf(Bytes);
}

/// <summary>
/// The index file of a crate. One line per version, written when it is published; a yank rewrites the one field of its line in place, because
/// cargo from 1.96 on reads the first of two lines. The line of a deleted version is put aside, and comes back to its place as it was.
/// </summary>
internal sealed class IndexProjection : IProjection<IndexLines>, IPastFold<IndexFile>
{
    public string Kind => IndexFile.Kind;

    public string StreamKind => StreamName.CrateKind;

    public IndexLines Fold(IndexLines? view, RecordedCommit recorded)
    {
        foreach (var fact in recorded.Commit.Events)
        {
            switch (fact)
            {
                case CrateCreated e:
                    view = new(e.Name.Text, []);
                    break;
                case CrateRespelled e:
                    view = view! with { Name = e.Name.Text };
                    break;
                case VisibilityChanged e:
                    view = view! with { IsRestricted = e.Restricted };
                    break;
                case VersionPublished e:
                    view!.Lines.Add(new(IndexLine.Write(view.Name, e, recorded.Commit.At)));
                    break;
                case VersionYanked e:
                    Mark(view!, e.Version, yanked: true);
                    break;
                case VersionUnyanked e:
                    Mark(view!, e.Version, yanked: false);
                    break;
                case VersionDeleted e:
                    Find(view!, e.Version).IsDeleted = true;
                    break;
                case VersionRestored e:
                    Find(view!, e.Version).IsDeleted = false;
                    break;
            }
        }

        return view!;
    }

    public IndexFile? Fold(IEnumerable<RecordedCommit> commits, IReadOnlySet<SemVersion> without)
    {
        var view = commits.Aggregate((IndexLines?)null, Fold);
        if (view is not null && without.Count > 0)
        {
            view.Lines.RemoveAll(line => without.Contains(line.Version));
        }

        return view is null ? null : ToFile(view);
    }

    public long SizeOf(IndexFile view) => 4L * view.Gzip.Length;

    public IndexLines Parse(ReadOnlyMemory<byte> body)
    {
        var file = IndexFile.Parse(body);
        var lines = new List<VersionLine>();
        for (var rest = file.Body.Span; !rest.IsEmpty;)
        {
            lines.Add(new(TakeLine(ref rest)));
        }

        // Each has its place among all lines, and the lower places come first.
        for (var rest = file.Deleted.Span; !rest.IsEmpty;)
        {
            var place = BinaryPrimitives.ReadInt32LittleEndian(rest);
            rest = rest[4..];
            lines.Insert(place, new(TakeLine(ref rest), isDeleted: true));
        }

        return new(file.Name, lines, file.IsRestricted);
    }

    public byte[] ToBytes(IndexLines view) => ToFile(view).ToBytes();

    private static IndexFile ToFile(IndexLines view)
    {
        using var lines = new MemoryStream();
        using var deleted = new MemoryStream();
        Span<byte> place = stackalloc byte[4];
        foreach (var (index, line) in view.Lines.Index())
        {
            if (line.IsDeleted)
            {
                BinaryPrimitives.WriteInt32LittleEndian(place, index);
                deleted.Write(place);
                deleted.Write(line.Bytes);
            }
            else
            {
                lines.Write(line.Bytes);
            }
        }

        return IndexFile.Of(view.Name, lines.ToArray(), deleted.ToArray(), view.IsRestricted);
    }

    private static byte[] TakeLine(ref ReadOnlySpan<byte> rest)
    {
        var end = rest.IndexOf((byte)'\n') + 1;
        var line = rest[..end].ToArray();
        rest = rest[end..];
        return line;
    }

    private static void Mark(IndexLines view, SemVersion version, bool yanked)
    {
        var line = Find(view, version);
        line.Bytes = IndexLine.Mark(line.Bytes, yanked);
    }

    private static VersionLine Find(IndexLines view, SemVersion version) =>
        view.Lines.Find(line => line.Version == version) ?? throw new InvalidOperationException($"a fact about {view.Name} {version}, which was never published");
}
