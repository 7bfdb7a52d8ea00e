using MediatR;
using Raktar.Api.Access;
using Raktar.Application;
using Raktar.Application.Crates.TimeMachine;
using Raktar.Application.Crates.Views;
using Raktar.Domain;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;

namespace Raktar.Api.Endpoints.Crates;

/// <summary>What a route names. What cannot be the name of one is one that does not exist.</summary>
internal static class Named
{
    /// <summary>A crate.</summary>
    public static Outcome<CrateName> Crate(string name) => CrateName.TryParse(name, out var crate) ? crate : new NoSuchCrate(name);

    /// <summary>A version of a crate.</summary>
    public static Outcome<(CrateName Crate, SemVersion Number)> Version(string name, string version) => Crate(name).Then<(CrateName, SemVersion)>(crate =>
        SemVersion.TryParse(version, out var number) ? (crate, number) : new NoSuchVersion(name, version));

    /// <summary>An account.</summary>
    public static Outcome<Login> Account(string login) => Login.TryParse(login, out var account) ? account : new AccountNotFound(login);

    /// <summary>A team.</summary>
    public static Outcome<TeamName> Team(string team) => TeamName.TryParse(team, out var name) ? name : new TeamNotFound(team);

    /// <summary>What the caller may see of a crate.</summary>
    public static Task<Outcome<CrateDetails>> GetCrate(this IMediator sender, string name, HttpContext context) =>
        Crate(name).Then(crate => sender.Send(new GetCrate(crate, context.Viewer()), context.RequestAborted));
}
