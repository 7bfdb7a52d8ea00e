namespace Raktar.Api.Endpoints;

/// <summary>Routes that read.</summary>
internal static class Reading
{
    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>Maps a handler to GET and to HEAD, which has the same status and headers and no body.</summary>
    public static RouteHandlerBuilder MapRead(this IEndpointRouteBuilder app, string pattern, Delegate handler) =>
        app.MapMethods(pattern, Methods, handler);

    /// <summary>The same for a handler that writes its answer itself.</summary>
    public static IEndpointConventionBuilder MapRead(this IEndpointRouteBuilder app, string pattern, RequestDelegate handler) =>
        app.MapMethods(pattern, Methods, handler);
}
