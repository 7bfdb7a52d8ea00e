using Raktar.Application.Crates.TimeMachine;
using Raktar.Application.Crates.Views;
using Raktar.Application.Log;
using Raktar.Domain;
using Raktar.Domain.Crates;

namespace Raktar.Projections.Crates;

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
                    view = new() { Name = e.Name.Text };
                    break;
                case CrateRespelled e:
                    view!.Name = e.Name.Text;
                    break;
                case VisibilityChanged e:
                    view!.IsRestricted = e.Restricted;
                    break;
                case VersionPublished e:
                    view!.Add(IndexLine.Write(view.Name, e, recorded.Commit.At));
                    break;
                case VersionYanked e:
                    view!.Replace(e.Version, line => IndexLine.Mark(line, yanked: true));
                    break;
                case VersionUnyanked e:
                    view!.Replace(e.Version, line => IndexLine.Mark(line, yanked: false));
                    break;
                case VersionDeleted e:
                    view!.Replace(e.Version, _ => []);
                    break;
                case VersionRestored e when !view!.Has(e.Version):
                    throw new CannotFoldOnException();
            }
        }

        return view!;
    }

    public async Task<IndexFile?> Fold(IAsyncEnumerable<RecordedCommit> commits, IReadOnlySet<SemVersion> without, CancellationToken cancellationToken)
    {
        var view = await commits.AggregateAsync((IndexLines?)null, Fold, cancellationToken);
        foreach (var version in without.Where(version => view?.Has(version) is true))
        {
            view!.Replace(version, _ => []);
        }

        return view is null ? null : ToFile(view);
    }

    public long SizeOf(IndexFile view) => 4L * view.Gzip.Length;

    public IndexLines Parse(ReadOnlyMemory<byte> body)
    {
        var file = IndexFile.Parse(body);
        return new(file.Gzip, (int)file.Length) { Name = file.Name, IsRestricted = file.IsRestricted };
    }

    public byte[] ToBytes(IndexLines view) => ToFile(view).ToBytes();

    public long SizeOf(ReadOnlyMemory<byte> body) => IndexFile.Parse(body).Length;

    private static IndexFile ToFile(IndexLines view) => IndexFile.Of(view.Name, view.Bytes, view.IsRestricted);
}
