using MediatR;
using Raktar.Application.Crates.Views;
using Raktar.Application.Log;
using Raktar.Application.Ports;
using Raktar.Domain;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;

namespace Raktar.Application.Crates.TimeMachine;

/// <summary>
/// What happened to a crate, newest first, for <paramref name="By"/> (null: somebody unknown), up to <paramref name="At"/> some time; <paramref name="Page"/>
/// counts from 1. Whoever may read the crate learns what was done, when and by whom; with what token, client or run, and whom the crate trusts, only who may
/// read its audit: administrators and owners.
/// </summary>
public sealed record GetCrateHistory(CrateName Crate, Requester? By, int Page, int PerPage, DateTimeOffset? At = null) : IRequest<Outcome<CrateHistory>>;

/// <summary>About <c>PerPage</c> facts, and how many there are in all. <paramref name="IsFull"/>: the reader may know everything.</summary>
public sealed record CrateHistory(IReadOnlyList<HistoryEntry> Page, int Total, bool IsFull);

/// <summary>A fact: when, by whom, and its sentence; without token, client, run and whom the crate trusts where the reader may not know them.</summary>
public sealed record HistoryEntry(DateTimeOffset At, Actor By, string What)
{
    /// <summary>With what it was done, as far as the entry tells.</summary>
    public string With =>
        string.Join(", ", new[] { By.Token is { } token ? $"token {token}" : null, By.Ci, By.Client }.OfType<string>());
}

internal sealed class GetCrateHistoryHandler(ShownCrates crates, IDocumentStore documents, IEventStore events)
    : IRequestHandler<GetCrateHistory, Outcome<CrateHistory>>
{
    public async Task<Outcome<CrateHistory>> Handle(GetCrateHistory query, CancellationToken cancellationToken)
    {
        var (name, by, page, perPage, at) = query;
        // Whatever time is asked for, what the caller may see is decided by today's rights.
        var today = await crates.Find(name, by, at: null, cancellationToken);
        var shown = today.Refusal is null ? await crates.Find(name, by, at, cancellationToken) : today;
        if (shown.Refusal is { } refusal)
        {
            return refusal;
        }

        var stream = StreamName.Of(name);
        var last = at is { } then ? await LastVersion(stream, then, cancellationToken)
            : (await documents.Get(new(CrateDetails.Kind, name.Canonical), cancellationToken))?.Version ?? 0;

        // Versions of a stream count its facts, so a page is a stretch of them: the commits that begin in it, whole.
        var until = last - ((page - 1L) * perPage);
        var about = new About(shown.Value.Name.Text);
        var isFull = by is not null && (by.IsAdmin || today.Value.IsOwnedBy(by));
        var entries = until <= 0 ? [] : await events.ReadOutline(stream, Math.Max(0, until - perPage), cancellationToken)
            .TakeWhile(recorded => recorded.Commit.FirstVersion <= until)
            .SelectMany(recorded => recorded.Commit.Events.Select(fact => new HistoryEntry(
                recorded.Commit.At,
                isFull ? recorded.Commit.Actor : new(recorded.Commit.Actor.Account, Token: null, Client: null),
                FactWords.Of(fact, about, isFull))))
            .ToListAsync(cancellationToken);
        entries.Reverse();
        return new CrateHistory(entries, (int)last, isFull);
    }

    private async Task<long> LastVersion(StreamName stream, DateTimeOffset at, CancellationToken cancellationToken) =>
        await events.ReadOutline(stream, 0, cancellationToken)
            // A stream's time never runs back.
            .TakeWhile(recorded => recorded.Commit.At <= at)
            .Select(recorded => recorded.Commit.LastVersion)
            .LastOrDefaultAsync(cancellationToken);
}
