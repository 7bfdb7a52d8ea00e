using System.Numerics;
using Raktar.Application.Log;
using Raktar.Application.Ports;

namespace Raktar.Application.Audit;

/// <summary>How refused attempts are kept (<c>Raktar:Audit:*</c>).</summary>
public sealed record RefusedLimits
{
    /// <summary>For how many days; 0: none is kept.</summary>
    public int RefusedDays { get; init; } = 90;

    /// <summary>How many a minute and process of one account, or of one run of a continuous integration; of the others only their number is kept.</summary>
    public int RefusedPerMinute { get; init; } = 60;

    /// <summary>How many a minute and process of all callers together of whom it is not known who they are.</summary>
    public int UnknownPerMinute { get; init; } = 20;

    /// <summary>How many of those one address may have.</summary>
    public int UnknownPerAddress => (UnknownPerMinute + 3) / 4;
}

/// <summary>
/// Attempts that were refused: beside the log, because they changed nothing, and anybody can make as many as they like. So they are bounded in rate and end
/// after a time. Each caller has a budget of its own, so that nobody's attempts hide another's.
/// </summary>
public sealed class RefusedAttempts(IAsideStore aside, RefusedLimits limits, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _writing = new(1);
    private readonly Lock _counting = new();
    private RefusedMinute _minute = new(limits, DateTimeOffset.MinValue);

    /// <summary>The stream in whose place an attempt stands: each has one of its own.</summary>
    public static StreamName NewStream() => StreamName.Parse($"{AuditRow.RefusedKind}/{Guid.CreateVersion7():N}");

    /// <summary>
    /// Keeps an attempt, or counts it when its caller had too many this minute. <paramref name="address"/> tells callers apart of whom nothing else is known.
    /// </summary>
    public async Task Keep(AuditRow attempt, string address, CancellationToken cancellationToken)
    {
        if (limits.RefusedDays <= 0)
        {
            return;
        }

        IReadOnlyList<RefusedOverflow> ended = [];
        RefusedOverflow? overflow;
        lock (_counting)
        {
            var now = time.GetUtcNow();
            if (now - _minute.Start >= Window)
            {
                ended = _minute.Overflows;
                _minute = new(limits, now);
            }

            overflow = _minute.Take(attempt, address, now);
        }

        if (overflow is null)
        {
            await Put(attempt, cancellationToken);
        }

        // A flood costs a write at each doubling, and one when it is over.
        else if (BitOperations.IsPow2(overflow.Count))
        {
            await Put(overflow, cancellationToken);
        }

        foreach (var exact in ended)
        {
            await Put(exact, cancellationToken);
        }
    }

    /// <summary>Attempts that a filter admits, newest first, in slices as those of <see cref="IAuditStore"/>.</summary>
    public async Task<AuditSlice> Read(AuditFilter filter, AuditPlace since, AuditPlace before, int limit, CancellationToken cancellationToken)
    {
        var (rows, examined) = (new List<AuditRow>(), 0);
        await foreach (var item in aside.Newest(AuditRow.RefusedKind, before.ToString(), cancellationToken))
        {
            var place = AuditPlace.Parse(item.Key);
            if (place < since)
            {
                break;
            }

            var row = AuditRow.Parse(item.Value);
            if (filter.Admits(row))
            {
                rows.Add(row);
            }

            if (++examined == IAuditStore.MaxExamined || rows.Count == limit)
            {
                return new(rows, place);
            }
        }

        return new(rows, null);
    }

    /// <inheritdoc/>
    public void Dispose() => _writing.Dispose();

    private async Task Put(RefusedOverflow overflow, CancellationToken cancellationToken)
    {
        // One after another, so that the number in store never goes down.
        await _writing.WaitAsync(cancellationToken);
        try
        {
            int count;
            lock (_counting)
            {
                count = overflow.Count;
            }

            await Put(overflow.Row(count), cancellationToken);
        }
        finally
        {
            _writing.Release();
        }
    }

    private Task Put(AuditRow row, CancellationToken cancellationToken) => aside.Put(
        AuditRow.RefusedKind, row.Place.ToString(), row.ToBytes(), row.At.AddDays(limits.RefusedDays), cancellationToken);
}
