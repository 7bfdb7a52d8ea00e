using System.Globalization;
using Raktar.Application.Log;

namespace Raktar.Application.Audit;

/// <summary>
/// Where a row stands in the audit: by time, then by stream, then by version. A total order, and in a stream that of its versions; the text sorts the same,
/// byte by byte, so that it is a sort key in any store.
/// </summary>
public readonly record struct AuditPlace(DateTimeOffset At, StreamName Stream, long Version) : IComparable<AuditPlace>
{
    /// <summary>Before every row.</summary>
    public static AuditPlace Oldest { get; } = StartOf(DateTimeOffset.MinValue);

    /// <summary>After every row.</summary>
    public static AuditPlace Newest { get; } = StartOf(DateTimeOffset.MaxValue);

    /// <summary>The last place before this one.</summary>
    public AuditPlace Before => this with { Version = Version - 1 };

    /// <summary>Whether one comes before the other.</summary>
    public static bool operator <(AuditPlace one, AuditPlace other) => one.CompareTo(other) < 0;

    /// <summary>Whether one comes after the other.</summary>
    public static bool operator >(AuditPlace one, AuditPlace other) => one.CompareTo(other) > 0;

    /// <summary>Whether one does not come after the other.</summary>
    public static bool operator <=(AuditPlace one, AuditPlace other) => one.CompareTo(other) <= 0;

    /// <summary>Whether one does not come before the other.</summary>
    public static bool operator >=(AuditPlace one, AuditPlace other) => one.CompareTo(other) >= 0;

    /// <summary>Before every row of this moment, after every earlier row.</summary>
    public static AuditPlace StartOf(DateTimeOffset at) => new(at, default, 0);

    /// <summary>Reads the text of a place.</summary>
    public static bool TryParse(string text, out AuditPlace place)
    {
        place = default;
        var (first, last) = (text.IndexOf(' ', StringComparison.Ordinal), text.LastIndexOf(' '));
        if (first >= last
            || !long.TryParse(text.AsSpan(0, first), NumberStyles.None, CultureInfo.InvariantCulture, out var ticks)
            || ticks > DateTimeOffset.MaxValue.UtcTicks
            || !long.TryParse(text.AsSpan(last + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            || text[(first + 1)..last] is not { } stream
            || (stream.Length != 1 && stream.IndexOf('/', StringComparison.Ordinal) <= 0))
        {
            return false;
        }

        // One character: the slash of no stream.
        place = new(new(ticks, TimeSpan.Zero), stream.Length == 1 ? default : StreamName.Parse(stream), version);
        return true;
    }

    /// <summary>Reads a stored place.</summary>
    public static AuditPlace Parse(string text) => TryParse(text, out var place) ? place : throw new FormatException($"`{text}` is no place in the audit");

    /// <inheritdoc/>
    public int CompareTo(AuditPlace other)
    {
        var byTime = At.UtcTicks.CompareTo(other.At.UtcTicks);
        var byStream = byTime != 0 ? byTime : string.CompareOrdinal(Stream.ToString(), other.Stream.ToString());
        return byStream != 0 ? byStream : Version.CompareTo(other.Version);
    }

    // The separator sorts before everything that a stream's name may contain.
    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{At.UtcTicks:D19} {Stream} {Version:D10}");
}
