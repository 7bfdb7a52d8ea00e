using System.Globalization;
using System.Text.Json;
using MediatR;
using Raktar.Api.Access;
using Raktar.Api.Bodies;
using Raktar.Api.Endpoints.Index;
using Raktar.Api.Http;
using Raktar.Api.Settings;
using Raktar.Application;
using Raktar.Application.Upstreams;
using Raktar.Application.Upstreams.CrateFiles;
using Raktar.Application.Upstreams.Index;
using Raktar.Application.Upstreams.Serving;
using Raktar.Domain;
using Raktar.Domain.Crates;
using RegistryConfig = Raktar.Api.Bodies.RegistryConfig;

namespace Raktar.Api.Endpoints.Upstreams;

/// <summary>The index and the crate files of each upstream, under its name.</summary>
internal static class UpstreamEndpoints
{
    public static void MapUpstreams(this IEndpointRouteBuilder app, RaktarOptions options)
    {
        foreach (var upstream in options.Mirrored)
        {
            var answers = new UpstreamAnswers(upstream, app.ServiceProvider.GetRequiredService<IMediator>(), options);
            app.MapMethods($"/{upstream}/config.json", Reading.Methods, (RequestDelegate)answers.Config).Demands(Demand.Read);
            app.MapMethods($"/{upstream}/{{dir:length(1)}}/{{name}}", Reading.Methods, (RequestDelegate)answers.File).Demands(Demand.Read);
            app.MapMethods($"/{upstream}/{{dir1:length(1,2)}}/{{dir2:length(1,2)}}/{{name}}", Reading.Methods, (RequestDelegate)answers.File).Demands(Demand.Read);
            app.MapMethods($"/{upstream}/dl/{{crate}}/{{version}}/{{file}}", Reading.Methods, (RequestDelegate)answers.CrateFile).Demands(Demand.Read);
        }
    }
}

/// <summary>Answers what is asked of one upstream.</summary>
internal sealed class UpstreamAnswers(Upstream upstream, IMediator sender, RaktarOptions options)
{
    /// <summary>Says that the last good copy is served, and when it was the upstream's.</summary>
    private const string StaleHeader = "raktar-stale";

    // Of no use without an API, which upstreams keep for themselves: to publish, yank or search one asks the registry that is meant.
    private readonly byte[] _config = JsonSerializer.SerializeToUtf8Bytes(
        new RegistryConfig($"{options.PublicUrl}/{upstream}/dl/{{crate}}/{{version}}/{IndexEndpoints.Marker}.crate", Api: null, AuthRequired: !options.Public),
        ApiJson.Answers.RegistryConfig);

    public Task Config(HttpContext context) => context.AnswerConfig(_config, IsForAll(context));

    public Task File(HttpContext context)
    {
        var name = (string)context.Request.RouteValues["name"]!;
        // The path must be exactly the one that cargo computes: no other shard, no upper case.
        if (!CrateName.TryParse(name, out var crate) || !context.Request.Path.Value.AsSpan(upstream.Name.Length + 2).SequenceEqual(crate.IndexPath))
        {
            return context.WriteRefusal(new NoSuchCrate(name));
        }

        var outcome = sender.Send(new GetMirroredIndexFile(upstream.Name, crate, context.Viewer()), context.RequestAborted);
        return outcome.IsCompletedSuccessfully ? Answer(context, outcome.Result) : Later(context, outcome);
    }

    public async Task CrateFile(HttpContext context)
    {
        var (crate, version, file) = ((string)context.Request.RouteValues["crate"]!, (string)context.Request.RouteValues["version"]!, (string)context.Request.RouteValues["file"]!);
        if (!CrateName.TryParse(crate, out var name))
        {
            await context.WriteRefusal(new NoSuchCrate(crate));
            return;
        }

        if (!SemVersion.TryParse(version, out var number) || !IndexEndpoints.TryReadFile(file, out var checksum))
        {
            await context.WriteRefusal(new NoSuchVersion(name.Text, version));
            return;
        }

        var opened = await sender.Send(new OpenMirroredCrateFile(upstream.Name, name, number, checksum, context.Viewer()), context.RequestAborted);
        if (opened.Refusal is { } refusal)
        {
            await context.WriteRefusal(refusal);
            return;
        }

        var (found, fileName) = (opened.Value, $"{name}-{number}.crate");
        if (found.Arriving is { } arriving && !await AnswerArriving(context, arriving, fileName, isForEver: checksum is not null))
        {
            await CrateFile(context);
        }
        else if (found.Kept is { } kept)
        {
            await context.CrateFileAnswer(kept, fileName, isForEver: checksum is not null, IsForAll(context)).ExecuteAsync(context);
        }
    }

    /// <summary>Gives a crate file while it arrives. False: it is kept by now, and that answers the request.</summary>
    private async Task<bool> AnswerArriving(HttpContext context, CrateFileFetch file, string fileName, bool isForEver)
    {
        try
        {
            if (!HttpMethods.IsGet(context.Request.Method) || !WholeFile.Suits(context.Request))
            {
                await file.Kept(context.RequestAborted);
                return false;
            }

            await file.Ready(context.RequestAborted);
            var response = context.Response;
            response.SetCrateFileCaching(isForEver, IsForAll(context));
            response.SetCrateFileName(file.Checksum, fileName);
            response.ContentType = CrateFileAnswers.ContentType;
            response.ContentLength = file.Length;
            response.Headers.AcceptRanges = "bytes";
            await file.CopyTo(piece => new(response.WritePieces(piece, context.RequestAborted)), context.RequestAborted);
            return true;
        }
        finally
        {
            await file.Leave();
        }
    }

    private bool IsForAll(HttpContext context) => options.Public && context.Viewer() is null;

    private async Task Later(HttpContext context, Task<Outcome<Mirrored>> outcome) => await Answer(context, await outcome);

    private Task Answer(HttpContext context, Outcome<Mirrored> outcome)
    {
        if (outcome.Refusal is { } refusal)
        {
            return context.WriteRefusal(refusal);
        }

        var (document, isStale) = outcome.Value;
        if (isStale)
        {
            context.Response.Headers[StaleHeader] = document.CheckedAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        }

        return context.AnswerIndexFile(document, IsForAll(context));
    }
}
