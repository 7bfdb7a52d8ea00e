using System.Globalization;
using System.Text.RegularExpressions;
using Raktar.Domain;

namespace Raktar.Application;

/// <summary>Times of the past as people write them.</summary>
public static class Instant
{
    private static readonly Regex Form = new(
        @"^[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,7})?(?:Z|[+-][0-9]{2}:[0-9]{2}))?\z", RegexOptions.NonBacktracking);

    /// <summary>
    /// Reads RFC 3339 (https://www.rfc-editor.org/rfc/rfc3339#section-5.6) with at most 7 digits of a second's fraction, or a date, which is the beginning of
    /// that day in UTC, so that it means the same for ever. What has not been by <paramref name="now"/> is refused.
    /// </summary>
    public static Outcome<DateTimeOffset> Read(string text, DateTimeOffset now) =>
        !Form.IsMatch(text)
            || !DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at)
            ? new InvalidInput($"`{text}` is not a time; write 2026-11-20T09:30:00Z (RFC 3339, up to 7 digits of a fraction), or 2026-11-20, when that day began in UTC")
        : at > now ? new InvalidInput($"`{text}` is in the future")
        : at;
}
