using MediatR;
using Raktar.Api.Access;
using Raktar.Api.Endpoints.Audits;
using Raktar.Api.Http;
using Raktar.Api.Web.Frame;
using Raktar.Application.Audit;

namespace Raktar.Api.Web.Audits;

/// <summary>The audit: of everything for administrators, of a crate for its owners.</summary>
internal static class AuditPages
{
    private const int PerPage = 50;

    // Of how many full pages the timeline counts at most: a page must be quick whatever there is.
    private const int Counted = 3;

    public static void MapAuditPages(this IEndpointRouteBuilder app) => app.MapMethods("/audit", Reading.Methods, Audit).IsPage().Demands(Demand.Audit);

    private static async Task<IResult> Audit(HttpContext context, IMediator sender)
    {
        var query = context.Request.Query;
        var read = AuditQuery.Read(query);
        if (read.Refusal is { } wrong)
        {
            return wrong.ToResult();
        }

        var (filter, before) = read.Value;
        // The timeline stands on the first page, of which the rows are the first of those that it counts.
        var isFirst = before is null;
        var asked = new GetAudit(context.Caller(), filter, before, isFirst ? GetAudit.MaxLimit : PerPage);
        var (rows, next) = (new List<AuditRow>(), before);
        for (var i = 0; i < (isFirst ? Counted : 1); i++)
        {
            var page = await sender.Send(asked with { Before = next }, context.RequestAborted);
            if (page.Refusal is { } refusal)
            {
                return refusal.ToResult();
            }

            rows.AddRange(page.Value.Rows);
            next = page.Value.Next;
            if (next is null)
            {
                break;
            }
        }

        var shown = rows.Take(PerPage).ToList();
        var older = rows.Count > PerPage ? shown[^1].Place : next;
        return new Page<AuditListPage>(
            filter.Crate is { } crate ? $"Audit of {crate}" : "Audit",
            (nameof(AuditListPage.Filter), filter),
            (nameof(AuditListPage.Rows), shown),
            (nameof(AuditListPage.Timeline), isFirst ? AuditTimeline.Of(rows, next is not null) : null),
            (nameof(AuditListPage.Fields), query.Keys.ToDictionary(key => key, key => query[key].ToString(), StringComparer.Ordinal)),
            (nameof(AuditListPage.Older), older is null ? null : $"/audit{query.From(older)}"),
            (nameof(AuditListPage.Newest), isFirst ? null : $"/audit{query.From(place: null)}"),
            (nameof(AuditListPage.Exports), Formats.Select(format => (format, $"/api/v1/audit{query.From(place: null, KeyValuePair.Create("format", format))}")).ToList()));
    }

    private static string[] Formats => ["csv", "jsonl"];
}
