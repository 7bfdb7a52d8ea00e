using Microsoft.Extensions.DependencyInjection;
using Raktar.Application.Accounts;
using Raktar.Application.Audit;
using Raktar.Application.Crates.TimeMachine;
using Raktar.Application.Crates.Views;
using Raktar.Application.Log;
using Raktar.Application.Ports;
using Raktar.Application.State;
using Raktar.Projections.Crates;

namespace Raktar.Projections;

/// <summary>What this project offers.</summary>
public static class ProjectionServices
{
    /// <summary>The kinds of all projections' documents.</summary>
    public static IEnumerable<string> Kinds => [IndexFile.Kind, CrateStreams.Kind, CrateDetails.Kind, CatalogueRow.Kind, AccountStreams.Kind];

    /// <summary>The names of all projections.</summary>
    public static IEnumerable<string> Names => [.. Kinds, AuditProjector.Name];

    /// <summary>All projections over the given stores, in the order in which readers need them.</summary>
    public static IReadOnlyList<IProjector> All(IStreamReader events, IDocumentStore documents, IAuditStore audit, LargeDocuments? large = null)
    {
        large ??= new LargeDocuments();
        return
        [
            Of(new IndexProjection()),
            Of(new StateProjection<Domain.Crates.Crate>(StreamName.CrateKind, new CrateStreams(), crate => crate.IsGuarded)),
            Of(new CrateDetailsProjection()),
            Of(new CatalogueProjection()),
            Of(new StateProjection<Domain.Accounts.Account>(
                StreamName.AccountKind,
                new AccountStreams(),
                isFollowed: _ => true,
                account =>
                [
                    .. account.Tokens.Values.Where(token => !token.IsRevoked).Select(token => token.Hash.Hex),
                    .. account.Identity is { } identity ? [AccountStreams.AliasOf(identity)] : Array.Empty<string>(),
                ])),
            new AuditProjector(events, audit),
        ];

        Projector<T> Of<T>(IProjection<T> projection)
            where T : class => new(projection, events, documents, large);
    }

    /// <summary>Registers the projectors.</summary>
    public static IServiceCollection AddProjections(this IServiceCollection services) =>
        services.AddSingleton<IPastFold<IndexFile>, IndexProjection>().AddSingleton<IPastFold<CrateDetails>, CrateDetailsProjection>().AddSingleton(provider => All(
            provider.GetRequiredService<IEventStore>(), provider.GetRequiredService<IDocumentStore>(), provider.GetRequiredService<IAuditStore>()));
}
