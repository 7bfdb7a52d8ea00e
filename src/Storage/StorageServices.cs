using Microsoft.Extensions.DependencyInjection;
using Raktar.Application.Ports;
using Raktar.Storage.Embedded;

namespace Raktar.Storage;

/// <summary>What this project offers.</summary>
public static class StorageServices
{
    /// <summary>Registers the stores of an embedded registry; the folder is taken when the first of them is asked for.</summary>
    public static IServiceCollection AddEmbeddedStorage(this IServiceCollection services, string dataFolder)
    {
        services.AddSingleton(_ => EmbeddedStorage.Own(dataFolder));
        services.AddSingleton(provider => provider.GetRequiredService<EmbeddedStorage>().Events);
        services.AddSingleton(provider => provider.GetRequiredService<EmbeddedStorage>().Documents);
        services.AddSingleton(provider => provider.GetRequiredService<EmbeddedStorage>().Blobs);
        return services;
    }
}
