using Raktar.Application.Log;
using Raktar.Application.State;
using Raktar.Domain.Accounts;

namespace Raktar.Application.Audit;

/// <summary>The audit's rows: what the audit's projection wrote, to be read by time in several ways. Can be thrown away and rebuilt.</summary>
public interface IAuditStore
{
    /// <summary>How many rows of a narrowed lane are looked at in vain before a slice ends.</summary>
    const int MaxExamined = 1000;

    /// <summary>
    /// Writes rows of one stream, oldest first, each in the place of the one that stands there. A failure may leave the first of them written, never a
    /// later one without those before it.
    /// </summary>
    Task Put(StreamName stream, IReadOnlyList<AuditRow> rows, CancellationToken cancellationToken);

    /// <summary>Deletes rows of one stream that should never have been there.</summary>
    Task Delete(StreamName stream, IReadOnlyList<AuditPlace> places, CancellationToken cancellationToken);

    /// <summary>The name of every stream that has rows, as it stands there.</summary>
    IAsyncEnumerable<string> Streams(CancellationToken cancellationToken);

    /// <summary>A stream's rows, oldest first, each with whether it is found where it should be.</summary>
    IAsyncEnumerable<FiledRow> Filed(StreamName stream, CancellationToken cancellationToken);

    /// <summary>
    /// Rows of a lane, newest first, at or after <paramref name="since"/> and before <paramref name="before"/>, until there are <paramref name="limit"/> of them
    /// (perhaps some more) or <see cref="MaxExamined"/> were looked at; the slice says how far that reached. One stream's rows are all that were written; of
    /// other lanes the newest may be missing for a moment.
    /// </summary>
    Task<AuditSlice> Read(AuditLane lane, AuditPlace since, AuditPlace before, int limit, CancellationToken cancellationToken);
}

/// <summary>How rows can be found in order.</summary>
public enum AuditIndex
{
    /// <summary>All rows.</summary>
    All,

    /// <summary>Those of one stream.</summary>
    Stream,

    /// <summary>Those of one actor.</summary>
    Actor,

    /// <summary>Those of one kind.</summary>
    Kind,
}

/// <summary>Rows that stand one after another in a store, found under <paramref name="Key"/>; of these only the ones that the other conditions admit.</summary>
public sealed record AuditLane(AuditIndex By, string Key)
{
    /// <summary>All rows.</summary>
    public static AuditLane All { get; } = new(AuditIndex.All, string.Empty);

    /// <summary>Only rows of this actor.</summary>
    public Login? Actor { get; init; }

    /// <summary>Only rows made with the actor's token of this number.</summary>
    public int? Token { get; init; }

    /// <summary>Only rows of these kinds; empty: of any.</summary>
    public IReadOnlyList<string> Kinds { get; init; } = [];

    /// <summary>Whether there are conditions, so that some rows are looked at in vain.</summary>
    public bool IsNarrowed => Actor is not null || Token is not null || Kinds.Count > 0;

    /// <summary>Whether a row of the lane meets the conditions.</summary>
    public bool Admits(string kind, string? actor, int? token) =>
        (Actor is null || string.Equals(Actor.Text, actor, StringComparison.Ordinal))
        && (Token is null || Token == token)
        && (Kinds.Count == 0 || Kinds.Contains(kind, StringComparer.Ordinal));
}

/// <summary>A row, where it stands, and whether that and all else by which it is found (its kind, actor and token) is what it says itself.</summary>
public readonly record struct FiledRow(AuditRow Row, AuditPlace Place, bool IsFiledRight);

/// <summary>Rows, newest first, and the last place that was looked at: every admitted row down to there is among them. Null: to the end of what was asked for.</summary>
public sealed record AuditSlice(IReadOnlyList<AuditRow> Rows, AuditPlace? Reached);
