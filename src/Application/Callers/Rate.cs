namespace Raktar.Application.Callers;

/// <summary>What can be done only so often.</summary>
public enum Rate
{
    /// <summary>Publishing a new crate.</summary>
    PublishNew,

    /// <summary>Publishing another version of a crate.</summary>
    PublishUpdate,

    /// <summary>A yank or its reversal.</summary>
    Yank,

    /// <summary>A change of any kind but a publish; every route that changes something spends one.</summary>
    Change,
}
