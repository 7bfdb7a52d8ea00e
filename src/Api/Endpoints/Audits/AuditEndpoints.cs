using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using MediatR;
using Raktar.Api.Access;
using Raktar.Api.Http;
using Raktar.Api.Settings;
using Raktar.Application;
using Raktar.Application.Audit;
using Raktar.Application.Callers;
using Raktar.Domain;

namespace Raktar.Api.Endpoints.Audits;

/// <summary>The audit, for administrators, and of a crate for its owners: by page as JSON, or whole as JSON Lines or CSV.</summary>
internal static class AuditEndpoints
{
    private const int DefaultLimit = 100;

    public static void MapAudit(this IEndpointRouteBuilder app) => app.MapMethods("/api/v1/audit", Reading.Methods, Audit).Demands(Demand.Audit).WithTags("audit")
        .WithSummary("Who did what, when, with what: newest first, by page (JSON) or whole (JSON Lines, CSV)")
        .WithDescription(
            "Filters: crate, actor, token (a number in the actor's account), kind (several), since, until, outcome (all, done, refused); limit, cursor, format "
            + "(json, jsonl, csv). The whole audit is for administrators; with `crate`, that of a crate is for its owners too.")
        .Produces(StatusCodes.Status200OK, contentType: "application/json", additionalContentTypes: [AuditFormats.Jsonl, AuditFormats.Csv]);

    private static async Task<IResult> Audit(HttpContext context, IMediator sender, RaktarOptions options)
    {
        if (FormatOf(context.Request) is not { } format)
        {
            return new InvalidInput($"there is no format `{context.Request.Query["format"]}`; there are `json`, `jsonl` and `csv`").ToResult();
        }

        var isPage = string.Equals(format, "json", StringComparison.Ordinal);
        var read = Read(context, isPage);
        if (read.Refusal is { } wrong)
        {
            return wrong.ToResult();
        }

        var (query, most) = read.Value;
        var first = await sender.Send(query, context.RequestAborted);
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.Vary = "Authorization, Accept";
        return first.ToCargo(page => isPage
            ? Results.Bytes(Body(page, Next(context, options, page)), "application/json; charset=utf-8")
            : new Export(sender, query, page, most, string.Equals(format, "csv", StringComparison.Ordinal)));
    }

    /// <summary>What the parameter says, or else the first of the accepted media types that there is.</summary>
    private static string? FormatOf(HttpRequest request)
    {
        if (request.Query.TryGetValue("format", out var format))
        {
            return format.ToString() is "json" or "jsonl" or "csv" ? format.ToString() : null;
        }

        foreach (var accepted in request.GetTypedHeaders().Accept.OrderByDescending(accepted => accepted.Quality ?? 1))
        {
            switch (accepted.MediaType.Value)
            {
                case "application/json":
                    return "json";
                case AuditFormats.Jsonl or "application/x-ndjson":
                    return "jsonl";
                case AuditFormats.Csv:
                    return "csv";
            }
        }

        return "json";
    }

    private static Outcome<(GetAudit Query, long Most)> Read(HttpContext context, bool isPage)
    {
        var query = context.Request.Query;
        var read = AuditQuery.Read(query, "limit", "format");
        if (read.Refusal is { } wrong)
        {
            return wrong;
        }

        long limit = isPage ? DefaultLimit : long.MaxValue;
        if (query.One("limit") is { } count && !(long.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out limit) && limit > 0))
        {
            return new InvalidInput($"`limit` must be a number from 1{(isPage ? $" (max {GetAudit.MaxLimit})" : string.Empty)}");
        }

        var (filter, before) = read.Value;
        return (new GetAudit(context.Caller(), filter, before, (int)Math.Min(limit, isPage ? int.MaxValue : GetAudit.MaxLimit)), limit);
    }

    private static string? Next(HttpContext context, RaktarOptions options, AuditPage page) =>
        page.Next is { } place ? $"{options.PublicUrl}/api/v1/audit{context.Request.Query.From(place)}" : null;

    private static byte[] Body(AuditPage page, string? next)
    {
        using var body = new MemoryStream();
        using (var json = new Utf8JsonWriter(body, new JsonWriterOptions { Encoder = AuditJson.Rows.Options.Encoder }))
        {
            json.WriteStartObject();
            json.WriteStartArray("entries");
            foreach (var row in page.Rows)
            {
                JsonSerializer.Serialize(json, row, AuditJson.Rows.AuditRow);
            }

            json.WriteEndArray();
            json.WriteString("next", next);
            json.WriteEndObject();
        }

        return body.ToArray();
    }

    /// <summary>All pages from the first on, written as they are read: never more than one of them is in memory.</summary>
    private sealed class Export(IMediator sender, GetAudit query, AuditPage first, long most, bool isCsv) : IResult
    {
        public async Task ExecuteAsync(HttpContext context)
        {
            var response = context.Response;
            response.ContentType = isCsv ? $"{AuditFormats.Csv}; charset=utf-8; header=present" : AuditFormats.Jsonl;
            response.Headers.ContentDisposition = $"attachment; filename=\"audit.{(isCsv ? "csv" : "jsonl")}\"";
            if (HttpMethods.IsHead(context.Request.Method))
            {
                return;
            }

            if (isCsv)
            {
                response.BodyWriter.Write(Encoding.ASCII.GetBytes(AuditFormats.CsvHeader));
            }

            var left = most;
            for (var page = first; ;)
            {
                foreach (var row in page.Rows.Take((int)Math.Min(left, page.Rows.Count)))
                {
                    response.BodyWriter.Write(isCsv ? Encoding.UTF8.GetBytes(AuditFormats.CsvLine(row)) : AuditFormats.JsonLine(row));
                    left--;
                }

                await response.BodyWriter.FlushAsync(context.RequestAborted);
                if (left == 0 || page.Next is not { } next)
                {
                    return;
                }

                var outcome = await sender.Send(query with { Before = next }, context.RequestAborted);
                if (outcome.Refusal is not null)
                {
                    // No longer the caller's to read: a cut connection must not look like the end.
                    context.Abort();
                    return;
                }

                page = outcome.Value;
            }
        }
    }
}
