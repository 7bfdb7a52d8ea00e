using MediatR;
using Raktar.Api.Access;
using Raktar.Application;
using Raktar.Application.Crates.TimeMachine;
using Raktar.Application.Crates.Views;
using Raktar.Domain;
using Raktar.Domain.Crates;

namespace Raktar.Api.Endpoints.Crates;

/// <summary>The crate that a route names.</summary>
internal static class RouteCrate
{
    /// <summary>The crate of a route value; a name that cannot be is a crate that does not exist.</summary>
    public static Task<Outcome<CrateDetails>> GetCrate(this IMediator sender, string name, HttpContext context) =>
        CrateName.TryParse(name, out var crate)
            ? sender.Send(new GetCrate(crate, context.Viewer()), context.RequestAborted)
            : Task.FromResult<Outcome<CrateDetails>>(new NoSuchCrate(name));
}
