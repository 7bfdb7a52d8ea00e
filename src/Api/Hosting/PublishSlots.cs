using System.Threading.RateLimiting;
using Raktar.Application.Ports;

namespace Raktar.Api.Hosting;

/// <summary>How many publishes are read at a time. The rest wait in line, because cargo never repeats an upload; past that line it is 503.</summary>
internal sealed class PublishSlots(RaktarOptions options) : IDisposable
{
    private readonly ConcurrencyLimiter _limiter = new(new()
    {
        PermitLimit = options.RateLimits.ConcurrentPublishes > 0 ? options.RateLimits.ConcurrentPublishes : 4 * Environment.ProcessorCount,
        QueueLimit = options.RateLimits.WaitingPublishes,
    });

    /// <summary>Waits for a slot; dispose it when done.</summary>
    public async ValueTask<IDisposable> Enter(CancellationToken cancellationToken)
    {
        var lease = await _limiter.AcquireAsync(cancellationToken: cancellationToken);
        return lease.IsAcquired ? lease : throw new StoreUnavailableException("publish line");
    }

    public void Dispose() => _limiter.Dispose();
}
