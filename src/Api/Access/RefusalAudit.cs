using System.Text.Json;
using Raktar.Api.Http;
using Raktar.Application.Audit;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;

namespace Raktar.Api.Access;

/// <summary>
/// Keeps attempts to change something that were refused. Before the answer goes out, because a function stands still after it; never for long, and a store
/// that fails is no reason to answer anything else. Of the request only its route and names are kept: no token, no body.
/// </summary>
internal sealed class RefusalAudit(RequestDelegate next, RefusedAttempts attempts, Secrets secrets, TimeProvider time, ILogger<RefusalAudit> log)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    public Task InvokeAsync(HttpContext context)
    {
        var method = context.Request.Method;
        if (!HttpMethods.IsGet(method) && !HttpMethods.IsHead(method) && !HttpMethods.IsOptions(method))
        {
            context.Response.OnStarting(() => context.Response.StatusCode is >= 400 and < 500 && context.GetEndpoint() is RouteEndpoint route
                ? Keep(context, route)
                : Task.CompletedTask);
        }

        return next(context);
    }

    private async Task Keep(HttpContext context, RouteEndpoint route)
    {
        try
        {
            await attempts.Keep(RowOf(context, route), ClientNetwork.Of(context.Connection.RemoteIpAddress).ToString(), CancellationToken.None).WaitAsync(Patience);
        }
        catch (Exception e)
        {
            log.LogWarning(e, "A refused attempt could not be kept ({RequestId})", context.TraceIdentifier);
        }
    }

    private AuditRow RowOf(HttpContext context, RouteEndpoint route)
    {
        var caller = context.KnownCaller();
        var about = context.Items.TryGetValue(typeof(AttemptedVersion), out var attempted) ? (AttemptedVersion?)attempted : null;
        var crate = about?.Crate ?? (CrateName.TryParse(Value("name") ?? Value("crate"), out var name) ? name : null);
        var version = about?.Version ?? (SemVersion.TryParse(Value("version") ?? string.Empty, out var number) ? number : null);
        return new()
        {
            At = time.GetUtcNow(),
            Kind = AuditRow.RefusedKind,
            Crate = crate?.Canonical,
            Account = Login.TryParse(Value("login"), out var login) ? login.Text : null,
            Team = TeamName.TryParse(Value("team"), out var team) ? team.Text : null,
            Actor = caller?.Login,
            Token = caller?.Token,
            Ci = caller?.Run,
            Client = context.Client(),
            Correlation = context.TraceIdentifier,
            Stream = RefusedAttempts.NewStream(),
            Version = 1,
            Refused = true,
            Status = context.Response.StatusCode,
            Sentence = context.Items.TryGetValue(typeof(AnsweredSentence), out var sentence) ? ((AnsweredSentence)sentence!).Text : null,
            Detail = AuditRow.JsonObject(json => Write(json)),
        };

        // People put tokens into URLs; a name with one in it is nobody's.
        string? Value(string key) => context.Request.RouteValues.TryGetValue(key, out var value) && value is string text
            && string.Equals(secrets.Without(text), text, StringComparison.Ordinal) ? text : null;

        void Write(Utf8JsonWriter json)
        {
            json.WriteString("method", context.Request.Method);
            json.WriteString("route", route.RoutePattern.RawText);
            if (version is not null)
            {
                json.WriteString("version", version.ToString());
            }

            // Of somebody unknown it is all there is to know.
            if (caller is null && context.Connection.RemoteIpAddress is { } address)
            {
                json.WriteString("address", address.ToString());
            }
        }
    }
}

/// <summary>What a publish wants to publish, noted as soon as it is known.</summary>
internal sealed record AttemptedVersion(CrateName Crate, SemVersion Version);
