namespace Raktar.Domain.Accounts;

/// <summary>Facts about one team, in its stream. Who is in it stands in the accounts' streams, so that whoever knows an account knows its teams.</summary>
public abstract record TeamEvent : DomainEvent
{
    private protected TeamEvent()
    {
    }
}

/// <summary>The team exists from now on.</summary>
public sealed record TeamCreated(TeamName Name) : TeamEvent;

/// <summary>What must be remembered of a team to decide: whether it is there.</summary>
public sealed record Team
{
    /// <summary>A team that nobody has created yet.</summary>
    public static Team Missing { get; } = new();

    /// <summary>Its name; null while it is missing.</summary>
    public TeamName? Name { get; init; }

    /// <summary>Creates it; creating it twice is fine.</summary>
    public static Decision Create(Team team, TeamName name) => team.Name is null ? new TeamCreated(name) : Decision.Nothing;

    /// <summary>The team after <paramref name="fact"/>.</summary>
    public Team Evolve(TeamEvent fact) => fact switch
    {
        TeamCreated e => this with { Name = e.Name },
        _ => throw new InvalidOperationException($"a team does not know {fact.GetType().Name}"),
    };
}
