using MediatR;
using Raktar.Application.Audit;
using Raktar.Application.Callers;
using Raktar.Application.Crates.Changes;
using Raktar.Application.Log;
using Raktar.Application.State;
using Raktar.Domain;
using Raktar.Domain.Accounts;

namespace Raktar.Application.Accounts;

/// <summary>Creates a team.</summary>
public sealed record PutTeam(Caller By, TeamName Team) : IRequest<Outcome<Done>>, INeeds
{
    /// <inheritdoc/>
    public Need Need => Need.Accounts(By);
}

/// <summary>Puts an account into a team, or takes it out.</summary>
public sealed record ChangeTeamMember(Caller By, TeamName Team, Login Login, bool Join) : IRequest<Outcome<Done>>, INeeds
{
    /// <inheritdoc/>
    public Need Need => Need.Accounts(By);
}

/// <summary>A team with its members.</summary>
public sealed record GetTeam(Caller By, TeamName Team) : IRequest<Outcome<TeamDetails>>, INeeds
{
    /// <inheritdoc/>
    public Need Need => Need.Accounts(By);
}

/// <summary>All teams with their members, by name, as the projections last saw them.</summary>
public sealed record ListTeams(Caller By) : IRequest<Outcome<IReadOnlyList<TeamDetails>>>, INeeds
{
    /// <inheritdoc/>
    public Need Need => Need.Admin(By);
}

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

/// <summary>Teams have no documents, as nothing else needs all of them; the audit has the creation of each in one lane.</summary>
internal sealed class ListTeamsHandler(AccountDirectory directory, IAuditStore audit) : IRequestHandler<ListTeams, Outcome<IReadOnlyList<TeamDetails>>>
{
    private const int AtATime = 500;

    private static readonly AuditLane Created = new(AuditIndex.Kind, EventCodec.StoredNames.Single(stored => stored.Type == typeof(TeamCreated)).Name);

    public async Task<Outcome<IReadOnlyList<TeamDetails>>> Handle(ListTeams query, CancellationToken cancellationToken)
    {
        var members = new SortedDictionary<string, List<Login>>(StringComparer.Ordinal);
        for (AuditPlace? before = AuditPlace.Newest; before is { } place;)
        {
            var slice = await audit.Read(Created, AuditPlace.Oldest, place, AtATime, cancellationToken);
            foreach (var row in slice.Rows)
            {
                members[row.Team!] = [];
            }

            before = slice.Reached;
        }

        foreach (var account in await directory.All(cancellationToken))
        {
            foreach (var team in account.Teams)
            {
                if (members.TryGetValue(team.Text, out var logins))
                {
                    logins.Add(account.Login!);
                }
            }
        }

        return members.Select(team => new TeamDetails(TeamName.Parse(team.Key), team.Value)).ToList();
    }
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
