using MediatR;
using Raktar.Application.Crates.Views;
using Raktar.Domain.Accounts;

namespace Raktar.Application.Crates.Search;

/// <summary>
/// The keywords or categories of the crates that <paramref name="By"/> (null: somebody unknown) may see, by name; of <paramref name="Names"/> those that there
/// are, in that order.
/// </summary>
public sealed record ListTopics(TopicKind Kind, Requester? By, IReadOnlyCollection<string>? Names = null) : IRequest<Outcome<IReadOnlyList<Topic>>>;

internal sealed class ListTopicsHandler(Catalogue catalogue, GuardedCrates guarded) : IRequestHandler<ListTopics, Outcome<IReadOnlyList<Topic>>>
{
    public async Task<Outcome<IReadOnlyList<Topic>>> Handle(ListTopics query, CancellationToken cancellationToken)
    {
        var isShown = await guarded.ShownTo(query.By, cancellationToken);
        var topics = await catalogue.Topics(cancellationToken);
        IEnumerable<string> names = query.Names ?? (IEnumerable<string>)topics.Names(query.Kind).Order(StringComparer.Ordinal);
        return names.Select(name => TopicOf(name, topics.Crates(query.Kind, name), isShown)).OfType<Topic>().ToList();
    }

    private static Topic? TopicOf(string name, IReadOnlyList<CatalogueRow> crates, Func<CatalogueRow, bool> isShown)
    {
        var (count, first) = (0, DateTimeOffset.MaxValue);
        foreach (var crate in crates.Where(isShown))
        {
            count++;
            first = crate.CreatedAt < first ? crate.CreatedAt : first;
        }

        return count == 0 ? null : new(name.ToLowerInvariant(), count, first);
    }
}
