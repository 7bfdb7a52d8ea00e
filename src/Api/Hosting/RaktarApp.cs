using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.HttpOverrides;
using Raktar.Api.Access;
using Raktar.Api.Background;
using Raktar.Api.Bodies;
using Raktar.Api.Endpoints.Accounts;
using Raktar.Api.Endpoints.Audits;
using Raktar.Api.Endpoints.Crates;
using Raktar.Api.Endpoints.Index;
using Raktar.Api.Endpoints.Operation;
using Raktar.Api.Endpoints.Publishing;
using Raktar.Api.Endpoints.Upstreams;
using Raktar.Api.Http;
using Raktar.Api.OpenId;
using Raktar.Api.Outgoing;
using Raktar.Api.Settings;
using Raktar.Api.Web;
using Raktar.Api.Web.Crates;
using Raktar.Api.Web.Frame;
using Raktar.Api.Web.SignIn;
using Raktar.Application;
using Raktar.Application.Accounts;
using Raktar.Application.Callers;
using Raktar.Application.Ports;
using Raktar.Application.Proofs;
using Raktar.Application.Publishing;
using Raktar.Application.Publishing.Rules;
using Raktar.Application.State;
using Raktar.Application.Upstreams;
using Raktar.Domain;
using Raktar.Domain.Accounts;
using Raktar.Projections;
using Raktar.Projections.Following;
using Raktar.Storage;
using Raktar.Storage.Aws;
using Raktar.Storage.Embedded;

namespace Raktar.Api.Hosting;

/// <summary>The composition root: settings in, a web application out.</summary>
internal static class RaktarApp
{
    /// <summary>Where it listens unless told otherwise.</summary>
    public const string DefaultUrl = "http://127.0.0.1:7878";

    /// <summary>Puts the registry together, without a route yet. Wrong settings are a <see cref="SettingsException"/>.</summary>
    public static WebApplication Build(string[] args, TimeProvider? time = null)
    {
        // Settings are read once; watching appsettings.json would watch the whole working directory, which may be a large one.
        string[] all = [.. args, "--hostBuilder:reloadConfigOnChange=false"];
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = all, ApplicationName = "Raktar.Api" });
        var configuration = builder.Configuration;
        var urls = configuration["urls"] ?? DefaultUrl;
        builder.WebHost.UseUrls(urls);
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 1024 * 1024;
        });

        var options = RaktarOptions.Read(configuration, urls);
        builder.Services.AddRaktar(options, time ?? TimeProvider.System);
        builder.Logging.ClearProviders().AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss'Z' ";
            console.UseUtcTimestamp = true;
        });
        // A line per request is a proxy's business; here it would cost more than the request.
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        // Else every request gets an activity and a logging scope; what it would log, unhandled exceptions, the error middleware handles.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        // It would warn that keys are kept in plain text: they are, and AsideKeys says why.
        builder.Logging.AddFilter("Microsoft.AspNetCore.DataProtection.KeyManagement.XmlKeyManager", LogLevel.Error);
        return builder.Build();
    }

    /// <summary>Maps what the settings ask for, starts, and says what a newcomer must know. Answers the new admin token on a first start of an embedded registry.</summary>
    public static async Task<string?> StartRaktar(this WebApplication app, CancellationToken cancellationToken)
    {
        var options = app.Services.GetRequiredService<RaktarOptions>();
        // A function of its own looks for the administrator while the rest is put together: that makes the connections and the code that every request
        // needs, about half of its start. Where the projections run in this process they must run first, for others to see the token.
        var preset = options.Role == RaktarOptions.ApiOnly ? Task.Run(() => PresetAdmin(app, options), cancellationToken) : null;
        if (options.Storage == StorageKind.Embedded)
        {
            // Before anything starts: a folder in use is a sentence, not a failed start.
            app.Warn(app.Services.GetRequiredService<EmbeddedStorage>().Notice);
        }

        app.Warn(options.AddressWarning);

        app.MapRaktar(options);
        await app.StartAsync(cancellationToken);
        if (options.Role is not (RaktarOptions.Everything or RaktarOptions.ApiOnly))
        {
            Console.Out.WriteLine(options.Role == RaktarOptions.Checkpoint ? "Raktar makes checkpoints" : $"Raktar runs the projection {options.Role}");
            return null;
        }

        if (options.Storage == StorageKind.Aws)
        {
            await (preset ?? PresetAdmin(app, options));
            Console.Out.WriteLine($"Raktar serves {options.PublicUrl} from the tables {options.Aws.EventsTable}, {options.Aws.DocumentsTable}, {options.Aws.AsideTable} and the bucket {options.Aws.Bucket}");
            return null;
        }

        var first = app.Services.GetRequiredService<FirstStart>();
        Console.Out.WriteLine($"Raktar serves {options.PublicUrl} from {Path.GetFullPath(options.DataFolder)}");
        if (first.Token is { } token)
        {
            Console.Out.WriteLine();
            Console.Out.WriteLine(CargoConfiguration.For(options));
            // Where it does not go to a terminal it goes into a log, which keeps it and which others read.
            Console.Out.WriteLine(Console.IsOutputRedirected
                ? $"The admin token is in {first.TokenFile}"
                : $"The admin token, shown this once and kept in {first.TokenFile}:\n\n    {token}\n");
        }

        return first.Token;
    }

    private static void Warn(this WebApplication app, string? sentence)
    {
        if (sentence is not null)
        {
            app.Services.GetRequiredService<OperatorWarnings>().Say(sentence);
        }
    }

    private static async Task PresetAdmin(WebApplication app, RaktarOptions options)
    {
        if (options.PresetHash is not { } hash)
        {
            app.Logger.LogWarning("Raktar:AdminTokenHash is not set: if there is no administrator yet, there will be none");
            return;
        }

        try
        {
            await FirstStart.Preset(app.Services.GetRequiredService<Streams<Account>>(), hash, app.Services.GetRequiredService<TimeProvider>());
        }
        catch (StoreUnavailableException e)
        {
            // It serves what it can, and the next start tries again.
            app.Logger.LogError(e, "The administrator's token could not be looked at");
        }
    }

    private static void AddRaktar(this IServiceCollection services, RaktarOptions options, TimeProvider time)
    {
        services.AddSingleton(options);
        services.AddSingleton(time);
        services.AddSingleton<IMemoryPoolFactory<byte>, ConnectionMemory>();
        services.AddSingleton(new PublishRules { Limits = options.Limits, Policy = options.Policy });
        services.AddSingleton(new RegistryAddress(options.IndexUrl, options.Public));
        services.AddSingleton<Secrets>();
        services.AddSingleton<OperatorWarnings>();
        services.AddSingleton(options.Tokens);
        services.AddSingleton(options.Audit);
        services.AddSingleton(options.Deletion);
        services.AddSingleton(options.TrustedPublishing);
        services.AddSingleton<IEnumerable<Upstream>>(options.Mirrored);
        services.AddSingleton<IUpstreamSource, UpstreamHttp>();
        services.AddSingleton<IssuerKeys>();
        services.AddSingleton<IdentityTokens>();
        services.AddSignIn(options);
        services.AddApplication();
        services.AddProjections();
        _ = options.Storage == StorageKind.Aws ? services.AddAwsStorage(options.Aws) : services.AddEmbeddedStorage(options.DataFolder);
        services.AddCheckpoints(options);
        services.AddBackground(options);
        services.Configure<ForwardedHeadersOptions>(forwarded =>
        {
            forwarded.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
            // The proxy's own address is the operator's business; only the last hop's word is taken.
            forwarded.KnownIPNetworks.Clear();
            forwarded.KnownProxies.Clear();
        });

        services.AddSingleton(new Challenge(options.LoginUrl));
        services.AddSingleton(new ErrorPages(WebErrors.Page));
        services.AddSingleton<ReadingNetworks>();
        services.AddSingleton<FailedAuthentications>();
        services.AddSingleton<Readiness>();
        if (options.Role is RaktarOptions.Everything or RaktarOptions.ApiOnly)
        {
            services.AddSingleton<TokenUses>();
            services.AddHostedService<TokenUsesWriter>();
        }

        services.AddSingleton<IRateLimits, AccountRateLimits>();
        services.AddSingleton<PublishSlots>();
        services.AddSingleton<IPublishSlots>(provider => provider.GetRequiredService<PublishSlots>());
        services.AddSingleton<IndexAnswers>();
        services.AddSingleton<ReadmePages>();
        services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, ApiJson.Answers));
        services.AddOpenApi("openapi", openApi => openApi.AddDocumentTransformer((document, _, _) =>
        {
            document.Info.Title = "Raktar";
            document.Info.Description = "A private registry for Rust crates. Errors are {\"errors\":[{\"detail\":\"...\"}]}.";
            return Task.CompletedTask;
        }));
    }

    /// <summary>What goes on by itself: in one process all of it, on AWS other functions do it.</summary>
    private static void AddBackground(this IServiceCollection services, RaktarOptions options)
    {
        if (options is { Role: RaktarOptions.Everything, Storage: StorageKind.Embedded })
        {
            services.AddHostedService<CatalogueService>();
        }

        if (options.Role == RaktarOptions.Everything)
        {
            services.AddSingleton<SetAsideStreams>();
            services.AddSingleton<LogFollower>();
            services.AddSingleton<ProjectionsService>();
            services.AddSingleton<IProjectionSignal>(provider => provider.GetRequiredService<ProjectionsService>());
            services.AddSingleton<IDependency>(provider => provider.GetRequiredService<ProjectionsService>());
            services.AddHostedService(provider => provider.GetRequiredService<ProjectionsService>());
            if (options.Storage == StorageKind.Embedded)
            {
                services.AddSingleton<FirstStart>();
                services.AddHostedService(provider => provider.GetRequiredService<FirstStart>());
            }

            services.AddHostedService<DeletedFilesService>();
        }
        else
        {
            services.AddSingleton<IProjectionSignal, VisibilitySignal>();
        }
    }

    /// <summary>Where there is a key, checkpoints can be made; a process that serves everything also makes them by itself.</summary>
    private static void AddCheckpoints(this IServiceCollection services, RaktarOptions options)
    {
        if (options is { Storage: StorageKind.Aws, Aws.SigningKey.Length: > 0 })
        {
            services.AddSingleton(provider => provider.GetRequiredService<AwsStorage>().SigningKey!);
        }
        else if (options.SigningKeyFile is { } file)
        {
            services.AddSingleton<ISigningKey>(_ => new PemKeyFile(file));
        }
        else
        {
            return;
        }

        services.AddSingleton<CheckpointMaker>();
        if (options.Role == RaktarOptions.Everything && options.Checkpoints.Every > TimeSpan.Zero)
        {
            services.AddHostedService<CheckpointService>();
        }
    }

    private static void MapRaktar(this WebApplication app, RaktarOptions options)
    {
        if (options.BehindProxy)
        {
            app.UseForwardedHeaders();
        }

        var isApi = options.Role is RaktarOptions.Everything or RaktarOptions.ApiOnly;
        if (isApi)
        {
            app.UseMiddleware<RefusalAudit>();
        }

        if (isApi && !options.BehindProxy)
        {
            app.UseMiddleware<UnnoticedProxy>();
        }

        app.UseMiddleware<ErrorMiddleware>();
        if (isApi)
        {
            app.UseMiddleware<HostMiddleware>();
            app.UseMiddleware<GitQuestion>();
        }

        app.UseRouting();
        app.UseMiddleware<AccessMiddleware>();
        app.MapHealth();
        if (options.Role == RaktarOptions.Checkpoint)
        {
            app.MapCheckpoint();
            return;
        }

        if (!isApi)
        {
            app.MapEvents(options.Role);
            return;
        }

        app.MapIndex();
        app.MapPastIndex();
        app.MapUpstreams(options);
        app.MapCrates();
        app.MapSearch();
        app.MapMetadata();
        app.MapDiscovery();
        app.MapAccounts();
        app.MapMine();
        app.MapAudit();
        app.MapProofs();
        app.MapSetAside();
        app.MapTrustedPublishing();
        app.MapSignIn();
        app.MapWeb();
        app.MapOpenApi("/api/{documentName}.json").Demands(Demand.Read);
    }
}
