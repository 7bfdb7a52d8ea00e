using Microsoft.Extensions.DependencyInjection;
using Raktar.Application.Ports;
using Raktar.Storage.Aws;
using Raktar.Storage.Embedded;

namespace Raktar.Storage;

/// <summary>What this project offers.</summary>
public static class StorageServices
{
    /// <summary>Registers the stores of an embedded registry; the folder is taken when the first of them is asked for.</summary>
    public static IServiceCollection AddEmbeddedStorage(this IServiceCollection services, string dataFolder) => services
        .AddSingleton(provider => EmbeddedStorage.Own(dataFolder, time: provider.GetRequiredService<TimeProvider>()))
        .AddStores<EmbeddedStorage>()
        .AddSingleton(provider => (IDependency)provider.GetRequiredService<IAsideStore>());

    /// <summary>Registers the stores of a registry on AWS; a function that runs a projection names no table for what is kept aside, and does not need it.</summary>
    public static IServiceCollection AddAwsStorage(this IServiceCollection services, AwsStorageOptions options)
    {
        services
            .AddSingleton(provider => new AwsStorage(options, provider.GetRequiredService<TimeProvider>()))
            .AddStores<AwsStorage>();
        return options.AsideTable.Length == 0 ? services : services.AddSingleton(provider => (IDependency)provider.GetRequiredService<IAsideStore>());
    }

    /// <summary>Registers the ports, and each of the stores that every process uses as what must work for the registry to work.</summary>
    private static IServiceCollection AddStores<T>(this IServiceCollection services)
        where T : class, IStores
    {
        services.AddSingleton(provider => provider.GetRequiredService<T>().Events);
        services.AddSingleton(provider => provider.GetRequiredService<T>().Feed);
        services.AddSingleton(provider => provider.GetRequiredService<T>().Documents);
        services.AddSingleton(provider => provider.GetRequiredService<T>().Audit);
        services.AddSingleton(provider => provider.GetRequiredService<T>().Blobs);
        services.AddSingleton(provider => provider.GetRequiredService<T>().Aside);
        services.AddSingleton(provider => (IDependency)provider.GetRequiredService<IEventStore>());
        services.AddSingleton(provider => (IDependency)provider.GetRequiredService<IDocumentStore>());
        services.AddSingleton(provider => (IDependency)provider.GetRequiredService<IBlobStore>());
        return services;
    }
}
