using Microsoft.Extensions.Logging;

namespace Raktar.Application.Upstreams;

/// <summary>
/// What every question to an upstream passes: one deadline for all of it, a second try where the first ended early, and, after failures in a row, a pause that
/// doubles, in which nobody waits for an upstream that is down. After each pause one question goes through to see.
/// </summary>
public sealed class UpstreamGate(Upstream upstream, TimeProvider time, ILogger log)
{
    private const int FailuresBeforePause = 3;
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(200);

    private readonly Lock _lock = new();
    private int _failures;
    private DateTimeOffset _pausedUntil;

    /// <summary>What is wrong with it, as far as is known; null: nothing.</summary>
    public string? Problem { get; private set; }

    /// <summary>Since when it is wrong.</summary>
    public DateTimeOffset Since { get; private set; }

    /// <summary>Asks, unless it is a time of pause.</summary>
    public async Task<T> Ask<T>(string what, Func<CancellationToken, Task<T>> ask)
    {
        AfterPause();
        using var deadline = new CancellationTokenSource(upstream.Timeout);
        var start = time.GetTimestamp();
        for (var isFirst = true; ; isFirst = false)
        {
            try
            {
                var answer = await ask(deadline.Token);
                Succeeded();
                UpstreamMetrics.Asked(upstream, what, isGood: true, time.GetElapsedTime(start));
                return answer;
            }
            catch (UpstreamFailedException e) when (isFirst && e is { IsDown: true, RetryAfter: null } && time.GetElapsedTime(start) < upstream.Timeout / 2)
            {
                await Task.Delay(BetweenTries, CancellationToken.None);
            }
            catch (UpstreamFailedException e)
            {
                UpstreamMetrics.Asked(upstream, what, isGood: false, time.GetElapsedTime(start));
                Failed(e);
                throw;
            }
            catch (OperationCanceledException e) when (deadline.IsCancellationRequested)
            {
                UpstreamMetrics.Asked(upstream, what, isGood: false, time.GetElapsedTime(start));
                var slow = new UpstreamFailedException($"`{upstream}` did not answer within {upstream.Timeout.TotalSeconds} s", e) { IsDown = true };
                Failed(slow);
                throw slow;
            }
        }
    }

    /// <summary>Notes a failure, also one after the answer had begun.</summary>
    public void Failed(UpstreamFailedException failure)
    {
        lock (_lock)
        {
            if (!failure.IsDown)
            {
                log.LogWarning("{Problem}: {Cause}", failure.Message, failure.GetBaseException().Message);
                return;
            }

            if (Problem is null)
            {
                Since = time.GetUtcNow();
                log.LogWarning("{Problem}: {Cause}", failure.Message, failure.GetBaseException().Message);
            }

            Problem = failure.Message;
            if (++_failures >= FailuresBeforePause || failure.RetryAfter is not null)
            {
                var pause = TimeSpan.FromSeconds(Math.Pow(2, Math.Clamp(_failures - FailuresBeforePause, 0, 10)));
                _pausedUntil = time.GetUtcNow() + Shorter(failure.RetryAfter > pause ? failure.RetryAfter.Value : pause, LongestPause);
            }
        }
    }

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private void AfterPause()
    {
        lock (_lock)
        {
            if (_pausedUntil == default)
            {
                return;
            }

            var now = time.GetUtcNow();
            if (now < _pausedUntil)
            {
                throw new UpstreamFailedException(Problem!) { RetryAfter = _pausedUntil - now };
            }

            // One goes to see; the others wait until it is back.
            _pausedUntil = now + upstream.Timeout;
        }
    }

    private void Succeeded()
    {
        lock (_lock)
        {
            if (Problem is not null)
            {
                log.LogInformation("`{Upstream}` answers again", upstream.Name);
            }

            (_failures, _pausedUntil, Problem) = (0, default, null);
        }
    }
}
