using MediatR;
using Raktar.Application.Ports;
using Raktar.Domain;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;

namespace Raktar.Application.Crates.Views;

/// <summary>
/// The index file whose name in the URL is <paramref name="LowerName"/>, for <paramref name="By"/> (null: somebody unknown). Names that differ in <c>-</c> and
/// <c>_</c> are different files.
/// </summary>
public sealed record GetIndexFile(string LowerName, Requester? By) : IRequest<Outcome<IndexFile>>;

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
        if (!crate.IsCompletedSuccessfully || !deleted.IsCompletedSuccessfully || !document.IsCompletedSuccessfully)
        {
            return Later(query, name, crate.AsTask(), deleted.AsTask(), document.AsTask(), cancellationToken);
        }

        var file = document.Result?.View(IndexFile.Parse);
        var isShown = IsShown(query, name, crate.Result, file, cancellationToken);
        return isShown.IsCompletedSuccessfully
            ? Task.FromResult(Answer(query, isShown.Result ? file : null, deleted.Result))
            : Doubted(query, isShown, file, deleted.Result);
    }

    private static async Task<Outcome<IndexFile>> Doubted(
        GetIndexFile query, ValueTask<bool> isShown, IndexFile? file, IReadOnlyCollection<SemVersion> deleted) =>
        Answer(query, await isShown ? file : null, deleted);

    private static Outcome<IndexFile> Answer(GetIndexFile query, IndexFile? shown, IReadOnlyCollection<SemVersion> deleted) =>
        shown is { IsEmpty: false } file && file.Name.Equals(query.LowerName, StringComparison.OrdinalIgnoreCase)
            ? deleted.Count > 0 && deleted.Any(version => file.Lists(version)) ? throw new StoreUnavailableException("documents") : file
            : new NoSuchCrate(query.LowerName);

    private async Task<Outcome<IndexFile>> Later(
        GetIndexFile query,
        CrateName name,
        Task<Crate?> crate,
        Task<IReadOnlyCollection<SemVersion>> deleted,
        Task<Document?> document,
        CancellationToken cancellationToken)
    {
        await Task.WhenAll(crate, deleted, document);
        var file = (await document)?.View(IndexFile.Parse);
        return Answer(query, await IsShown(query, name, await crate, file, cancellationToken) ? file : null, await deleted);
    }

    private ValueTask<bool> IsShown(GetIndexFile query, CrateName name, Crate? crate, IndexFile? file, CancellationToken cancellationToken) =>
        guarded.Shows(name, crate, file is { IsRestricted: true }, query.By, cancellationToken);
}
