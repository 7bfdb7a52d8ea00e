using System.Globalization;
using System.Text;
using System.Text.Json;
using Raktar.Api.Bodies;
using Raktar.Application;
using Raktar.Domain;

namespace Raktar.Api.Http;

/// <summary>The page for an error of that status and sentence, or null where the answer is for a program.</summary>
internal sealed record ErrorPages(Func<HttpContext, int, string, IResult?> For);

/// <summary>The one place where a refusal meets a status, and an error its body: cargo's JSON under <c>/api</c>, a page for people, plain text elsewhere.</summary>
internal static class CargoResults
{
    private const int MaxDetail = 200;

    /// <summary>The answer of a use case: what <paramref name="body"/> makes of its value, or the refusal.</summary>
    public static IResult ToCargo<T>(this Outcome<T> outcome, Func<T, IResult> body) =>
        outcome.Refusal is { } refusal ? new RefusalResult(refusal) : body(outcome.Value);

    /// <summary>The same of an outcome that is still on its way.</summary>
    public static async Task<IResult> ToCargo<T>(this Task<Outcome<T>> outcome, Func<T, IResult> body) => (await outcome).ToCargo(body);

    /// <summary>A refusal as an answer.</summary>
    public static IResult ToResult(this Refusal refusal) => new RefusalResult(refusal);

    /// <summary>
    /// Writes an error: <c>{"errors":[{"detail":"..."}]}</c>, the only shape that cargo shows as a sentence
    /// (https://doc.rust-lang.org/cargo/reference/registry-web-api.html). Index and download errors are text, which cargo prints as it is.
    /// </summary>
    public static Task WriteError(this HttpContext context, int status, string detail)
    {
        var response = context.Response;
        // Before it is shortened: what is left of a token must not be half of it.
        detail = Shorten(context.RequestServices.GetRequiredService<Secrets>().Without(detail));
        context.Items[typeof(AnsweredSentence)] = new AnsweredSentence(detail);
        response.StatusCode = status;
        response.Headers.CacheControl = "no-store";
        // Of the headers that could carry it, this is one that cargo prints when an index or download request fails.
        response.Headers["x-amz-request-id"] = context.TraceIdentifier;
        if (context.RequestServices.GetRequiredService<ErrorPages>().For(context, status, detail) is { } page)
        {
            return page.ExecuteAsync(context);
        }

        byte[] body;
        if (context.Request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase))
        {
            response.ContentType = "application/json; charset=utf-8";
            body = JsonSerializer.SerializeToUtf8Bytes(new ErrorBody([new(detail)]), ApiJson.Answers.ErrorBody);
        }
        else
        {
            response.ContentType = "text/plain; charset=utf-8";
            body = Encoding.UTF8.GetBytes(detail + "\n");
        }

        response.ContentLength = body.Length;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : response.Body.WriteAsync(body).AsTask();
    }

    /// <summary>Writes a refusal.</summary>
    public static Task WriteRefusal(this HttpContext context, Refusal refusal)
    {
        var status = refusal.Kind switch
        {
            RefusalKind.Invalid => StatusCodes.Status400BadRequest,
            RefusalKind.Unauthenticated => StatusCodes.Status401Unauthorized,
            RefusalKind.Forbidden => StatusCodes.Status403Forbidden,
            RefusalKind.NotFound => StatusCodes.Status404NotFound,
            RefusalKind.TooSlow => StatusCodes.Status408RequestTimeout,
            RefusalKind.Conflict => StatusCodes.Status409Conflict,
            RefusalKind.TooLarge => StatusCodes.Status413PayloadTooLarge,
            RefusalKind.UnsupportedMedia => StatusCodes.Status415UnsupportedMediaType,
            RefusalKind.TooMany => StatusCodes.Status429TooManyRequests,
            _ => throw new InvalidOperationException($"no status for {refusal.Kind}"),
        };
        if (refusal.Kind == RefusalKind.Unauthenticated)
        {
            context.Response.Headers.WWWAuthenticate = context.RequestServices.GetRequiredService<Challenge>().For(context.Request);
        }

        if (refusal is TooMany { RetryAfter: var after })
        {
            context.Response.Headers.RetryAfter = Math.Max(1, (int)Math.Ceiling(after.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }

        return context.WriteError(status, refusal.Sentence);
    }

    /// <summary>At most 200 characters, without control characters: what a client sent may be in it.</summary>
    private static string Shorten(string detail)
    {
        var text = new StringBuilder(Math.Min(detail.Length, MaxDetail));
        foreach (var rune in detail.EnumerateRunes())
        {
            var next = Rune.IsControl(rune) ? string.Create(CultureInfo.InvariantCulture, $"\\u{{{rune.Value:x}}}") : rune.ToString();
            if (text.Length + next.Length > MaxDetail)
            {
                return text.Append('…').ToString();
            }

            text.Append(next);
        }

        return text.ToString();
    }

    private sealed class RefusalResult(Refusal refusal) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext) => httpContext.WriteRefusal(refusal);
    }
}
