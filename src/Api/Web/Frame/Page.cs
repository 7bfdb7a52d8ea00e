using System.Text;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Raktar.Api.Http;
using Raktar.Application.Log;

namespace Raktar.Api.Web.Frame;

/// <summary>
/// A page: a component rendered to HTML, once, on the server (https://learn.microsoft.com/aspnet/core/blazor/components/render-components-outside-of-aspnetcore).
/// Nothing of it is kept anywhere, and it runs nothing but the registry's own script.
/// </summary>
internal sealed class Page<T>(string title, params (string Name, object? Value)[] parameters) : IResult
    where T : PagePart
{
    /// <summary>The answer's status.</summary>
    public int Status { get; init; } = StatusCodes.Status200OK;

    /// <summary>Whether images of other hosts may be shown: in READMEs, where the operator allows it.</summary>
    public bool HasForeignImages { get; init; }

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var shell = Shell.Of(httpContext, title);
        await using var renderer = new HtmlRenderer(httpContext.RequestServices, httpContext.RequestServices.GetRequiredService<ILoggerFactory>());
        var html = await renderer.Dispatcher.InvokeAsync(async () =>
            (await renderer.RenderComponentAsync<CascadingValue<Shell>>(ParameterView.FromDictionary(new Dictionary<string, object?>(StringComparer.Ordinal)
            {
                [nameof(CascadingValue<Shell>.Value)] = shell,
                [nameof(CascadingValue<Shell>.IsFixed)] = true,
                [nameof(CascadingValue<Shell>.ChildContent)] = Fragment<Layout>((nameof(Layout.ChildContent), Fragment<T>(parameters))),
            }))).ToHtmlString());

        var headers = httpContext.Response.Headers;
        headers.ContentSecurityPolicy = Policy(HasForeignImages);
        headers.CacheControl = "no-store";
        headers.Vary = "Accept-Encoding, Cookie, Authorization";
        // With `no-referrer` browsers would hide the origin of a form, by which its request is known to be ours.
        headers["Referrer-Policy"] = "same-origin";
        httpContext.Response.StatusCode = Status;
        httpContext.Response.ContentType = "text/html; charset=utf-8";
        var body = Encoding.UTF8.GetBytes("<!DOCTYPE html>\n" + html);
        if (httpContext.Request.TakesGzip())
        {
            headers.ContentEncoding = "gzip";
            body = Gzip.Compress(body);
        }

        httpContext.Response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(httpContext.Request.Method))
        {
            await httpContext.Response.Body.WriteAsync(body, httpContext.RequestAborted);
        }
    }

    private static RenderFragment Fragment<TPart>(params (string Name, object? Value)[] parameters)
        where TPart : IComponent => builder =>
    {
        builder.OpenComponent<TPart>(0);
        foreach (var (name, value) in parameters)
        {
            builder.AddComponentParameter(1, name, value);
        }

        builder.CloseComponent();
    };

    private static string Policy(bool hasForeignImages) =>
        $"default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'{(hasForeignImages ? " https:" : string.Empty)}; "
        + "form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
}

/// <summary>Marks a route as one of the pages: whatever it refuses, it refuses with a page.</summary>
internal sealed class WebPage
{
    public static WebPage Mark { get; } = new();
}

/// <summary>An answer that sends the browser on to another page; after a form, so that looking again does not send it again.</summary>
/// <param name="path">A path of this registry, with a slash in front.</param>
internal sealed class SeeOther(string path) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = StatusCodes.Status303SeeOther;
        response.Headers.CacheControl = "no-store";
        response.Headers.Location = httpContext.RequestServices.GetRequiredService<Settings.RaktarOptions>().PublicUrl + path;
        return Task.CompletedTask;
    }
}
