using MediatR;
using Raktar.Api.Access;
using Raktar.Api.Endpoints.Crates;
using Raktar.Api.Http;
using Raktar.Api.Web.Frame;
using Raktar.Application;
using Raktar.Application.Callers;
using Raktar.Application.Crates.Changes;
using Raktar.Application.Proofs;
using Raktar.Domain;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;

namespace Raktar.Api.Web.Versions;

/// <summary>What is done with one version: yanking, deleting and restoring it, after a look and behind the crate's name, typed; and its proof.</summary>
internal static class VersionEndpoints
{
    public static void MapVersions(this IEndpointRouteBuilder app)
    {
        app.MapMethods("/crates/{name}/{version}/yank", Reading.Methods, YankForm).IsPage().Demands(Demand.Yank);
        app.MapPost("/crates/{name}/{version}/yank", Yank).IsPage().Demands(Demand.Yank);
        app.MapMethods("/crates/{name}/{version}/delete", Reading.Methods, DeleteForm).IsPage().Demands(Demand.Admin);
        app.MapPost("/crates/{name}/{version}/delete", Delete).IsPage().Demands(Demand.Admin);
        app.MapPost("/crates/{name}/{version}/restore", Restore).IsPage().Demands(Demand.Admin);
        app.MapMethods("/crates/{name}/{version}/proof", Reading.Methods, Proof).IsPage().Demands(Demand.Read);
    }

    private static async Task<IResult> YankForm(string name, string version, HttpContext context, IMediator sender) =>
        (await Find(name, version, TokenScope.Yank, context, sender)).ToCargo(found => new Page<YankPage>(
            $"{(found.Version.IsYanked ? "Unyank" : "Yank")} {found.Crate} {found.Version.Version}", (nameof(YankPage.Found), found)));

    private static async Task<IResult> DeleteForm(string name, string version, HttpContext context, IMediator sender) =>
        (await Find(name, version, TokenScope.Admin, context, sender)).ToCargo(found => new Page<DeletePage>(
            $"{(found.Version.IsDeleted ? "Restore" : "Delete")} {found.Crate} {found.Version.Version}", (nameof(DeletePage.Found), found)));

    private static Task<IResult> Yank(string name, string version, HttpContext context, IMediator sender) =>
        Change(name, version, TokenScope.Yank, context, sender, (found, form) =>
        {
            var yanked = form["do"] switch
            {
                "yank" => true,
                "unyank" => (bool?)false,
                _ => null,
            };
            if (yanked is not { } wanted)
            {
                return Refused(new InvalidInput("field `do` must be `yank` or `unyank`"));
            }

            if (Unconfirmed(found, form) is { } refusal)
            {
                return Refused(refusal);
            }

            var reason = wanted && ReasonIn(form) is { Length: > 0 } text ? text : null;
            return sender.Send(new YankVersion(context.Caller(), found.Crate, found.Version.Version, wanted, reason), context.RequestAborted);
        });

    private static Task<IResult> Delete(string name, string version, HttpContext context, IMediator sender) =>
        Change(name, version, TokenScope.Admin, context, sender, (found, form) => Unconfirmed(found, form) is { } refusal
            ? Refused(refusal)
            : sender.Send(new DeleteVersion(context.Caller(), found.Crate, found.Version.Version, ReasonIn(form)), context.RequestAborted),
            // Where it can be restored: the crate may have no other version, and then no history to look at.
            next: $"{version}/delete");

    private static Task<IResult> Restore(string name, string version, HttpContext context, IMediator sender) =>
        Change(name, version, TokenScope.Admin, context, sender, (found, _) =>
            sender.Send(new RestoreVersion(context.Caller(), found.Crate, found.Version.Version), context.RequestAborted));

    /// <summary>Does what a form asks for, and goes on to the crate's history, which tells of it, or to another page of the crate.</summary>
    private static Task<IResult> Change(
        string name,
        string version,
        TokenScope scope,
        HttpContext context,
        IMediator sender,
        Func<FoundVersion, Form, Task<Outcome<Done>>> change,
        string next = "history") => context.ReadForm()
        .Then(form => Find(name, version, scope, context, sender).Then(found => change(found, form).Map(_ => found)))
        .ToCargo(found => new SeeOther($"/crates/{found.Crate}/{next}"));

    private static async Task<IResult> Proof(string name, string version, HttpContext context, IMediator sender)
    {
        var named = Named.Version(name, version);
        if (named.Refusal is { } unknown)
        {
            return unknown.ToResult();
        }

        var (crate, number) = named.Value;
        var proof = await sender.Send(new GetProof(crate, number, context.Viewer()), context.RequestAborted);
        if (proof.Refusal is { } refusal and not NotCheckpointed)
        {
            return refusal.ToResult();
        }

        // The registry's own key signs the checkpoint; whether it is the right one, only the reader can know.
        Outcome<ProvenCommit> check = proof.Refusal is { } none ? none : proof.Value.Check(keys: []);

        return new Page<ProofPage>(
            $"Proof of {crate} {number}",
            (nameof(ProofPage.Crate), crate),
            (nameof(ProofPage.Version), number),
            (nameof(ProofPage.HasProof), proof.Refusal is null),
            (nameof(ProofPage.Proven), check.Refusal is null ? check.Value : null),
            (nameof(ProofPage.Problem), check.Refusal?.Sentence))
        { Status = proof.Refusal is null ? StatusCodes.Status200OK : StatusCodes.Status409Conflict };
    }

    private static Task<Outcome<FoundVersion>> Find(string name, string version, TokenScope scope, HttpContext context, IMediator sender) => Named
        .Version(name, version)
        .Then(named => sender.Send(new FindVersion(context.Caller(), named.Crate, named.Number, scope), context.RequestAborted));

    // Browsers send the lines of a text area with carriage returns.
    private static string ReasonIn(Form form) => form["reason"].ReplaceLineEndings("\n");

    private static InvalidInput? Unconfirmed(FoundVersion found, Form form) => string.Equals(form["confirm"], found.Crate.Text, StringComparison.Ordinal)
        ? null
        : new InvalidInput($"to confirm, type the crate's name, `{found.Crate}`");

    private static Task<Outcome<Done>> Refused(Refusal refusal) => Task.FromResult<Outcome<Done>>(refusal);
}
