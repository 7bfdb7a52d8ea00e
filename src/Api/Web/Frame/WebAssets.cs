using System.Security.Cryptography;
using Raktar.Api.Access;
using Raktar.Api.Http;
using Raktar.Application.Log;

namespace Raktar.Api.Web.Frame;

/// <summary>The stylesheet, the script and the icon: in the program, under names that change when they do, so that browsers keep them.</summary>
internal static class WebAssets
{
    private static readonly Lazy<Dictionary<string, Asset>> All = new(() => ((Asset[])
    [
        new("raktar.css", "text/css; charset=utf-8"),
        new("raktar.js", "text/javascript; charset=utf-8"),
        new("proof.js", "text/javascript; charset=utf-8"),
        new("icon.svg", "image/svg+xml"),
    ]).ToDictionary(asset => asset.Name, StringComparer.Ordinal));

    /// <summary>The path of the asset with this name.</summary>
    public static string Path(string name) => All.Value[name].Path;

    /// <summary>Maps the route.</summary>
    public static void MapAssets(this IEndpointRouteBuilder app) =>
        app.MapMethods("/assets/{hash}/{name}", Reading.Methods, (string hash, string name, HttpContext context) =>
        {
            if (!All.Value.TryGetValue(name, out var asset) || !asset.Path.Contains($"/{hash}/", StringComparison.Ordinal))
            {
                return Results.NotFound();
            }

            context.Response.Headers.CacheControl = "public, max-age=31536000, immutable";
            context.Response.Headers.Vary = "Accept-Encoding";
            var isPacked = context.Request.TakesGzip();
            if (isPacked)
            {
                context.Response.Headers.ContentEncoding = "gzip";
            }

            return Results.Bytes(isPacked ? asset.Gzip : asset.Bytes, asset.Type);
        }).Demands(Demand.Nothing).ExcludeFromDescription();

    private sealed class Asset(string name, string type)
    {
        public string Name => name;

        public string Type => type;

        public byte[] Bytes { get; } = Read(name);

        public byte[] Gzip => field ??= Application.Log.Gzip.Compress(Bytes);

        public string Path => field ??= $"/assets/{Convert.ToHexStringLower(SHA256.HashData(Bytes))[..16]}/{Name}";

        private static byte[] Read(string name)
        {
            using var resource = typeof(WebAssets).Assembly.GetManifestResourceStream($"Raktar.Web.{name}")!;
            using var bytes = new MemoryStream();
            resource.CopyTo(bytes);
            return bytes.ToArray();
        }
    }
}
