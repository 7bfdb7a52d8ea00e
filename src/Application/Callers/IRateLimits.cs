using Raktar.Domain;

namespace Raktar.Application.Callers;

/// <summary>How often whoever is charged (<see cref="Caller.ChargedTo"/>) may do something.</summary>
public interface IRateLimits
{
    /// <summary>Spends a publish of a new crate, or of another version of one; null when there was one left.</summary>
    Refusal? Publish(Caller by, bool isNew);

    /// <summary>Spends a yank or its reversal.</summary>
    Refusal? Yank(Caller by);

    /// <summary>Spends a change of any kind but a publish; every route that changes something asks.</summary>
    Refusal? Change(Caller by);
}
