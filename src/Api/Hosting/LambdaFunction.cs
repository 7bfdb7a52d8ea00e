using System.Text.Json;
using Raktar.Api.Access;
using Raktar.Api.Background;
using Raktar.Api.Http;
using Raktar.Application.Log;
using Raktar.Application.Proofs;
using Raktar.Domain;
using Raktar.Projections;

namespace Raktar.Api.Hosting;

/// <summary>
/// All that knows of AWS Lambda. The Lambda Web Adapter starts this program beside itself, hands HTTP events on as the HTTP requests that they were, and any
/// other event as <c>POST /events</c> with the event as the body (https://aws.github.io/aws-lambda-web-adapter). A projection's function gets the bus's
/// events there; an answer that is no success fails the invocation, which Lambda then repeats.
/// </summary>
internal static class LambdaFunction
{
    /// <summary>Catches up the stream of which an event tells with the one projection that this function runs.</summary>
    public static void MapEvents(this IEndpointRouteBuilder app, string kind)
    {
        var projectors = app.ServiceProvider.GetRequiredService<Projectors>();
        app.MapPost("/events", async (HttpContext context, ILoggerFactory logs) =>
        {
            if (await StreamIn(context) is not { } stream)
            {
                return new InvalidInput("the body is no event of Raktar's: `detail.stream` must name a stream").ToResult();
            }

            try
            {
                // Not every stream has a document of this kind.
                if (projectors.Of(stream).FirstOrDefault(projector => string.Equals(projector.Kind, kind, StringComparison.Ordinal)) is { } projector)
                {
                    await projector.CatchUp(stream, context.RequestAborted);
                }
            }
            catch (Exception e) when (Projectors.IsImpossible(e))
            {
                // Repeating it for hours would end the same. An alarm looks for these words; the stream's next event is the next try.
                logs.CreateLogger<IProjector>().LogCritical(e, "{Stream} is set aside: its document {Kind} cannot be made", stream, kind);
            }

            return Results.NoContent();
        }).Demands(Demand.Delivery).ExcludeFromDescription();
    }

    /// <summary>Makes a checkpoint, whatever the event: the schedule's, or the bus's that somebody asked for one.</summary>
    public static void MapCheckpoint(this IEndpointRouteBuilder app) => app.MapPost("/events", async (HttpContext context, CheckpointMaker maker, ILoggerFactory logs) =>
    {
        var made = await maker.Make(CheckpointService.Raktar, always: false, context.RequestAborted);
        if (made?.Contradiction is not { } contradiction)
        {
            return Results.NoContent();
        }

        // Once, so that the alarm for errors rings: when Lambda repeats the invocation, there is nothing more to sum up.
        logs.CreateLogger<CheckpointMaker>().LogCritical("The log is not what the checkpoint before signed: {Contradiction}. `raktar verify` names all of it", contradiction);
        return Results.StatusCode(StatusCodes.Status500InternalServerError);
    }).Demands(Demand.Delivery).ExcludeFromDescription();

    private static async Task<StreamName?> StreamIn(HttpContext context)
    {
        try
        {
            using var body = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
            return body.RootElement.GetProperty("detail").GetProperty("stream").GetString() is { } name ? StreamName.Parse(name) : null;
        }
        catch (Exception e) when (e is JsonException or FormatException or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }
}
