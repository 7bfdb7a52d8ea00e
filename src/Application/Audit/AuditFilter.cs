using Raktar.Application.Log;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;

namespace Raktar.Application.Audit;

/// <summary>Which rows are asked for: done, refused, or both.</summary>
public enum AuditOutcome
{
    /// <summary>Facts and refused attempts.</summary>
    All,

    /// <summary>What is in the log.</summary>
    Done,

    /// <summary>Attempts that were refused.</summary>
    Refused,
}

/// <summary>Which rows are asked for. Everything that is given must hold.</summary>
public sealed record AuditFilter
{
    /// <summary>About this crate.</summary>
    public CrateName? Crate { get; init; }

    /// <summary>By this account.</summary>
    public Login? Actor { get; init; }

    /// <summary>With this token of <see cref="Actor"/>.</summary>
    public int? Token { get; init; }

    /// <summary>Of one of these kinds; empty: of any.</summary>
    public IReadOnlyList<string> Kinds { get; init; } = [];

    /// <summary>At this time or later.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Before this time.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Done or refused.</summary>
    public AuditOutcome Outcome { get; init; }

    /// <summary>Whether rows of the log can be meant at all.</summary>
    public bool WantsDone => Outcome != AuditOutcome.Refused && (Kinds.Count == 0 || Kinds.Any(kind => kind != AuditRow.RefusedKind));

    /// <summary>Whether refused attempts can be meant at all.</summary>
    public bool WantsRefused => Outcome != AuditOutcome.Done && (Kinds.Count == 0 || Kinds.Contains(AuditRow.RefusedKind, StringComparer.Ordinal));

    /// <summary>Where the store has these rows in order: by the condition that leaves the fewest, whatever else is asked for.</summary>
    public IReadOnlyList<AuditLane> Lanes()
    {
        var kinds = Kinds.Where(kind => kind != AuditRow.RefusedKind).Distinct(StringComparer.Ordinal).ToList();
        return this switch
        {
            { WantsDone: false } => [],
            { Crate: { } crate } => [new(AuditIndex.Stream, StreamName.Of(crate).ToString()) { Actor = Actor, Token = Token, Kinds = kinds }],
            { Actor: { } actor } => [new(AuditIndex.Actor, actor.Text) { Token = Token, Kinds = kinds }],
            _ when kinds.Count > 0 => [.. kinds.Select(kind => new AuditLane(AuditIndex.Kind, kind))],
            _ => [AuditLane.All],
        };
    }

    /// <summary>Whether a row is meant.</summary>
    public bool Admits(AuditRow row) =>
        (Crate is null || string.Equals(row.Crate, Crate.Canonical, StringComparison.Ordinal))
        && (Actor is null || Actor == row.Actor)
        && (Token is null || Token == row.Token)
        && (Kinds.Count == 0 || Kinds.Contains(row.Kind, StringComparer.Ordinal))
        && (Since is null || row.At >= Since)
        && (Until is null || row.At < Until)
        && (Outcome == AuditOutcome.All || (Outcome == AuditOutcome.Refused) == row.Refused);
}
