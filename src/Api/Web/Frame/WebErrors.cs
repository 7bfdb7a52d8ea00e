using Microsoft.AspNetCore.Http.Features;

namespace Raktar.Api.Web.Frame;

/// <summary>Refusals and failures as pages, where a browser asks for something to look at.</summary>
internal static class WebErrors
{
    /// <summary>
    /// The page for an error, or null where the answer is for a program. Somebody who is not signed in gets the page to sign in, whatever was asked for, and learns nothing else.
    /// </summary>
    public static IResult? Page(HttpContext context, int status, string sentence)
    {
        if (!IsForPeople(context))
        {
            return null;
        }

        var request = context.Request;
        if (status != StatusCodes.Status401Unauthorized)
        {
            return new Page<ErrorPage>(
                "Error",
                (nameof(ErrorPage.Status), status),
                (nameof(ErrorPage.Sentence), sentence),
                (nameof(ErrorPage.Request), context.TraceIdentifier))
            { Status = status };
        }

        var isForm = HttpMethods.IsPost(request.Method);
        return new Page<SignInPage>(
            "Sign in",
            (nameof(SignInPage.ReturnTo), isForm ? Wanted(context) ?? "/me" : request.Path.Value + request.QueryString.Value),
            (nameof(SignInPage.Problem), isForm || request.Headers.Authorization.Count > 0 ? sentence : null))
        { Status = status };
    }

    // Where somebody wanted to go who could not sign in just now; checked when it is used.
    private static string? Wanted(HttpContext context) => context.Features.Get<IFormFeature>()?.Form?["return"].ToString() is { Length: > 0 } path ? path : null;

    // A page's own routes, and addresses that are none, when a browser is pointed at them.
    private static bool IsForPeople(HttpContext context) => context.GetEndpoint() is { } endpoint
        ? endpoint.Metadata.GetMetadata<WebPage>() is not null
        : (HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method))
            && context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase)
            && !context.Request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase);
}
