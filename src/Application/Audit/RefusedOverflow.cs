using System.Globalization;
using Raktar.Application.Log;
using Raktar.Domain.Accounts;

namespace Raktar.Application.Audit;

/// <summary>How many attempts of a caller were not kept, and the row that says so, which has that caller's name.</summary>
internal sealed class RefusedOverflow(DateTimeOffset at, AuditRow first, int most)
{
    private readonly (Login? Actor, string? Ci, string Correlation) _first = (first.Actor, first.Ci, first.Correlation);
    private readonly StreamName _stream = RefusedAttempts.NewStream();

    /// <summary>How many.</summary>
    public int Count { get; set; }

    /// <summary>The row; a later one with another number takes its place.</summary>
    public AuditRow Row(int count) => new()
    {
        At = at,
        Kind = AuditRow.RefusedKind,
        Actor = _first.Actor,
        Ci = _first.Ci,
        Correlation = _first.Correlation,
        Stream = _stream,
        Version = 1,
        Refused = true,
        Sentence = string.Create(
            CultureInfo.InvariantCulture, $"{count} more attempts of this minute {By} were refused and not kept (max {most})"),
        Detail = AuditRow.JsonObject(json => json.WriteNumber("not_kept", count)),
    };

    private string By => (_first.Ci ?? _first.Actor?.Text) is { } caller ? $"by {caller}" : "by callers without a good token";
}
