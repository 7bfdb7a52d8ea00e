using MediatR;
using Raktar.Application.Ports;
using Raktar.Domain;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;

namespace Raktar.Application.Crates;

/// <summary>
/// The index file whose name in the URL is <paramref name="LowerName"/>, for <paramref name="By"/> (null: somebody unknown). Names that differ in <c>-</c> and
/// <c>_</c> are different files.
/// </summary>
public sealed record GetIndexFile(string LowerName, Identity? By) : IRequest<Outcome<IndexFile>>;

internal sealed class GetIndexFileHandler(IDocumentStore documents, GuardedCrates guarded) : IRequestHandler<GetIndexFile, Outcome<IndexFile>>
{
    public Task<Outcome<IndexFile>> Handle(GetIndexFile query, CancellationToken cancellationToken)
    {
        if (!CrateName.TryParse(query.LowerName, out var name))
        {
            return Task.FromResult<Outcome<IndexFile>>(new NoSuchCrate(query.LowerName));
        }

        // Every build waits for this: where nothing has to be waited for, nothing is.
        var visible = guarded.IsVisible(name, query.By, cancellationToken);
        var deleted = guarded.StillShown(name, cancellationToken);
        var document = documents.Get(new(IndexFile.Kind, name.Canonical), cancellationToken);
        return visible.IsCompletedSuccessfully && deleted.IsCompletedSuccessfully && document.IsCompletedSuccessfully
            ? Task.FromResult(Answer(query, visible.Result, deleted.Result, document.Result))
            : Later(query, visible.AsTask(), deleted.AsTask(), document.AsTask());
    }

    private static async Task<Outcome<IndexFile>> Later(
        GetIndexFile query, Task<bool> visible, Task<IReadOnlyCollection<SemVersion>> deleted, Task<Document?> document)
    {
        await Task.WhenAll(visible, deleted, document);
        return Answer(query, await visible, await deleted, await document);
    }

    private static Outcome<IndexFile> Answer(GetIndexFile query, bool visible, IReadOnlyCollection<SemVersion> deleted, Document? document) =>
        visible && document?.View(IndexFile.Parse) is { IsEmpty: false } file && file.Name.Equals(query.LowerName, StringComparison.OrdinalIgnoreCase)
            ? deleted.Count > 0 && deleted.Any(file.Lists) ? throw new StoreUnavailableException("documents") : file
            : new NoSuchCrate(query.LowerName);
}
