using System.Net;
using System.Threading.RateLimiting;
using Raktar.Api.Hosting;
using Raktar.Application.Ports;
using Raktar.Domain;
using Raktar.Domain.Accounts;

namespace Raktar.Api.Access;

/// <summary>How many requests with bad tokens an address, or a network of IPv6, may send; requests with good ones are never counted.</summary>
internal sealed class FailedAuthentications(RaktarOptions options) : IDisposable
{
    private readonly PartitionedRateLimiter<IPAddress> _limiter = PartitionedRateLimiter.Create<IPAddress, IPAddress>(address =>
        RateLimitPartition.GetFixedWindowLimiter(address, _ => new FixedWindowRateLimiterOptions
        {
            PermitLimit = options.RateLimits.FailedAuthenticationsPerMinute,
            Window = TimeSpan.FromMinutes(1),
        }));

    /// <summary>Counts one failure; answers how long to wait when there were too many.</summary>
    public TimeSpan? TooMany(IPAddress? address)
    {
        if (options.RateLimits.FailedAuthenticationsPerMinute <= 0)
        {
            return null;
        }

        using var lease = _limiter.AttemptAcquire(ClientNetwork.Of(address));
        return lease.IsAcquired ? null : lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait : TimeSpan.FromMinutes(1);
    }

    public void Dispose() => _limiter.Dispose();
}

/// <summary>Token buckets per account and action. Failed attempts spend too.</summary>
internal sealed class AccountRateLimits(RaktarOptions options) : IRateLimits, IDisposable
{
    private readonly PartitionedRateLimiter<string> _publishNew = Of(options.RateLimits.PublishNew);
    private readonly PartitionedRateLimiter<string> _publishUpdate = Of(options.RateLimits.PublishUpdate);
    private readonly PartitionedRateLimiter<string> _yank = Of(options.RateLimits.Yank);

    /// <summary>Spends a publish of a new crate, or of another version of one.</summary>
    public Refusal? Publish(Login account, bool isNew) =>
        Spend(isNew ? _publishNew : _publishUpdate, account.Text, isNew ? "new crates" : "new versions");

    /// <summary>Spends a yank or its reversal.</summary>
    public Refusal? Yank(Login account) => Spend(_yank, account.Text, "yanks");

    public void Dispose()
    {
        _publishNew.Dispose();
        _publishUpdate.Dispose();
        _yank.Dispose();
    }

    private static TooMany? Spend(PartitionedRateLimiter<string> limiter, string login, string what)
    {
        using var lease = limiter.AttemptAcquire(login);
        if (lease.IsAcquired)
        {
            return null;
        }

        var wait = lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? after : TimeSpan.FromSeconds(1);
        return new TooMany($"too many {what}; retry after {Math.Ceiling(wait.TotalSeconds)} s", wait);
    }

    private static PartitionedRateLimiter<string> Of(RateLimit limit) => PartitionedRateLimiter.Create<string, string>(login =>
        limit.PerSecond <= 0
            ? RateLimitPartition.GetNoLimiter(login)
            : RateLimitPartition.GetTokenBucketLimiter(login, _ => new TokenBucketRateLimiterOptions
            {
                TokenLimit = Math.Max(1, limit.Burst),
                TokensPerPeriod = limit.PerSecond,
                ReplenishmentPeriod = TimeSpan.FromSeconds(1),
                AutoReplenishment = true,
                QueueLimit = 0,
            }));
}
