using System.Text;
using Raktar.Api.Settings;

namespace Raktar.Api.Endpoints.Index;

/// <summary>
/// Answers git, which comes here when <c>sparse+</c> is missing in front of the registry's address. The answer is an error in git's own
/// protocol, a line after its length (https://git-scm.com/docs/pack-protocol#_pkt_line_format): the one form that git and the git inside
/// cargo both show to people. Anything that asks for a sign-in would make git ask for a password instead.
/// </summary>
internal sealed class GitQuestion(RequestDelegate next, RaktarOptions options)
{
    private readonly byte[] _answer = Line(
        "ERR this is a sparse registry, not a git repository: "
        + $"the line in cargo's configuration must be `index = \"{options.IndexUrl}\"`, with `sparse+`\n");

    public Task InvokeAsync(HttpContext context) => IsAsked(context.Request) ? Answer(context) : next(context);

    private static bool IsAsked(HttpRequest request) =>
        request.QueryString.HasValue
        && request.Path.Value!.EndsWith("/info/refs", StringComparison.Ordinal)
        && request.Query["service"].ToString().StartsWith("git-", StringComparison.Ordinal)
        && (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method));

    private Task Answer(HttpContext context)
    {
        context.Response.ContentType = "application/x-git-upload-pack-advertisement";
        context.Response.Headers.CacheControl = "no-store";
        context.Response.ContentLength = _answer.Length;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : context.Response.Body.WriteAsync(_answer).AsTask();
    }

    private static byte[] Line(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return [.. Encoding.ASCII.GetBytes((bytes.Length + 4).ToString("x4", System.Globalization.CultureInfo.InvariantCulture)), .. bytes];
    }
}
