using System.Text.Json;
using Raktar.Application.Crates;
using Raktar.Application.Events;
using Raktar.Domain.Crates;

namespace Raktar.Projections.Crates;

/// <summary>The lines of an index file, each with its newline.</summary>
internal sealed record IndexLines(string Name, List<byte[]> Lines);

/// <summary>
/// The index file of a crate. One line per version, written when it is published; a yank rewrites the one field of its line in place, because
/// cargo from 1.96 on reads the first of two lines.
/// </summary>
internal sealed class IndexProjection : IProjection<IndexLines>
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
                case VersionPublished e:
                    view!.Lines.Add(IndexLine.Write(view.Name, e, recorded.Commit.At));
                    break;
                case VersionYanked e:
                    Mark(view!, e.Version, yanked: true);
                    break;
                case VersionUnyanked e:
                    Mark(view!, e.Version, yanked: false);
                    break;
            }
        }

        return view!;
    }

    public IndexLines Parse(ReadOnlyMemory<byte> body)
    {
        var file = IndexFile.Parse(body);
        var lines = new List<byte[]>();
        for (var rest = file.Body.Span; !rest.IsEmpty;)
        {
            var end = rest.IndexOf((byte)'\n') + 1;
            lines.Add(rest[..end].ToArray());
            rest = rest[end..];
        }

        return new(file.Name, lines);
    }

    public byte[] ToBytes(IndexLines view) => IndexFile.Of(view.Name, (byte[])[.. view.Lines.SelectMany(line => line)]).ToBytes();

    private static void Mark(IndexLines view, SemVersion version, bool yanked)
    {
        var index = view.Lines.FindIndex(line => IndexLine.VersionOf(line) == version);
        view.Lines[index] = IndexLine.Mark(view.Lines[index], yanked);
    }
}
