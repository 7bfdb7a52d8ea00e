using MediatR;
using Raktar.Application.Crates.Search;

namespace Raktar.Api.Background;

/// <summary>Has the catalogue in memory before somebody searches, and keeps what the next start begins with.</summary>
internal sealed class CatalogueService(Catalogue catalogue, IMediator sender, TimeProvider time, ILogger<CatalogueService> log) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The rest of the start need not wait for it.
        await Task.Yield();
        // The compiler's time is not the first search's.
        await Try(() => sender.Send(new SearchCrates { Text = "anything" }, stoppingToken), stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            await Try(() => catalogue.Keep(stoppingToken), stoppingToken);
            await Task.Delay(Pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Whatever is wrong with a document that searches need, publishing and reading go on.</summary>
    private async Task Try(Func<Task> work, CancellationToken stoppingToken)
    {
        try
        {
            await work();
        }
        catch (Exception e) when (!stoppingToken.IsCancellationRequested)
        {
            log.LogError(e, "What searches need could not be read, or not kept for the next start; trying again");
        }
        catch (OperationCanceledException)
        {
            // It ends.
        }
    }
}
