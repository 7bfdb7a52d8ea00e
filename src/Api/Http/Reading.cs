namespace Raktar.Api.Http;

/// <summary>Routes that read.</summary>
internal static class Reading
{
    /// <summary>GET, and HEAD, which has the same status and headers and no body.</summary>
    public static string[] Methods { get; } = [HttpMethods.Get, HttpMethods.Head];
}
