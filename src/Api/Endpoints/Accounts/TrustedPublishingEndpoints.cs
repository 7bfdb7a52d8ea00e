using System.Globalization;
using MediatR;
using Raktar.Api.Access;
using Raktar.Api.Bodies;
using Raktar.Api.Endpoints.Crates;
using Raktar.Api.Http;
using Raktar.Api.OpenId;
using Raktar.Application;
using Raktar.Application.Callers;
using Raktar.Application.TrustedPublishing;
using Raktar.Domain;
using Raktar.Domain.Crates;

namespace Raktar.Api.Endpoints.Accounts;

/// <summary>
/// Publishing from a continuous integration without a secret: the exchange as on crates.io (https://crates.io/docs/trusted-publishing), and which runs a crate
/// trusts, for any issuer.
/// </summary>
internal static class TrustedPublishingEndpoints
{
    public static void MapTrustedPublishing(this IEndpointRouteBuilder app)
    {
        var tokens = app.MapGroup("/api/v1/trusted_publishing").WithTags("trusted publishing");
        // The identity token, and then the token that it was exchanged for, is the credential.
        tokens.MapPost("/tokens", Exchange).Demands(Demand.Nothing).WithSummary("Exchange an identity token of a run for a token that publishes").Produces<CiTokenBody>();
        tokens.MapDelete("/tokens", Revoke).Demands(Demand.Nothing).WithSummary("Give such a token back").Produces(StatusCodes.Status204NoContent);

        var crates = app.MapGroup("/api/v1/crates/{name}").WithTags("trusted publishing");
        crates.MapMethods("/trusted_publishers", Reading.Methods, List).Demands(Demand.Owners).WithSummary("Which runs may publish a crate").Produces<TrustedPublishersBody>();
        crates.MapPost("/trusted_publishers", Add).Demands(Demand.Owners).WithSummary("Trust runs to publish a crate").Produces<TrustedPublisherBody>(StatusCodes.Status201Created);
        crates.MapDelete("/trusted_publishers/{id}", Remove).Demands(Demand.Owners).WithSummary("Trust them no longer").Produces(StatusCodes.Status204NoContent);
        crates.MapPut("/trusted_only", TrustedOnly).Demands(Demand.Owners).WithSummary("Say whether nobody else may publish a crate").Produces<OkBody>();
    }

    private static async Task<IResult> Exchange(
        HttpContext context, IMediator sender, TrustedPublishingPolicy policy, IdentityTokens identityTokens, FailedAuthentications failures)
    {
        context.Response.Headers.CacheControl = "no-store";
        if (!policy.IsEnabled)
        {
            return new TrustedPublishingOff().ToResult();
        }

        var read = await context.ReadJson(ApiJson.Default.IdentityTokenRequest);
        if (read.Refusal is { } refusal)
        {
            return refusal.ToResult();
        }

        if (read.Value.Jwt is not { Length: > 0 } jwt)
        {
            return new InvalidInput("field `jwt` must be the identity token").ToResult();
        }

        Outcome<string> exchanged;
        try
        {
            var run = await identityTokens.Check(jwt, context.RequestAborted);
            exchanged = run.Refusal is { } wrong ? wrong
                : await sender.Send(new ExchangeIdentityToken(run.Value, context.RequestInfo()), context.RequestAborted);
        }
        catch (CiIssuerUnavailableException e)
        {
            return new UnavailableIssuer(e.Issuer);
        }

        return exchanged.Refusal is not null && failures.TooMany(context.Connection.RemoteIpAddress) is { } wait
            ? new TooMany("too many failed authentications from this address", wait).ToResult()
            : exchanged.ToCargo(token => JsonBodies.Json(new CiTokenBody(token)));
    }

    /// <summary>Answers the same when there is nothing to end any more: a run that took long must be able to clean up.</summary>
    private static async Task<IResult> Revoke(HttpContext context, IMediator sender, CiTokenDirectory runs, FailedAuthentications failures)
    {
        if (AccessMiddleware.TokenIn(context.Request.Headers.Authorization, out _) is not { } token || CiTokens.StreamOf(token) is null)
        {
            return new InvalidInput("send the token of the run that shall end as `Authorization: Bearer` and the token").ToResult();
        }

        if (await runs.Authenticate(token, context.RequestAborted) is null)
        {
            return failures.TooMany(context.Connection.RemoteIpAddress) is { } wait
                ? new TooMany("too many failed authentications from this address", wait).ToResult()
                : Results.NoContent();
        }

        var outcome = await sender.Send(new RevokeCiToken(token, Reason: null, context.RequestInfo()), context.RequestAborted);
        return outcome.ToCargo(_ => Results.NoContent());
    }

    private static Task<IResult> List(string name, HttpContext context, IMediator sender) => Named.Crate(name)
        .Then(crate => sender.Send(new ListTrustedPublishers(context.Caller(), crate), context.RequestAborted))
        .ToCargo(found => JsonBodies.Json(new TrustedPublishersBody([.. found.Publishers.Select(Body)], found.Only)));

    private static Task<IResult> Add(string name, HttpContext context, IMediator sender) => Named.Crate(name)
        .Then(crate => context.ReadJson(ApiJson.Default.TrustedPublisherRequest)
            .Then<TrustedPublisherRequest, AddTrustedPublisher>(request =>
                request is { Issuer: { } issuer, Claims: { } claims } && claims.Values.All(value => value is not null)
                    ? new AddTrustedPublisher(context.Caller(), crate, issuer, [.. claims.Select(claim => new ClaimRule(claim.Key, claim.Value))])
                    : new InvalidInput("field `issuer` must be the issuer's URL, field `claims` an object of strings")))
        .Then(command => sender.Send(command, context.RequestAborted))
        .ToCargo(added => JsonBodies.Json(Body(added), StatusCodes.Status201Created));

    private static Task<IResult> Remove(string name, string id, HttpContext context, IMediator sender)
    {
        // No trusted publisher has the number 0, and who may ask hears so.
        var number = int.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) ? parsed : 0;
        return Named.Crate(name)
            .Then(crate => sender.Send(new RemoveTrustedPublisher(context.Caller(), crate, number), context.RequestAborted))
            .ToCargo(_ => Results.NoContent());
    }

    private static Task<IResult> TrustedOnly(string name, HttpContext context, IMediator sender) => Named.Crate(name)
        .Then(crate => context.ReadJson(ApiJson.Default.TrustedOnlyRequest)
            .Then<TrustedOnlyRequest, ChangeTrustedOnly>(request => request.TrustedOnly is { } only
                ? new ChangeTrustedOnly(context.Caller(), crate, only)
                : new InvalidInput("field `trusted_only` must be true or false")))
        .Then(command => sender.Send(command, context.RequestAborted))
        .ToCargo(_ => JsonBodies.Json(new OkBody(Ok: true)));

    private static TrustedPublisherBody Body(TrustedPublisher publisher) =>
        new(publisher.Id, publisher.Issuer, publisher.Claims.ToDictionary(rule => rule.Claim, rule => rule.Value, StringComparer.Ordinal));

    private sealed class UnavailableIssuer(string issuer) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.Headers.RetryAfter = "30";
            return httpContext.WriteError(StatusCodes.Status503ServiceUnavailable, $"the issuer `{issuer}` cannot be asked for its keys, please try again");
        }
    }
}
