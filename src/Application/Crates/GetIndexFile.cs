using MediatR;
using Raktar.Application.Ports;
using Raktar.Domain;
using Raktar.Domain.Crates;

namespace Raktar.Application.Crates;

/// <summary>The index file whose name in the URL is <paramref name="LowerName"/>. Names that differ in <c>-</c> and <c>_</c> are different files.</summary>
public sealed record GetIndexFile(string LowerName) : IRequest<Outcome<IndexFile>>;

internal sealed class GetIndexFileHandler(IDocumentStore documents) : IRequestHandler<GetIndexFile, Outcome<IndexFile>>
{
    public Task<Outcome<IndexFile>> Handle(GetIndexFile query, CancellationToken cancellationToken)
    {
        if (!CrateName.TryParse(query.LowerName, out var name))
        {
            return Task.FromResult<Outcome<IndexFile>>(new NoSuchCrate(query.LowerName));
        }

        var document = documents.Get(new(IndexFile.Kind, name.Canonical), cancellationToken);
        return document.IsCompletedSuccessfully ? Task.FromResult(Answer(query, document.Result)) : Later(query, document);
    }

    private static async Task<Outcome<IndexFile>> Later(GetIndexFile query, ValueTask<Document?> document) => Answer(query, await document);

    private static Outcome<IndexFile> Answer(GetIndexFile query, Document? document) =>
        document?.View(IndexFile.Parse) is { } file && file.Name.Equals(query.LowerName, StringComparison.OrdinalIgnoreCase)
            ? file
            : new NoSuchCrate(query.LowerName);
}
