using Raktar.Application.Crates.Files;
using Raktar.Application.Ports;

namespace Raktar.Api.Background;

/// <summary>Once a day: removes the crate files of versions that were deleted for good.</summary>
internal sealed class DeletedFilesService(DeletedCrateFiles files, TimeProvider time, ILogger<DeletedFilesService> log) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromDays(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The start of a server is no time for this.
        await Task.Yield();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (await files.Sweep(stoppingToken) is > 0 and var count)
                {
                    log.LogInformation("Removed the crate files of {Count} deleted versions", count);
                }
            }
            catch (StoreUnavailableException e)
            {
                log.LogError(e, "Crate files of deleted versions could not be removed; tomorrow again");
            }

            await Task.Delay(Pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
