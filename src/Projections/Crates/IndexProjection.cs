using Raktar.Application.Crates.TimeMachine;
using Raktar.Application.Crates.Views;
using Raktar.Application.Log;
using Raktar.Application.Ports;
using Raktar.Domain;
using Raktar.Domain.Crates;

namespace Raktar.Projections.Crates;

/// <summary>
/// The index file of a crate. One line per version, written when it is published; a yank rewrites the one field of its line in place, because
/// cargo from 1.96 on reads the first of two lines. The line of a deleted version is gone; when the version comes back all lines are made anew.
/// </summary>
internal sealed class IndexProjection : IProjection<IndexFile>, IPastFold<IndexFile>
{
    public string Kind => IndexFile.Kind;

    public bool KeepsPackages => true;

    public IndexFile Fold(IndexFile? view, RecordedCommit recorded)
    {
        foreach (var fact in recorded.Commit.Events)
        {
            view = fact switch
            {
                CrateCreated e => IndexFile.Of(e.Name.Text),
                CrateRespelled e => view!.Named(e.Name.Text),
                VisibilityChanged e => view!.Restricted(e.Restricted),
                VersionPublished e => view!.Add(e.Version, IndexLine.Write(view.Name, e, recorded.Commit.At), recorded.Bytes),
                VersionYanked e => view!.Replace(e.Version, line => IndexLine.Mark(line, yanked: true)),
                VersionUnyanked e => view!.Replace(e.Version, line => IndexLine.Mark(line, yanked: false)),
                VersionDeleted e => view!.Replace(e.Version, _ => []),
                VersionRestored e when !view!.Has(e.Version) => throw new CannotFoldOnException(),
                _ => view,
            };
        }

        return view!;
    }

    public async Task<IndexFile?> Fold(IAsyncEnumerable<RecordedCommit> commits, IReadOnlySet<SemVersion> without, CancellationToken cancellationToken)
    {
        var view = await commits.AggregateAsync((IndexFile?)null, Fold, cancellationToken);
        return without.Where(version => view?.Has(version) is true).Aggregate(view, (file, version) => file!.Replace(version, _ => []));
    }

    public long SizeOf(IndexFile view) => view.Length;

    public long MemoryOf(IndexFile view) => 4 * view.GzipLength;

    public IndexFile Parse(Document document) => IndexFile.Parse(document);

    public byte[] ToBytes(IndexFile view) => view.ToBytes();

    public IReadOnlyList<DocumentPart> ToParts(IndexFile view) => view.ToParts();
}
