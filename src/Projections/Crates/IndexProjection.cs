using Raktar.Application.Crates.Views;
using Raktar.Application.Log;
using Raktar.Domain;
using Raktar.Domain.Crates;

namespace Raktar.Projections.Crates;

/// <summary>The lines of an index file.</summary>
internal sealed record IndexLines(string Name, List<VersionLine> Lines, bool IsRestricted = false);

/// <summary>The line of one version, with its newline.</summary>
internal sealed class VersionLine(ReadOnlyMemory<byte> bytes)
{
    private SemVersion? _version;

    public ReadOnlyMemory<byte> Bytes { get; set; } = bytes;

    // Read when it is first asked for: most commits only add a line.
    public SemVersion Version => _version ??= IndexLine.VersionOf(Bytes.Span);
}

/// <summary>
/// The index file of a crate. One line per version, written when it is published; a yank rewrites the one field of its line in place, because
/// cargo from 1.96 on reads the first of two lines. The line of a deleted version is gone; when the version comes back all lines are made anew.
/// </summary>
internal sealed class IndexProjection : IProjection<IndexLines>, IPastFold<IndexFile>
{
    public string Kind => IndexFile.Kind;

    public string StreamKind => StreamName.CrateKind;

    public bool KeepsPackages => true;

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
                    view!.Lines.Remove(Find(view, e.Version));
                    break;
                case VersionRestored e when !view!.Lines.Exists(line => line.Version == e.Version):
                    throw new CannotFoldOnException();
            }
        }

        return view!;
    }

    public async Task<IndexFile?> Fold(IAsyncEnumerable<RecordedCommit> commits, IReadOnlySet<SemVersion> without, CancellationToken cancellationToken)
    {
        var view = await commits.AggregateAsync((IndexLines?)null, Fold, cancellationToken);
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
        for (var rest = file.Body; !rest.IsEmpty;)
        {
            var end = rest.Span.IndexOf((byte)'\n') + 1;
            lines.Add(new(rest[..end]));
            rest = rest[end..];
        }

        return new(file.Name, lines, file.IsRestricted);
    }

    public byte[] ToBytes(IndexLines view) => ToFile(view).ToBytes();

    public long SizeOf(ReadOnlyMemory<byte> body) => IndexFile.Parse(body).Length;

    private static IndexFile ToFile(IndexLines view)
    {
        var body = new byte[view.Lines.Sum(line => line.Bytes.Length)];
        var rest = body.AsSpan();
        foreach (var line in view.Lines)
        {
            line.Bytes.Span.CopyTo(rest);
            rest = rest[line.Bytes.Length..];
        }

        return IndexFile.Of(view.Name, body, view.IsRestricted);
    }

    private static void Mark(IndexLines view, SemVersion version, bool yanked)
    {
        var line = Find(view, version);
        line.Bytes = IndexLine.Mark(line.Bytes.Span, yanked);
    }

    private static VersionLine Find(IndexLines view, SemVersion version) =>
        view.Lines.Find(line => line.Version == version) ?? throw new InvalidOperationException($"a fact about {view.Name} {version}, which was never published");
}
