using Microsoft.Extensions.DependencyInjection;
using Raktar.Application.Audit;
using Raktar.Application.Crates.TimeMachine;
using Raktar.Application.Crates.Views;
using Raktar.Application.Ports;
using Raktar.Projections.Crates;

namespace Raktar.Projections;

/// <summary>What this project offers.</summary>
public static class ProjectionServices
{
    /// <summary>Registers the projections.</summary>
    public static IServiceCollection AddProjections(this IServiceCollection services) =>
        services.AddSingleton<IPastFold<IndexFile>, IndexProjection>().AddSingleton<IPastFold<CrateDetails>, CrateDetailsProjection>().AddSingleton(provider => new Projectors(
            provider.GetRequiredService<IEventStore>(), provider.GetRequiredService<IDocumentStore>(), provider.GetRequiredService<IAuditStore>()));
}
