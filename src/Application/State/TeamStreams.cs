using Raktar.Domain;
using Raktar.Domain.Accounts;

namespace Raktar.Application.State;

/// <summary>Team streams. They are short, so nobody writes documents of them.</summary>
public sealed record TeamStreams() : StreamState<Team>("team", Team.Missing, StateJson.Default.SnapshotTeam)
{
    /// <inheritdoc/>
    public override Team Evolve(Team state, DomainEvent fact) => state.Evolve((TeamEvent)fact);
}
