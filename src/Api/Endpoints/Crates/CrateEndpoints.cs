using MediatR;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Raktar.Api.Access;
using Raktar.Api.Bodies;
using Raktar.Api.Endpoints.Publishing;
using Raktar.Api.Http;
using Raktar.Api.Settings;
using Raktar.Application;
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

    private static Task<IResult> Mark(string name, string version, bool yanked, HttpContext context, IMediator sender)
    {
        // Cargo sends no body; `?message=` is how people say why.
        var reason = yanked && context.Request.Query["message"].ToString() is { Length: > 0 } message ? message : null;
        return Named.Version(name, version)
            .Then(found => sender.Send(new YankVersion(context.Caller(), found.Crate, found.Number, yanked, reason), context.RequestAborted))
            .ToCargo(Ok);
    }

    private static Task<IResult> Deprecate(string name, HttpContext context, IMediator sender) => context.ReadJson(ApiJson.Default.DeprecationBody)
        .Then(body => ChangeDeprecation(name, body, context, sender))
        .ToCargo(Ok);

    private static Task<IResult> Undeprecate(string name, HttpContext context, IMediator sender) =>
        ChangeDeprecation(name, body: null, context, sender).ToCargo(Ok);

    private static Task<Outcome<Done>> ChangeDeprecation(string name, DeprecationBody? body, HttpContext context, IMediator sender) => Named.Crate(name).Then(crate =>
        sender.Send(new DeprecateCrate(context.Caller(), crate, body is not null, body?.Successor, body?.Reason), context.RequestAborted));

    private static Task<IResult> Delete(string name, string version, HttpContext context, IMediator sender) => Named.Version(name, version)
        .Then(found => ReasonIn(context)
            .Then(reason => sender.Send(new DeleteVersion(context.Caller(), found.Crate, found.Number, reason), context.RequestAborted)))
        .ToCargo(Ok);

    private static async Task<Outcome<string>> ReasonIn(HttpContext context)
    {
        string? reason = context.Request.Query["message"];
        return reason is null && (context.Request.ContentLength > 0 || context.Request.Headers.TransferEncoding.Count > 0)
            ? (await context.ReadJson(ApiJson.Default.DeletionRequest)).Map(request => request.Reason ?? string.Empty)
            : reason ?? string.Empty;
    }

    private static Task<IResult> Restore(string name, string version, HttpContext context, IMediator sender) => Named.Version(name, version)
        .Then(found => sender.Send(new RestoreVersion(context.Caller(), found.Crate, found.Number), context.RequestAborted))
        .ToCargo(Ok);

    private static Task<IResult> Owners(string name, HttpContext context, IMediator sender, RaktarOptions options) => sender
        .GetCrate(name, context)
        .ToCargo(crate => Json(new OwnersBody([.. crate.Owners.Select(owner => owner.ToBody(options.PublicUrl))])));

    private static Task<IResult> OwnerUsers(string name, HttpContext context, IMediator sender, RaktarOptions options) => sender
        .GetCrate(name, context)
        .ToCargo(crate => Json(new OwnersBody(
            [.. crate.Owners.Where(owner => owner.Login is not null).Select(owner => owner.ToBody(options.PublicUrl))])));

    private static Task<IResult> OwnerTeams(string name, HttpContext context, IMediator sender, RaktarOptions options) => sender
        .GetCrate(name, context)
        .ToCargo(crate => Json(new TeamsBody(
            [.. crate.Owners.Where(owner => owner.Team is not null).Select(owner => owner.ToBody(options.PublicUrl))])));

    private static Task<IResult> AddOwners(string name, HttpContext context, IMediator sender) => ChangeOwners(name, add: true, context, sender);

    private static Task<IResult> RemoveOwners(string name, HttpContext context, IMediator sender) => ChangeOwners(name, add: false, context, sender);

    private static Task<IResult> ChangeOwners(string name, bool add, HttpContext context, IMediator sender) => Named.Crate(name)
        .Then(crate => context.ReadJson(ApiJson.Default.OwnersRequest)
            .Then<OwnersRequest, ChangeOwners>(request => (request.Users ?? request.Owners ?? []) is var logins && logins.All(login => login is not null)
                ? new ChangeOwners(context.Caller(), crate, logins, add)
                : new InvalidInput("field `users` must be a list of strings")))
        .Then(command => sender.Send(command, context.RequestAborted).Map(_ => command))
        .ToCargo(done => Json(new OkMessageBody(
            Ok: true,
            $"{(add ? "added" : "removed")} {string.Join(", ", done.Logins.Select(login => $"`{login}`"))} "
            + $"{(add ? "as" : "from the")} owners of `{done.Crate}`")));

    private static Task<IResult> Visibility(string name, HttpContext context, IMediator sender) => Named.Crate(name)
        .Then(crate => context.ReadJson(ApiJson.Default.VisibilityRequest)
            .Then<VisibilityRequest, ChangeVisibility>(request =>
                request.Restricted is { } restricted && request.Teams?.Any(team => team is null) != true
                    ? new ChangeVisibility(context.Caller(), crate, restricted, request.Teams ?? [])
                    : new InvalidInput("field `restricted` must be true or false, field `teams` a list of strings")))
        .Then(command => sender.Send(command, context.RequestAborted))
        .ToCargo(Ok);

    private static IResult Ok(Done done) => Json(new OkBody(Ok: true));

    private static IResult Json<T>(T body) => JsonBodies.Json(body);
}
