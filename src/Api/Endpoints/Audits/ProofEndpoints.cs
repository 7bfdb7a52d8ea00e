using System.Globalization;
using MediatR;
using Raktar.Api.Access;
using Raktar.Api.Bodies;
using Raktar.Api.Http;
using Raktar.Application.Proofs;
using Raktar.Domain;
using Raktar.Domain.Crates;
using Raktar.Domain.Registry;

namespace Raktar.Api.Endpoints.Audits;

/// <summary>Checkpoints, and proofs under them.</summary>
internal static class ProofEndpoints
{
    private const int PageSize = 100;

    public static void MapProofs(this IEndpointRouteBuilder app)
    {
        var audit = app.MapGroup("/api/v1/audit").WithTags("proof");
        audit.MapPost("/checkpoints", Make).Demands(Demand.Admin).WithSummary("Make a checkpoint now")
            .Produces<CheckpointBody>(StatusCodes.Status201Created).Produces<OkMessageBody>(StatusCodes.Status202Accepted);
        audit.MapMethods("/checkpoints", Reading.Methods, List).Demands(Demand.Admin).WithSummary("List checkpoints, the newest first").Produces<CheckpointsBody>();
        audit.MapMethods("/checkpoints/{number}", Reading.Methods, Statement).Demands(Demand.Read).WithSummary("A checkpoint's signed statement, to keep").Produces<string>(contentType: "text/plain");
        audit.MapMethods("/key", Reading.Methods, Key).Demands(Demand.Read).WithSummary("The public key that checkpoints are signed with").Produces<string>(contentType: "text/plain");
        audit.MapMethods("/proof/{crate}/{version}", Reading.Methods, Proof).Demands(Demand.Read).WithSummary("A proof that a version was published as it is").Produces<VersionProof>();
    }

    private static async Task<IResult> Make(HttpContext context, IMediator sender)
    {
        var outcome = await sender.Send(new MakeCheckpoint(context.Caller()), context.RequestAborted);
        return outcome.ToCargo(made => made is null
            ? JsonBodies.Json(new OkMessageBody(Ok: true, "the checkpoint was asked for and will be made"), StatusCodes.Status202Accepted)
            : JsonBodies.Json(Body(made.Checkpoint) with { Warning = made.Contradiction }, StatusCodes.Status201Created));
    }

    private static async Task<IResult> List(HttpContext context, IMediator sender)
    {
        int? before = null;
        if (context.Request.Query["before"].ToString() is { Length: > 0 } text)
        {
            if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                return new InvalidInput($"`before` must be a checkpoint's number, not `{text}`").ToResult();
            }

            before = number;
        }

        var outcome = await sender.Send(new ListCheckpoints(context.Caller(), before, PageSize), context.RequestAborted);
        return outcome.ToCargo(found => JsonBodies.Json(new CheckpointsBody([.. found.Select(Body)])));
    }

    private static async Task<IResult> Statement(string number, HttpContext context, IMediator sender)
    {
        if (!int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var which))
        {
            return new NoSuchCheckpoint(number).ToResult();
        }

        var outcome = await sender.Send(new GetCheckpoint(which), context.RequestAborted);
        return outcome.ToCargo(statement => Results.Text(statement.Text));
    }

    private static async Task<IResult> Key(HttpContext context, IMediator sender)
    {
        var outcome = await sender.Send(new GetCheckpoint(Number: null), context.RequestAborted);
        return outcome.ToCargo(statement => Results.Text(statement.PublicKeyPem));
    }

    private static async Task<IResult> Proof(string crate, string version, HttpContext context, IMediator sender)
    {
        if (!CrateName.TryParse(crate, out var name))
        {
            return new NoSuchCrate(crate).ToResult();
        }

        if (!SemVersion.TryParse(version, out var number))
        {
            return new NoSuchVersion(crate, version).ToResult();
        }

        var outcome = await sender.Send(new GetProof(name, number, context.Viewer()), context.RequestAborted);
        return outcome.ToCargo(proof => Results.Bytes(proof.ToJson(), "application/json; charset=utf-8"));
    }

    private static CheckpointBody Body(CheckpointMade made) => new(
        made.Number, made.At, made.Streams, made.Commits, made.Root.Hex, made.Previous.Hex, CheckpointStatement.Of(made).Fingerprint, made.Signature, Warning: null);
}
