using Raktar.Application.Audit;

namespace Raktar.Api.Web.Audits;

/// <summary>How many rows there were when: counted from rows, newest first, as far as they were read.</summary>
/// <param name="Spans">The counts, oldest first, without a gap from the first row's day to the last one's.</param>
/// <param name="Days">How many days each count is of.</param>
/// <param name="IsCut">Whether there are older rows that were not counted.</param>
public sealed record AuditTimeline(IReadOnlyList<AuditSpan> Spans, int Days, bool IsCut)
{
    private const int MaxSpans = 60;

    /// <summary>The largest count, at least 1.</summary>
    public int Most => Math.Max(1, Spans.Max(span => span.Total));

    /// <summary>The counts of these rows, or null where there are none.</summary>
    public static AuditTimeline? Of(IReadOnlyCollection<AuditRow> rows, bool isCut)
    {
        if (rows.Count == 0)
        {
            return null;
        }

        var (first, last) = (DayOf(rows.Min(row => row.At)), DayOf(rows.Max(row => row.At)));
        var days = ((last.DayNumber - first.DayNumber) / MaxSpans) + 1;
        var spans = Enumerable.Range(0, ((last.DayNumber - first.DayNumber) / days) + 1).Select(i => new AuditSpan(first.AddDays(i * days), 0, 0)).ToList();
        foreach (var row in rows)
        {
            var at = (DayOf(row.At).DayNumber - first.DayNumber) / days;
            spans[at] = row.Refused ? spans[at] with { Refused = spans[at].Refused + 1 } : spans[at] with { Done = spans[at].Done + 1 };
        }

        return new(spans, days, isCut);
    }

    private static DateOnly DayOf(DateTimeOffset at) => DateOnly.FromDateTime(at.UtcDateTime);
}

/// <summary>What happened from the beginning of a day in UTC on: rows of the log, and refused attempts.</summary>
public sealed record AuditSpan(DateOnly From, int Done, int Refused)
{
    /// <summary>Both.</summary>
    public int Total => Done + Refused;
}
