namespace Raktar.Domain;

/// <summary>A fact that has happened. The families (<c>CrateEvent</c>, <c>AccountEvent</c>) are closed; each fact has a stored name in EventCodec.</summary>
public abstract record DomainEvent
{
    private protected DomainEvent()
    {
    }
}

/// <summary>
/// What a decider answers: the facts to append (none when the intent already holds), or the refusal.
/// </summary>
public sealed record Decision
{
    private Decision(ValueList<DomainEvent> events, Refusal? refusal) => (Events, Refusal) = (events, refusal);

    /// <summary>Nothing to record: what was asked for is already so.</summary>
    public static Decision Nothing { get; } = new([], null);

    /// <summary>The facts to append, in order; empty when refused or when nothing changes.</summary>
    public ValueList<DomainEvent> Events { get; }

    /// <summary>Why not, or null.</summary>
    public Refusal? Refusal { get; }

    /// <summary>Accept with these facts.</summary>
    public static Decision Of(params ReadOnlySpan<DomainEvent> events) => new(ValueList.Create(events), null);

    /// <summary>Accept with one fact.</summary>
    public static implicit operator Decision(DomainEvent fact) => Of(fact);

    /// <summary>Refuse.</summary>
    public static implicit operator Decision(Refusal refusal) => new([], refusal);
}
