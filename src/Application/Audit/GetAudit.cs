using FluentValidation;
using MediatR;
using Raktar.Application.Callers;
using Raktar.Application.Log;
using Raktar.Application.State;
using Raktar.Domain;
using Raktar.Domain.Crates;

namespace Raktar.Application.Audit;

/// <summary>A page of the audit, newest first: of the whole for administrators, of one crate for its owners.</summary>
public sealed record GetAudit(Caller By, AuditFilter Filter, AuditPlace? Before, int Limit) : IRequest<Outcome<AuditPage>>, INeeds
{
    /// <summary>Whether a crate is the caller's, its state says.</summary>
    public Need Need => By.IsAdmin ? Need.Nothing
        : Filter.Crate is not null ? Need.OfHandler
        : Need.Unless(new NotAllowed("the whole audit is for administrators; give `crate` to see that of a crate of yours"));

    /// <summary>The most rows of a page.</summary>
    public const int MaxLimit = 500;
}

/// <summary>Rows, newest first, and where the next page begins; null: there are no more. A page may have fewer rows than there is room for, or none, and yet a next one.</summary>
public sealed record AuditPage(IReadOnlyList<AuditRow> Rows, AuditPlace? Next);

internal sealed class GetAuditValidator : AbstractValidator<GetAudit>
{
    private static readonly HashSet<string> Known = [.. EventCodec.StoredNames.Select(stored => stored.Name), AuditRow.RefusedKind];

    public GetAuditValidator()
    {
        RuleFor(query => query.Limit).InclusiveBetween(1, GetAudit.MaxLimit).WithMessage($"`limit` must be a number from 1 (max {GetAudit.MaxLimit})");
        RuleForEach(query => query.Filter.Kinds).Must(Known.Contains).WithMessage(
            (_, kind) => $"there is no kind `{kind}`; the kinds are {string.Join(", ", Known.Order(StringComparer.Ordinal).Select(known => $"`{known}`"))}");
        RuleFor(query => query.Filter).Must(filter => filter.Token is null || filter.Actor is not null)
            .WithMessage("`token` is a number in its account: it needs `actor`");
        RuleFor(query => query.Filter).Must(filter => filter is not { Since: { } since, Until: { } until } || since < until)
            .WithMessage("`since` must be before `until`");
    }
}

/// <summary>
/// Merges the lanes that hold the rows. How much each is looked at is bounded, so that a page takes as long for a filter that finds nothing; what is not
/// reached is for the next page.
/// </summary>
internal sealed class GetAuditHandler(IAuditStore audit, RefusedAttempts refused, Streams<Crate> crates) : IRequestHandler<GetAudit, Outcome<AuditPage>>
{
    public async Task<Outcome<AuditPage>> Handle(GetAudit query, CancellationToken cancellationToken) =>
        query is { By.IsAdmin: false, Filter.Crate: { } crate } && await Refuse(query.By, crate, cancellationToken) is { } refusal
            ? refusal
            : await Page(query, cancellationToken);

    private async Task<Refusal?> Refuse(Caller by, CrateName name, CancellationToken cancellationToken)
    {
        var (crate, _) = await crates.Load(StreamName.Of(name), cancellationToken);
        return crate switch
        {
            _ when !crate.IsThereFor(by.Requester) => new NoSuchCrate(name.Text),
            _ when !crate.IsOwnedBy(by.Requester) => new NotAnOwner(crate.Name!),
            _ => null,
        };
    }

    private async Task<AuditPage> Page(GetAudit query, CancellationToken cancellationToken)
    {
        var filter = query.Filter;
        var since = filter.Since is { } from ? AuditPlace.StartOf(from) : AuditPlace.Oldest;
        var until = filter.Until is { } to ? AuditPlace.StartOf(to) : AuditPlace.Newest;
        var before = query.Before is { } cursor && cursor < until ? cursor : until;
        var reading = filter.Lanes().Select(lane => audit.Read(lane, since, before, query.Limit, cancellationToken)).ToList();
        if (filter.WantsRefused)
        {
            reading.Add(refused.Read(filter, since, before, query.Limit, cancellationToken));
        }

        var slices = await Task.WhenAll(reading);

        // Below the place that the shortest reached another may have rows that were not looked at.
        var reached = slices.Select(slice => slice.Reached).Where(place => place is not null).Max();
        var rows = slices.SelectMany(slice => slice.Rows)
            .Where(row => reached is not { } end || row.Place >= end)
            .OrderByDescending(row => row.Place)
            .Take(query.Limit + 1)
            .ToList();
        return rows.Count > query.Limit
            ? new AuditPage(rows[..query.Limit], rows[query.Limit - 1].Place)
            : new AuditPage(rows, reached);
    }
}
