using System.Net;
using System.Threading.RateLimiting;
using Raktar.Api.Settings;
using Raktar.Application.Callers;
using Raktar.Domain;

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

/// <summary>Token buckets per account, or per project whose runs publish, and action. Failed attempts spend too.</summary>
internal sealed class AccountRateLimits(RaktarOptions options) : IRateLimits, IDisposable
{
    private readonly PartitionedRateLimiter<string> _publishNew = Of(options.RateLimits.PublishNew);
    private readonly PartitionedRateLimiter<string> _publishUpdate = Of(options.RateLimits.PublishUpdate);
    private readonly PartitionedRateLimiter<string> _yank = Of(options.RateLimits.Yank);
    private readonly PartitionedRateLimiter<string> _change = Of(options.RateLimits.Change);

    public Refusal? Spend(Rate rate, Caller by) => rate switch
    {
        Rate.PublishNew => Spend(_publishNew, by.ChargedTo, "new crates"),
        Rate.PublishUpdate => Spend(_publishUpdate, by.ChargedTo, "new versions"),
        Rate.Yank => Spend(_yank, by.ChargedTo, "yanks"),
        // Administrators have no limit: whoever makes accounts has as many limits as they like, and what they do for all accounts in one go must not
        // stop half way.
        Rate.Change => by.IsAdmin ? null : Spend(_change, by.ChargedTo, "changes"),
        _ => throw new InvalidOperationException($"there is no limit for {rate}"),
    };

    public void Dispose()
    {
        _change.Dispose();
        _publishNew.Dispose();
        _publishUpdate.Dispose();
        _yank.Dispose();
    }

    private static TooMany? Spend(PartitionedRateLimiter<string> limiter, string account, string what)
    {
        using var lease = limiter.AttemptAcquire(account);
        if (lease.IsAcquired)
        {
            return null;
        }

        var wait = lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? after : TimeSpan.FromSeconds(1);
        return new TooMany($"too many {what}; retry after {Math.Ceiling(wait.TotalSeconds)} s", wait);
    }

    private static PartitionedRateLimiter<string> Of(RateLimit limit) => PartitionedRateLimiter.Create<string, string>(account =>
        limit.PerSecond <= 0
            ? RateLimitPartition.GetNoLimiter(account)
            : RateLimitPartition.GetTokenBucketLimiter(account, _ => new TokenBucketRateLimiterOptions
            {
                TokenLimit = Math.Max(1, limit.Burst),
                TokensPerPeriod = limit.PerSecond,
                ReplenishmentPeriod = TimeSpan.FromSeconds(1),
                AutoReplenishment = true,
                QueueLimit = 0,
            }));
}
