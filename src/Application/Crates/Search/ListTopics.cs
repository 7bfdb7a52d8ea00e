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
        var sight = await guarded.Of(query.By, cancellationToken);
        return await catalogue.Ask(
            rows =>
            {
                var (topics, isShown) = (rows.Topics(query.Kind), rows.Shown(sight));
                IEnumerable<string> names = query.Names ?? (IEnumerable<string>)topics.Names.Order(StringComparer.Ordinal);
                return names.Select(name => TopicOf(name, topics.Crates(name).Where(isShown), rows)).OfType<Topic>().ToList();
            },
            cancellationToken);
    }

    private static Topic? TopicOf(string name, IEnumerable<int> crates, CatalogueRows rows)
    {
        var (count, first) = (0, long.MaxValue);
        foreach (var crate in crates)
        {
            count++;
            first = Math.Min(first, rows.Of(crate).CreatedAt);
        }

        return count == 0 ? null : new(name.ToLowerInvariant(), count, new(first, TimeSpan.Zero));
    }
}
