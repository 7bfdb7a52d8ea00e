using MediatR;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Raktar.Api.Access;
using Raktar.Api.Bodies;
using Raktar.Api.Endpoints.Publishing;
using Raktar.Api.Http;
using Raktar.Api.Settings;
using Raktar.Application.Callers;
using Raktar.Application.Crates.Changes;
using Raktar.Application.Crates.TimeMachine;
using Raktar.Application.Publishing;
using Raktar.Application.Publishing.Manifest;
using Raktar.Application.Publishing.Rules;
using Raktar.Domain;
using Raktar.Domain.Crates;

namespace Raktar.Api.Endpoints.Crates;

/// <summary>What cargo changes: publish, yank, owners (https://doc.rust-lang.org/cargo/reference/registry-web-api.html).</summary>
internal static class CrateEndpoints
{
    public static void MapCrates(this IEndpointRouteBuilder app)
    {
        var crates = app.MapGroup("/api/v1/crates").WithTags("crates");
        crates.MapPut("/new", Publish).Demands(Demand.Publish).WithMetadata(new OwnRate()).WithSummary("Publish a version")
            .Produces<PublishedBody>().Accepts<byte[]>("application/octet-stream", "*/*");
        crates.MapDelete("/{name}/{version}/yank", Yank).Demands(Demand.Yank).WithSummary("Yank a version").Produces<OkBody>();
        crates.MapPut("/{name}/{version}/unyank", Unyank).Demands(Demand.Yank).WithSummary("Take a yank back").Produces<OkBody>();
        crates.MapPut("/{name}/deprecation", Deprecate).Demands(Demand.Yank)
            .WithSummary("Advise against a crate, in favour of another one").Produces<OkBody>();
        crates.MapDelete("/{name}/deprecation", Undeprecate).Demands(Demand.Yank).WithSummary("Take a deprecation back").Produces<OkBody>();
        crates.MapDelete("/{name}/{version}", Delete).Demands(Demand.Admin).WithSummary("Delete a version, for a reason").Produces<OkBody>();
        crates.MapPut("/{name}/{version}/restore", Restore).Demands(Demand.Admin).WithSummary("Bring a deleted version back").Produces<OkBody>();
        crates.MapMethods("/{name}/owners", Reading.Methods, Owners).Demands(Demand.Read).WithSummary("List owners").Produces<OwnersBody>();
        crates.MapMethods("/{name}/owner_user", Reading.Methods, OwnerUsers).Demands(Demand.Read).WithSummary("List owners that are accounts").Produces<OwnersBody>();
        crates.MapMethods("/{name}/owner_team", Reading.Methods, OwnerTeams).Demands(Demand.Read).WithSummary("List owners that are teams").Produces<TeamsBody>();
        crates.MapPut("/{name}/owners", AddOwners).Demands(Demand.Owners).WithSummary("Add owners").Produces<OkMessageBody>();
        crates.MapPut("/{name}/visibility", Visibility).Demands(Demand.Owners).WithSummary("Restrict a crate to owners and teams, or open it").Produces<OkBody>();
        crates.MapDelete("/{name}/owners", RemoveOwners).Demands(Demand.Owners).WithSummary("Remove owners").Produces<OkMessageBody>();
    }

    private static async Task<IResult> Publish(HttpContext context, IMediator sender, PublishRules rules, PublishSlots slots, TimeProvider time)
    {
        if (context.Request.Headers.ContentEncoding.ToString() is { Length: > 0 } encoding
            && !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase))
        {
            return new UnsupportedMedia($"content encoding `{encoding}` is not supported").ToResult();
        }

        // The limits of the two parts apply while they are read, with sentences of their own; the server's limit on the whole would come first.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = null;
        }

        // So do the limits on time: the server's own would cut off a client after five slow seconds.
        if (context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }

        using var place = await slots.Upload(context.Caller().ChargedTo, context.RequestAborted);
        if (place is null)
        {
            return new TooMany("too many uploads of this account wait already; send fewer at a time", TimeSpan.FromSeconds(5)).ToResult();
        }

        await using var body = new PublishBody(context.Request, rules.Limits, time, context.RequestAborted);
        var json = await body.Metadata();
        var metadata = json.Refusal is { } badJson ? badJson : PublishMetadata.Read(json.Value, rules);
        if (metadata.Refusal is { } refusal)
        {
            return refusal.ToResult();
        }

        context.Items[typeof(AttemptedVersion)] = new AttemptedVersion(metadata.Value.Name, metadata.Value.Version);
        var outcome = await sender.Send(new PublishVersion(context.Caller(), metadata.Value, body), context.RequestAborted);
        return outcome.ToCargo(published => Json(new PublishedBody(new(published.InvalidCategories, [], published.Warnings))));
    }

    private static Task<IResult> Yank(string name, string version, HttpContext context, IMediator sender) =>
        Mark(name, version, yanked: true, context, sender);

    private static Task<IResult> Unyank(string name, string version, HttpContext context, IMediator sender) =>
        Mark(name, version, yanked: false, context, sender);

    private static async Task<IResult> Mark(string name, string version, bool yanked, HttpContext context, IMediator sender)
    {
        if (Parse(name, version, out var crate, out var number) is { } unknown)
        {
            return unknown.ToResult();
        }

        // Cargo sends no body; `?message=` is how people say why.
        var reason = yanked && context.Request.Query["message"].ToString() is { Length: > 0 } message ? message : null;
        var outcome = await sender.Send(new YankVersion(context.Caller(), crate, number, yanked, reason), context.RequestAborted);
        return outcome.ToCargo(_ => Json(new OkBody(Ok: true)));
    }

    private static async Task<IResult> Deprecate(string name, HttpContext context, IMediator sender, IRateLimits rates)
    {
        var read = await context.ReadJson(ApiJson.Default.DeprecationBody);
        return read.Refusal is { } refusal ? refusal.ToResult() : await ChangeDeprecation(name, read.Value, context, sender, rates);
    }

    private static Task<IResult> Undeprecate(string name, HttpContext context, IMediator sender, IRateLimits rates) =>
        ChangeDeprecation(name, deprecation: null, context, sender, rates);

    private static async Task<IResult> ChangeDeprecation(
        string name, DeprecationBody? deprecation, HttpContext context, IMediator sender, IRateLimits rates)
    {
        if (!CrateName.TryParse(name, out var crate))
        {
            return new NoSuchCrate(name).ToResult();
        }

        var caller = context.Caller();
        if (rates.Yank(caller) is { } tooMany)
        {
            return tooMany.ToResult();
        }

        var command = new DeprecateCrate(caller, crate, deprecation is not null, deprecation?.Successor, deprecation?.Reason);
        return (await sender.Send(command, context.RequestAborted)).ToCargo(_ => Json(new OkBody(Ok: true)));
    }

    private static async Task<IResult> Delete(string name, string version, HttpContext context, IMediator sender)
    {
        if (Parse(name, version, out var crate, out var number) is { } unknown)
        {
            return unknown.ToResult();
        }

        string? reason = context.Request.Query["message"];
        if (reason is null && (context.Request.ContentLength > 0 || context.Request.Headers.TransferEncoding.Count > 0))
        {
            var read = await context.ReadJson(ApiJson.Default.DeletionRequest);
            if (read.Refusal is { } refusal)
            {
                return refusal.ToResult();
            }

            reason = read.Value.Reason;
        }

        var outcome = await sender.Send(new DeleteVersion(context.Caller(), crate, number, reason ?? string.Empty), context.RequestAborted);
        return outcome.ToCargo(_ => Json(new OkBody(Ok: true)));
    }

    private static async Task<IResult> Restore(string name, string version, HttpContext context, IMediator sender)
    {
        if (Parse(name, version, out var crate, out var number) is { } unknown)
        {
            return unknown.ToResult();
        }

        var outcome = await sender.Send(new RestoreVersion(context.Caller(), crate, number), context.RequestAborted);
        return outcome.ToCargo(_ => Json(new OkBody(Ok: true)));
    }

    /// <summary>Reads the crate and version of a route. What cannot be one is one that does not exist.</summary>
    public static Refusal? Parse(string name, string version, out CrateName crate, out SemVersion number)
    {
        number = null!;
        return !CrateName.TryParse(name, out crate!) ? new NoSuchCrate(name)
            : !SemVersion.TryParse(version, out number!) ? new NoSuchVersion(name, version)
            : null;
    }

    private static async Task<IResult> Owners(string name, HttpContext context, IMediator sender, RaktarOptions options)
    {
        var details = await sender.GetCrate(name, context);
        return details.ToCargo(crate => Json(new OwnersBody([.. crate.Owners.Select(owner => owner.ToBody(options.PublicUrl))])));
    }

    private static async Task<IResult> OwnerUsers(string name, HttpContext context, IMediator sender, RaktarOptions options)
    {
        var details = await sender.GetCrate(name, context);
        return details.ToCargo(crate => Json(new OwnersBody(
            [.. crate.Owners.Where(owner => owner.Login is not null).Select(owner => owner.ToBody(options.PublicUrl))])));
    }

    private static async Task<IResult> OwnerTeams(string name, HttpContext context, IMediator sender, RaktarOptions options)
    {
        var details = await sender.GetCrate(name, context);
        return details.ToCargo(crate => Json(new TeamsBody(
            [.. crate.Owners.Where(owner => owner.Team is not null).Select(owner => owner.ToBody(options.PublicUrl))])));
    }

    private static Task<IResult> AddOwners(string name, HttpContext context, IMediator sender) => ChangeOwners(name, add: true, context, sender);

    private static Task<IResult> RemoveOwners(string name, HttpContext context, IMediator sender) => ChangeOwners(name, add: false, context, sender);

    private static async Task<IResult> ChangeOwners(string name, bool add, HttpContext context, IMediator sender)
    {
        if (!CrateName.TryParse(name, out var crate))
        {
            return new NoSuchCrate(name).ToResult();
        }

        var read = await context.ReadJson(ApiJson.Default.OwnersRequest);
        if (read.Refusal is { } refusal)
        {
            return refusal.ToResult();
        }

        var logins = read.Value.Users ?? read.Value.Owners ?? [];
        if (logins.Any(login => login is null))
        {
            return new InvalidInput("field `users` must be a list of strings").ToResult();
        }

        var outcome = await sender.Send(new ChangeOwners(context.Caller(), crate, logins, add), context.RequestAborted);
        var sentence = $"{(add ? "added" : "removed")} {string.Join(", ", logins.Select(login => $"`{login}`"))} {(add ? "as" : "from the")} owners of `{crate}`";
        return outcome.ToCargo(_ => Json(new OkMessageBody(Ok: true, sentence)));
    }

    private static async Task<IResult> Visibility(string name, HttpContext context, IMediator sender)
    {
        if (!CrateName.TryParse(name, out var crate))
        {
            return new NoSuchCrate(name).ToResult();
        }

        var read = await context.ReadJson(ApiJson.Default.VisibilityRequest);
        if (read.Refusal is { } refusal)
        {
            return refusal.ToResult();
        }

        if (read.Value.Restricted is not { } restricted || read.Value.Teams?.Any(team => team is null) == true)
        {
            return new InvalidInput("field `restricted` must be true or false, field `teams` a list of strings").ToResult();
        }

        var outcome = await sender.Send(new ChangeVisibility(context.Caller(), crate, restricted, read.Value.Teams ?? []), context.RequestAborted);
        return outcome.ToCargo(_ => Json(new OkBody(Ok: true)));
    }

    private static IResult Json<T>(T body) => JsonBodies.Json(body);
}
