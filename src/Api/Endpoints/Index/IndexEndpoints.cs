using System.Text.Json;
using MediatR;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using Raktar.Api.Access;
using Raktar.Api.Bodies;
using Raktar.Api.Http;
using Raktar.Api.Settings;
using Raktar.Application;
using Raktar.Application.Crates.Files;
using Raktar.Application.Crates.TimeMachine;
using Raktar.Application.Crates.Views;
using Raktar.Application.Log;
using Raktar.Domain;
using Raktar.Domain.Crates;

namespace Raktar.Api.Endpoints.Index;

/// <summary>The sparse index and the crate files: what a build reads. Written against the response directly, because every build waits for it.</summary>
internal static class IndexEndpoints
{
    // A checksum names its bytes for ever, but a version may be deleted, and what somebody known may see others may not. So a cache of several people's keeps
    // only what everybody may see, and not for long.
    private const string Shared = "public, max-age=3600";
    private const string Own = "private, max-age=31536000, immutable";

    /// <summary>The part of <c>dl</c> that cargo replaces by the checksum.</summary>
    public const string Marker = "{sha256-checksum}";

    // Programs that build on cargo's index and know only some of the markers ask for the others as they stand there; what was written for
    // crates.io puts `/{crate}/{version}/download` behind an address.
    private static readonly string[] WithoutChecksum = [$"{Marker}.crate", Marker, "download"];

    public static void MapIndex(this IEndpointRouteBuilder app)
    {
        var index = app.ServiceProvider.GetRequiredService<IndexAnswers>();
        app.MapMethods("/config.json", Reading.Methods, (RequestDelegate)index.Config).Demands(Demand.Read);
        app.MapMethods("/{dir:length(1)}/{name}", Reading.Methods, (RequestDelegate)index.File).Demands(Demand.Read);
        app.MapMethods("/{dir1:length(1,2)}/{dir2:length(1,2)}/{name}", Reading.Methods, (RequestDelegate)index.File).Demands(Demand.Read);
        app.MapMethods("/dl/{crate}/{version}/{file}", Reading.Methods, Download).Demands(Demand.Read);
    }

    /// <summary>The same under <c>/at/{timestamp}</c>: the registry as it was then, without what is deleted today.</summary>
    public static void MapPastIndex(this IEndpointRouteBuilder app)
    {
        var index = app.ServiceProvider.GetRequiredService<IndexAnswers>();
        app.MapMethods("/at/{timestamp}/config.json", Reading.Methods, (RequestDelegate)index.PastConfig).Demands(Demand.Read);
        app.MapMethods("/at/{timestamp}/{dir:length(1)}/{name}", Reading.Methods, (RequestDelegate)index.PastFile).Demands(Demand.Read);
        app.MapMethods("/at/{timestamp}/{dir1:length(1,2)}/{dir2:length(1,2)}/{name}", Reading.Methods, (RequestDelegate)index.PastFile).Demands(Demand.Read);
        app.MapMethods("/at/{timestamp}/dl/{crate}/{version}/{file}", Reading.Methods, PastDownload).Demands(Demand.Read);
    }

    private static async Task<IResult> PastDownload(
        string timestamp, string crate, string version, string file, HttpContext context, IMediator sender, RaktarOptions options, TimeProvider time)
    {
        var at = Instant.Read(timestamp, time.GetUtcNow());
        return at.Refusal is { } refusal ? refusal.ToResult() : await Open(crate, version, file, at.Value, context, sender, options);
    }

    private static Task<IResult> Download(string crate, string version, string file, HttpContext context, IMediator sender, RaktarOptions options) =>
        Open(crate, version, file, at: null, context, sender, options);

    private static async Task<IResult> Open(
        string crate, string version, string file, DateTimeOffset? at, HttpContext context, IMediator sender, RaktarOptions options)
    {
        if (!CrateName.TryParse(crate, out var name))
        {
            return new NoSuchCrate(crate).ToResult();
        }

        Checksum? checksum = null;
        var isForEver = !WithoutChecksum.Contains(file, StringComparer.Ordinal);
        if (!SemVersion.TryParse(version, out var number)
            || (isForEver && (!file.EndsWith(".crate", StringComparison.Ordinal) || !Checksum.TryParse(file[..^".crate".Length], out checksum))))
        {
            return new NoSuchVersion(name.Text, version).ToResult();
        }

        var opened = await sender.Send(new OpenCrateFile(name, number, checksum, context.Viewer(), at), context.RequestAborted);
        return opened.ToCargo(crateFile =>
        {
            if (crateFile.Link is { } link)
            {
                // Cargo follows it and leaves its token behind. The link is good for minutes only, and for whoever has it.
                context.Response.Headers.CacheControl = "no-store";
                return Results.Redirect(link.AbsoluteUri, permanent: false, preserveMethod: true);
            }

            // A version is asked for anew each time where its checksum is not in the address: it may be deleted.
            var isShared = options.Public && context.Viewer() is null;
            context.Response.Headers.CacheControl = isForEver ? (isShared ? Shared : Own) : isShared ? "public, no-cache" : "private, no-cache";
            context.Response.Headers.Vary = "Authorization";
            var fileName = $"{name}-{number}.crate";
            if (WholeFile.Suits(context.Request))
            {
                context.Response.Headers.ETag = $"\"{crateFile.Checksum}\"";
                context.Response.Headers.ContentDisposition = $"attachment; filename={fileName}; filename*=UTF-8''{fileName}";
                return new WholeFile(crateFile.Content!, "application/gzip");
            }

            return Results.Stream(
                crateFile.Content!,
                "application/gzip",
                fileName,
                entityTag: new EntityTagHeaderValue($"\"{crateFile.Checksum}\""),
                enableRangeProcessing: true);
        });
    }
}

/// <summary>Answers index requests: precomputed bytes, ETag, 304, gzip when asked for.</summary>
internal sealed class IndexAnswers
{
    private readonly IMediator _sender;
    // Always asked again: a publish or a yank must show at once.
    private static readonly StringValues SharedCaching = "public, no-cache";
    private static readonly StringValues SharedVary = "Accept-Encoding";
    private static readonly StringValues OwnCaching = "private, no-cache";
    private static readonly StringValues OwnVary = "Authorization, Accept-Encoding";

    private readonly byte[] _config;
    private readonly RaktarOptions _options;
    private readonly TimeProvider _time;

    public IndexAnswers(IMediator sender, RaktarOptions options, TimeProvider time)
    {
        (_sender, _options, _time) = (sender, options, time);
        _config = ConfigOf(options.PublicUrl, options.PublicUrl);
    }

    public Task Config(HttpContext context) => Config(context, _config);

    public Task PastConfig(HttpContext context)
    {
        var timestamp = (string)context.Request.RouteValues["timestamp"]!;
        return Instant.Read(timestamp, _time.GetUtcNow()).Refusal is { } refusal
            ? context.WriteRefusal(refusal)
            // Without an API: nobody changes the past (https://doc.rust-lang.org/cargo/reference/registry-index.html#index-configuration).
            : Config(context, ConfigOf($"{_options.PublicUrl}/at/{timestamp}", api: null));
    }

    public Task PastFile(HttpContext context)
    {
        var (timestamp, name) = ((string)context.Request.RouteValues["timestamp"]!, (string)context.Request.RouteValues["name"]!);
        var at = Instant.Read(timestamp, _time.GetUtcNow());
        if (at.Refusal is { } refusal)
        {
            return context.WriteRefusal(refusal);
        }

        return CrateName.TryParse(name, out var crate) && string.Equals(context.Request.Path.Value, $"/at/{timestamp}/{crate.IndexPath}", StringComparison.Ordinal)
            ? Later(context, _sender.Send(new GetPastIndexFile(name, at.Value, context.Viewer()), context.RequestAborted))
            : context.WriteRefusal(new NoSuchCrate(name));
    }

    private byte[] ConfigOf(string root, string? api) => JsonSerializer.SerializeToUtf8Bytes(
        new RegistryConfig($"{root}/dl/{{crate}}/{{version}}/{IndexEndpoints.Marker}.crate", api, AuthRequired: !_options.Public), ApiJson.Answers.RegistryConfig);

    private Task Config(HttpContext context, byte[] body)
    {
        context.Response.ContentType = "application/json";
        Share(context);
        return Write(context, body);
    }

    /// <summary>What somebody known is answered may be of a restricted crate: no cache of several people's may keep it.</summary>
    private void Share(HttpContext context)
    {
        var isForAll = _options.Public && context.Viewer() is null;
        context.Response.Headers.CacheControl = isForAll ? SharedCaching : OwnCaching;
        context.Response.Headers.Vary = isForAll ? SharedVary : OwnVary;
    }

    public Task File(HttpContext context)
    {
        var name = (string)context.Request.RouteValues["name"]!;
        var path = context.Request.Path.Value!;
        // The path must be exactly the one that cargo computes: no other shard, no upper case.
        if (!CrateName.TryParse(name, out var crate) || !path.AsSpan(1).SequenceEqual(crate.IndexPath))
        {
            return context.WriteRefusal(new NoSuchCrate(name));
        }

        var outcome = _sender.Send(new GetIndexFile(name, context.Viewer()), context.RequestAborted);
        return outcome.IsCompletedSuccessfully ? Answer(context, outcome.Result) : Later(context, outcome);
    }

    private static Task Write(HttpContext context, ReadOnlyMemory<byte> body)
    {
        context.Response.ContentLength = body.Length;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : context.Response.WritePieces(body, context.RequestAborted);
    }

    private static async Task Write(HttpContext context, IEnumerable<ReadOnlyMemory<byte>> pieces, long length)
    {
        context.Response.ContentLength = length;
        if (HttpMethods.IsHead(context.Request.Method))
        {
            return;
        }

        foreach (var piece in pieces)
        {
            await context.Response.WritePieces(piece, context.RequestAborted);
        }
    }

    private static bool Matches(StringValues ifNoneMatch, IndexFile file)
    {
        foreach (var header in ifNoneMatch)
        {
            // Contains also finds a weak form, W/"...", which is what a cache in between may have made of it.
            if (header is not null && (header.Contains(file.ETag, StringComparison.Ordinal) || header.Contains(file.GzipETag, StringComparison.Ordinal)))
            {
                return true;
            }
        }

        return false;
    }

    private async Task Later(HttpContext context, Task<Outcome<IndexFile>> outcome) => await Answer(context, await outcome);

    private Task Answer(HttpContext context, Outcome<IndexFile> outcome)
    {
        if (outcome.Refusal is { } refusal)
        {
            return context.WriteRefusal(refusal);
        }

        var (file, response) = (outcome.Value, context.Response);
        var gzip = context.Request.TakesGzip();
        response.Headers.ETag = gzip ? file.GzipETag : file.ETag;
        Share(context);
        if (Matches(context.Request.Headers.IfNoneMatch, file))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        response.ContentType = "text/plain; charset=utf-8";
        if (gzip)
        {
            response.Headers.ContentEncoding = "gzip";
        }

        return !gzip && file.Gzip.Count > 1 ? Write(context, file.Lines, file.Length)
            : !gzip ? Write(context, file.Body)
            : file.Gzip.Count == 1 ? Write(context, file.Gzip[0])
            : Write(context, file.Gzip, file.GzipLength);
    }
}
