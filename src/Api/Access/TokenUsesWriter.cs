using Raktar.Application.Accounts;
using Raktar.Application.Ports;

namespace Raktar.Api.Access;

/// <summary>Writes now and then, and at the end, which tokens were used. Between two invocations Lambda lets it wait.</summary>
internal sealed class TokenUsesWriter(TokenUses uses, TimeProvider time, ILogger<TokenUsesWriter> log) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(30);

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await Write(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await Write(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The rest is written by StopAsync.
        }
    }

    private async Task Write(CancellationToken cancellationToken)
    {
        try
        {
            await uses.Write(cancellationToken);
        }
        catch (StoreUnavailableException e)
        {
            log.LogWarning(e, "Which tokens were used could not be written; trying again");
        }
    }
}
