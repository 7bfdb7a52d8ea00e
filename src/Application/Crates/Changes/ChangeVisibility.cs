using FluentValidation;
using MediatR;
using Raktar.Application.Accounts;
using Raktar.Application.Callers;
using Raktar.Application.Log;
using Raktar.Application.State;
using Raktar.Domain;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;

namespace Raktar.Application.Crates.Changes;

/// <summary>Restricts a crate to its owners and the named teams, or opens it to all readers of the registry again.</summary>
public sealed record ChangeVisibility(Caller By, CrateName Crate, bool Restricted, IReadOnlyList<string> Teams) : IRequest<Outcome<Done>>, INeeds
{
    /// <inheritdoc/>
    public Need Need => Need.Of(By, TokenScope.ChangeOwners, Crate);
}

internal sealed class ChangeVisibilityValidator : AbstractValidator<ChangeVisibility>
{
    private const int Max = 50;

    public ChangeVisibilityValidator() => RuleFor(command => command.Teams.Count).LessThanOrEqualTo(Max).WithMessage($"too many teams (max {Max})");
}

internal sealed class ChangeVisibilityHandler(Streams<Crate> crates, AccountDirectory accounts, RegistryAddress registry)
    : IRequestHandler<ChangeVisibility, Outcome<Done>>
{
    public async Task<Outcome<Done>> Handle(ChangeVisibility command, CancellationToken cancellationToken)
    {
        var (by, name, restricted, texts) = command;
        if (restricted && registry.IsPublic)
        {
            return new InvalidInput("this registry is open to everybody, so no crate in it can be restricted");
        }

        // The crate first: whoever may not manage it must not learn which teams there are.
        var (before, _) = await crates.Load(StreamName.Of(name), cancellationToken);
        if (CrateDecider.RefuseToManage(before, name, by.Requester) is { } notTheirs)
        {
            return notTheirs;
        }

        var teams = new List<TeamName>();
        foreach (var text in texts)
        {
            if (!TeamName.TryParse(text, out var team) || !await accounts.HasTeam(team, cancellationToken))
            {
                return new NoSuchTeam(text);
            }

            teams.Add(team);
        }

        return await crates.Change(
            StreamName.Of(name), by, crate => CrateDecider.ChangeVisibility(crate, name, restricted, teams, by.Requester), cancellationToken);
    }
}
