using System.Threading.RateLimiting;
using Raktar.Application.Ports;

namespace Raktar.Api.Endpoints.Publishing;

/// <summary>
/// Places that all accounts share. An account waits in a line of its own until it has fewer than its part, and only then in the common line: so neither the
/// places nor the common line can be full of one account.
/// </summary>
internal sealed class SharedPlaces(int all, int part, int line, int ownLine) : IDisposable
{
    private readonly ConcurrencyLimiter _all = new(new() { PermitLimit = all, QueueLimit = line });

    private readonly PartitionedRateLimiter<string> _own = PartitionedRateLimiter.Create<string, string>(account =>
        RateLimitPartition.GetConcurrencyLimiter(account, _ => new() { PermitLimit = part, QueueLimit = ownLine }));

    /// <summary>Waits for so many places, or for the account's whole part when that is fewer; null when its own line is full.</summary>
    public async ValueTask<IDisposable?> Enter(string account, int places, CancellationToken cancellationToken)
    {
        places = Math.Min(places, part);
        var own = await _own.AcquireAsync(account, places, cancellationToken);
        if (!own.IsAcquired)
        {
            own.Dispose();
            return null;
        }

        try
        {
            var common = await _all.AcquireAsync(places, cancellationToken);
            return common.IsAcquired ? new Place(own, common) : throw new StoreUnavailableException("publish line");
        }
        catch
        {
            own.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _own.Dispose();
        _all.Dispose();
    }

    private sealed class Place(RateLimitLease own, RateLimitLease common) : IDisposable
    {
        public void Dispose()
        {
            common.Dispose();
            own.Dispose();
        }
    }
}
