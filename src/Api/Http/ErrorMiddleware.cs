using System.Globalization;
using Raktar.Application.Ports;
using Raktar.Application.Upstreams;

namespace Raktar.Api.Http;

/// <summary>
/// Around everything: the security headers on every answer, one spelling of every path, and an error body of our own for whatever goes wrong.
/// </summary>
internal sealed class ErrorMiddleware(RequestDelegate next, Secrets secrets, ILogger<ErrorMiddleware> log)
{
    public Task InvokeAsync(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers.XXSSProtection = "0";
        if (context.Request.IsHttps)
        {
            headers.StrictTransportSecurity = "max-age=31536000";
        }

        Task task;
        try
        {
            task = Normalise(context) ? next(context) : context.WriteError(StatusCodes.Status404NotFound, "no such path");
        }
        catch (Exception e)
        {
            // Thrown before anything was waited for, as where a store answers from memory.
            task = Task.FromException(e);
        }

        return task.IsCompletedSuccessfully && context.Response.StatusCode < 400 ? Task.CompletedTask : Finish(context, task);
    }

    /// <summary>Slashes are collapsed before routing and access see the path; what only a decoder would turn into a slash or a NUL is no path of ours.</summary>
    private static bool Normalise(HttpContext context)
    {
        var path = context.Request.Path.Value!;
        if (path.Contains('%', StringComparison.Ordinal) || path.Contains('\\', StringComparison.Ordinal) || path.Contains('\0', StringComparison.Ordinal)
            || path.Contains('\ufffd', StringComparison.Ordinal))
        {
            return false;
        }

        while (path.Contains("//", StringComparison.Ordinal))
        {
            path = path.Replace("//", "/", StringComparison.Ordinal);
            context.Request.Path = path;
        }

        return true;
    }

    private async Task Finish(HttpContext context, Task task)
    {
        try
        {
            await task;
        }
        catch (StoreUnavailableException e)
        {
            log.LogError(e, "{Store} is unavailable", e.Store);
            await Fail(context, StatusCodes.Status503ServiceUnavailable, "the registry's storage is unavailable, please try again");
            return;
        }
        catch (LateBodyException e)
        {
            await Fail(context, e.StatusCode, e.Message);
            return;
        }
        catch (NotInForceException e)
        {
            log.LogError("{Problem}", e.Message);
            await Fail(context, StatusCodes.Status503ServiceUnavailable, e.Message);
            return;
        }
        catch (UpstreamFailedException e)
        {
            // Not 404: cargo would drop what it knows of the crate. Soon again, because cargo gives up.
            var wait = Math.Clamp((int)Math.Ceiling((e.RetryAfter ?? TimeSpan.FromSeconds(5)).TotalSeconds), 1, 10);
            await Fail(context, e.IsWrong ? StatusCodes.Status502BadGateway : StatusCodes.Status503ServiceUnavailable, e.Message, wait);
            return;
        }
        catch (BadHttpRequestException e)
        {
            await Fail(context, e.StatusCode, e.StatusCode switch
            {
                StatusCodes.Status408RequestTimeout => "the request body did not arrive in time",
                StatusCodes.Status413PayloadTooLarge => "the request body is too large",
                _ => "the request could not be read",
            });
            return;
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            return;
        }
        catch (IOException) when (context.RequestAborted.IsCancellationRequested)
        {
            return;
        }
        catch (Exception e)
        {
            var path = VisibleText.OnOneLine(secrets.Without(context.Request.Path.Value!));
            log.LogError(e, "{Method} {Path} failed ({RequestId})", context.Request.Method, path, context.TraceIdentifier);
            await Fail(context, StatusCodes.Status500InternalServerError, $"internal error, request {context.TraceIdentifier}");
            return;
        }

        await GiveBody(context);
    }

    /// <summary>To what routing or the framework answered without one.</summary>
    private static async Task GiveBody(HttpContext context)
    {
        if (context.Response is { HasStarted: false, StatusCode: >= 400, ContentType: null })
        {
            if (context.Response.StatusCode == StatusCodes.Status405MethodNotAllowed && HttpMethods.IsOptions(context.Request.Method))
            {
                context.Response.StatusCode = StatusCodes.Status204NoContent;
                return;
            }

            await context.WriteError(context.Response.StatusCode, context.Response.StatusCode switch
            {
                StatusCodes.Status404NotFound => "not found",
                StatusCodes.Status405MethodNotAllowed => $"method {context.Request.Method} is not allowed here",
                StatusCodes.Status413PayloadTooLarge => "the request body is too large",
                StatusCodes.Status415UnsupportedMediaType => "the content type must be application/json",
                StatusCodes.Status400BadRequest => "the request is malformed",
                _ => "the request cannot be answered",
            });
        }
    }

    private static async Task Fail(HttpContext context, int status, string detail, int retryAfter = 5)
    {
        if (context.Response.HasStarted)
        {
            // Too late for a status: a cut connection is the one honest answer, a short body must not look whole.
            context.Abort();
            return;
        }

        if (status == StatusCodes.Status503ServiceUnavailable)
        {
            context.Response.Headers.RetryAfter = retryAfter.ToString(CultureInfo.InvariantCulture);
        }

        await context.WriteError(status, detail);
    }
}
