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
        var crate = guarded.Find(name, cancellationToken);
        var deleted = guarded.StillShown(name, cancellationToken);
        var document = documents.Get(new(IndexFile.Kind, name.Canonical), cancellationToken);
        return crate.IsCompletedSuccessfully && deleted.IsCompletedSuccessfully && document.IsCompletedSuccessfully
            ? Task.FromResult(Answer(query, crate.Result, deleted.Result, document.Result))
            : Later(query, crate.AsTask(), deleted.AsTask(), document.AsTask());
    }

    private static async Task<Outcome<IndexFile>> Later(
        GetIndexFile query, Task<Crate?> crate, Task<IReadOnlyCollection<SemVersion>> deleted, Task<Document?> document)
    {
        await Task.WhenAll(crate, deleted, document);
        return Answer(query, await crate, await deleted, await document);
    }

    private static Outcome<IndexFile> Answer(GetIndexFile query, Crate? crate, IReadOnlyCollection<SemVersion> deleted, Document? document) =>
        document?.View(IndexFile.Parse) is { IsEmpty: false } file
        && GuardedCrates.Shows(crate, file.IsRestricted, query.By)
        && file.Name.Equals(query.LowerName, StringComparison.OrdinalIgnoreCase)
            ? deleted.Count > 0 && deleted.Any(version => file.Lists(version)) ? throw new StoreUnavailableException("documents") : file
            : new NoSuchCrate(query.LowerName);
}
