using System.Numerics;
using Raktar.Application.Events;
using Raktar.Application.Ports;

namespace Raktar.Application.Audit;

/// <summary>How refused attempts are kept (<c>Raktar:Audit:*</c>).</summary>
public sealed record RefusedLimits
{
    /// <summary>For how many days; 0: none is kept.</summary>
    public int RefusedDays { get; init; } = 90;

    /// <summary>How many a minute and process; of the others only their number is kept.</summary>
    public int RefusedPerMinute { get; init; } = 60;
}

/// <summary>
/// Attempts that were refused: beside the log, because they changed nothing, and anybody can make as many as they like. So they are bounded in rate and end
/// after a time.
/// </summary>
public sealed class RefusedAttempts(IAsideStore aside, RefusedLimits limits, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _writing = new(1);
    private readonly Lock _counting = new();
    private DateTimeOffset _start = DateTimeOffset.MinValue;
    private int _kept;
    private Overflow? _overflow;

    /// <summary>The stream in whose place an attempt stands: each has one of its own.</summary>
    public static StreamName NewStream() => StreamName.Parse($"{AuditRow.RefusedKind}/{Guid.CreateVersion7():N}");

    /// <summary>Keeps an attempt, or counts it when this minute had too many.</summary>
    public async Task Keep(AuditRow attempt, CancellationToken cancellationToken)
    {
        if (limits.RefusedDays <= 0)
        {
            return;
        }

        bool isKept;
        Overflow? ended = null;
        Overflow? overflow;
        lock (_counting)
        {
            var now = time.GetUtcNow();
            if (now - _start >= Window)
            {
                (ended, _overflow) = (_overflow, null);
                (_start, _kept) = (now, 0);
            }

            isKept = _kept < limits.RefusedPerMinute;
            _kept += isKept ? 1 : 0;
            overflow = isKept ? null : _overflow ??= new(now, attempt.Correlation);
            if (overflow is not null)
            {
                overflow.Count++;
            }
        }

        if (isKept)
        {
            await Put(attempt, cancellationToken);
        }

        // A flood costs a write at each doubling, and one when it is over.
        if (overflow is not null && BitOperations.IsPow2(overflow.Count))
        {
            await Put(overflow, cancellationToken);
        }

        if (ended is not null)
        {
            await Put(ended, cancellationToken);
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

    private async Task Put(Overflow overflow, CancellationToken cancellationToken)
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

            await Put(
                new AuditRow
                {
                    At = overflow.At,
                    Kind = AuditRow.RefusedKind,
                    Correlation = overflow.Correlation,
                    Stream = overflow.Stream,
                    Version = 1,
                    Refused = true,
                    Sentence = $"{count} more attempts of this minute were refused and not kept (max {limits.RefusedPerMinute})",
                    Detail = AuditRow.JsonObject(json => json.WriteNumber("not_kept", count)),
                },
                cancellationToken);
        }
        finally
        {
            _writing.Release();
        }
    }

    private Task Put(AuditRow row, CancellationToken cancellationToken) => aside.Put(
        AuditRow.RefusedKind, row.Place.ToString(), row.ToBytes(), row.At.AddDays(limits.RefusedDays), cancellationToken);

    private sealed class Overflow(DateTimeOffset at, string correlation)
    {
        public DateTimeOffset At { get; } = at;

        public string Correlation { get; } = correlation;

        public StreamName Stream { get; } = NewStream();

        public int Count { get; set; }
    }
}
