using FluentValidation;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Raktar.Application.Accounts;
using Raktar.Application.Audit;
using Raktar.Application.Crates.Files;
using Raktar.Application.Crates.TimeMachine;
using Raktar.Application.Crates.Search;
using Raktar.Application.Crates.Views;
using Raktar.Application.Pipeline;
using Raktar.Application.Proofs;
using Raktar.Application.State;
using Raktar.Application.TrustedPublishing;
using Raktar.Application.Upstreams.Serving;
using Raktar.Domain.Accounts;
using Raktar.Domain.Ci;
using Raktar.Domain.Crates;

namespace Raktar.Application;

/// <summary>What this project offers.</summary>
public static class ApplicationServices
{
    /// <summary>Registers the use cases, their validators, and what they share.</summary>
    public static IServiceCollection AddApplication(this IServiceCollection services)
    {
        services.AddSingleton<StreamState<Crate>, CrateStreams>();
        services.AddSingleton<StreamState<Account>, AccountStreams>();
        services.AddSingleton<Streams<Crate>>();
        services.AddSingleton<Streams<Account>>();
        services.AddSingleton<StreamState<Team>, TeamStreams>();
        services.AddSingleton<Streams<Team>>();
        services.AddSingleton<StreamState<CiToken>, CiTokenStreams>();
        services.AddSingleton<Streams<CiToken>>();
        services.AddSingleton<Unprojected>();
        services.AddSingleton<CiTokenDirectory>();
        services.AddSingleton<GuardedCrates>();
        services.AddSingleton<Past<IndexFile>>();
        services.AddSingleton<Past<CrateDetails>>();
        services.AddSingleton<ShownCrates>();
        services.AddSingleton<DeletedCrateFiles>();
        services.AddSingleton<AccountDirectory>();
        services.AddSingleton<Sessions>();
        services.AddSingleton<Catalogue>();
        services.AddSingleton<RefusedAttempts>();
        services.AddSingleton<NewestCheckpoint>();
        services.AddSingleton<Mirrors>();

        // MediatR 5 registers nothing by itself, and every use case is stateless: one instance each.
        services.AddSingleton<ServiceFactory>(provider => provider.GetRequiredService);
        services.AddSingleton<IMediator, Mediator>();
        services.AddSingleton(typeof(IPipelineBehavior<,>), typeof(AccessBehavior<,>));
        services.AddSingleton(typeof(IPipelineBehavior<,>), typeof(ValidationBehavior<,>));
        foreach (var type in typeof(ApplicationServices).Assembly.GetTypes().Where(type => type is { IsAbstract: false, IsGenericType: false }))
        {
            foreach (var service in type.GetInterfaces().Where(IsUseCase))
            {
                services.AddSingleton(service, type);
            }
        }

        return services;
    }

    private static bool IsUseCase(Type service) => service.IsGenericType
        && (service.GetGenericTypeDefinition() == typeof(IRequestHandler<,>) || service.GetGenericTypeDefinition() == typeof(IValidator<>));
}
