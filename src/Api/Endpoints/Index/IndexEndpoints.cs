using System.Text.Json;
using MediatR;
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

        if (!SemVersion.TryParse(version, out var number) || !TryReadFile(file, out var checksum))
        {
            return new NoSuchVersion(name.Text, version).ToResult();
        }

        var opened = await sender.Send(new OpenCrateFile(name, number, checksum, context.Viewer(), at), context.RequestAborted);
        return opened.ToCargo(crateFile => context.CrateFileAnswer(
            crateFile, $"{name}-{number}.crate", isForEver: checksum is not null, isForAll: options.Public && context.Viewer() is null));
    }

    /// <summary>Reads the last part of a crate file's address: its checksum, or null where it says no more than that the file is wanted. False: it is neither.</summary>
    public static bool TryReadFile(string file, out Checksum? checksum)
    {
        checksum = null;
        return WithoutChecksum.Contains(file, StringComparer.Ordinal)
            || (file.EndsWith(".crate", StringComparison.Ordinal) && Checksum.TryParse(file[..^".crate".Length], out checksum));
    }
}

/// <summary>Answers index requests: precomputed bytes, ETag, 304, gzip when asked for.</summary>
internal sealed class IndexAnswers
{
    private readonly IMediator _sender;
    private readonly byte[] _config;
    private readonly RaktarOptions _options;
    private readonly TimeProvider _time;

    public IndexAnswers(IMediator sender, RaktarOptions options, TimeProvider time)
    {
        (_sender, _options, _time) = (sender, options, time);
        _config = ConfigOf(options.PublicUrl, options.PublicUrl);
    }

    public Task Config(HttpContext context) => context.AnswerConfig(_config, IsForAll(context));

    public Task PastConfig(HttpContext context)
    {
        var timestamp = (string)context.Request.RouteValues["timestamp"]!;
        return Instant.Read(timestamp, _time.GetUtcNow()).Refusal is { } refusal
            ? context.WriteRefusal(refusal)
            // Without an API: nobody changes the past (https://doc.rust-lang.org/cargo/reference/registry-index.html#index-configuration).
            : context.AnswerConfig(ConfigOf($"{_options.PublicUrl}/at/{timestamp}", api: null), IsForAll(context));
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

    private async Task Later(HttpContext context, Task<Outcome<IndexFile>> outcome) => await Answer(context, await outcome);

    private Task Answer(HttpContext context, Outcome<IndexFile> outcome) => outcome.Refusal is { } refusal
        ? context.WriteRefusal(refusal)
        : context.AnswerIndexFile(outcome.Value, IsForAll(context));

    private bool IsForAll(HttpContext context) => _options.Public && context.Viewer() is null;
}
