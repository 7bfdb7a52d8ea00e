namespace Raktar.Application.Callers;

/// <summary>
/// A request that says what it needs of its caller before anything else of it is looked at. One that only reads says who reads instead, and answers what that
/// reader may see.
/// </summary>
public interface INeeds
{
    /// <summary>What it needs.</summary>
    Need Need { get; }
}
