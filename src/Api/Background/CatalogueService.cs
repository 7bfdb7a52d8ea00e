using MediatR;
using Raktar.Application.Crates.Search;
using Raktar.Application.Ports;

namespace Raktar.Api.Background;

/// <summary>Has the catalogue in memory before somebody searches, and keeps what the next start begins with.</summary>
internal sealed class CatalogueService(Catalogue catalogue, IMediator sender, TimeProvider time, ILogger<CatalogueService> log) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The rest of the start need not wait for it.
        await Task.Yield();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                // The compiler's time is not the first search's.
                await sender.Send(new SearchCrates { Text = "anything" }, stoppingToken);
                await catalogue.Keep(stoppingToken);
            }
            catch (StoreUnavailableException e)
            {
                log.LogError(e, "What searches need could not be kept for the next start; trying again");
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }

            await Task.Delay(Pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
