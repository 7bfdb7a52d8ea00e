using MediatR;
using Raktar.Application.Events;
using Raktar.Domain;
using Raktar.Domain.Accounts;

namespace Raktar.Application.Accounts;

/// <summary>Creates a team. For administrators.</summary>
public sealed record PutTeam(Caller By, TeamName Team) : IRequest<Outcome<Done>>;

/// <summary>Puts an account into a team, or takes it out. For administrators.</summary>
public sealed record ChangeTeamMember(Caller By, TeamName Team, Login Login, bool Join) : IRequest<Outcome<Done>>;

/// <summary>A team with its members.</summary>
public sealed record GetTeam(TeamName Team) : IRequest<Outcome<TeamDetails>>;

/// <summary>A team's name, and who is in it, by login.</summary>
public sealed record TeamDetails(TeamName Name, IReadOnlyList<Login> Members);

internal sealed class PutTeamHandler(Streams<Team> teams) : IRequestHandler<PutTeam, Outcome<Done>>
{
    public Task<Outcome<Done>> Handle(PutTeam command, CancellationToken cancellationToken) =>
        teams.Change(StreamName.Of(command.Team), command.By, team => Team.Create(team, command.Team), cancellationToken);
}

internal sealed class ChangeTeamMemberHandler(AccountDirectory directory, Streams<Account> accounts) : IRequestHandler<ChangeTeamMember, Outcome<Done>>
{
    public async Task<Outcome<Done>> Handle(ChangeTeamMember command, CancellationToken cancellationToken) =>
        await directory.HasTeam(command.Team, cancellationToken)
            ? await accounts.Change(
                StreamName.Of(command.Login),
                command.By,
                account => AccountDecider.ChangeTeam(account, command.Login, command.Team, command.Join),
                cancellationToken)
            : new TeamNotFound(command.Team.Text);
}

internal sealed class GetTeamHandler(AccountDirectory directory) : IRequestHandler<GetTeam, Outcome<TeamDetails>>
{
    public async Task<Outcome<TeamDetails>> Handle(GetTeam query, CancellationToken cancellationToken) =>
        await directory.HasTeam(query.Team, cancellationToken)
            ? new TeamDetails(
                query.Team,
                [.. (await directory.All(cancellationToken)).Where(account => account.Teams.Contains(query.Team)).Select(account => account.Login!)])
            : new TeamNotFound(query.Team.Text);
}
