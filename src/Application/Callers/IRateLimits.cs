using Raktar.Domain;

namespace Raktar.Application.Callers;

/// <summary>How often whoever is charged (<see cref="Caller.ChargedTo"/>) may do something.</summary>
public interface IRateLimits
{
    /// <summary>Spends one; null when there was one left.</summary>
    Refusal? Spend(Rate rate, Caller by);
}
