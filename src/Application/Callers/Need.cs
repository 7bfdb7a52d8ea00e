using Raktar.Domain;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;

namespace Raktar.Application.Callers;

/// <summary>What a request needs of its caller; its limits on rates are spent first, so that attempts which are refused spend too.</summary>
public sealed record Need
{
    private readonly Refusal? _refusal;
    private readonly (Rate Rate, Caller By)? _spent;

    private Need(Refusal? refusal, (Rate, Caller)? spent = null) => (_refusal, _spent) = (refusal, spent);

    /// <summary>Nothing: all readers may have it, or what is sent is itself the right to it.</summary>
    public static Need Nothing { get; } = new(refusal: null);

    /// <summary>What depends on the state of a crate: the handler asks for it before it does anything.</summary>
    public static Need OfHandler { get; } = new(refusal: null);

    /// <summary>A role and token that are good for this on that crate.</summary>
    public static Need Of(Caller by, TokenScope scope, CrateName crate) => new(by.Refuse(scope, crate));

    /// <summary>The same, and one of the uses that the caller has left.</summary>
    public static Need Of(Caller by, TokenScope scope, CrateName crate, Rate rate) => new(by.Refuse(scope, crate), (rate, by));

    /// <summary>An administrator.</summary>
    public static Need Admin(Caller by) => new(by.RefuseToAdminister());

    /// <summary>An administrator who manages accounts, teams and tokens.</summary>
    public static Need Accounts(Caller by) => new(by.RefuseToManageAccounts());

    /// <summary>A rule of the request's own about its caller; null: it is kept.</summary>
    public static Need Unless(Refusal? refusal) => new(refusal);

    /// <summary>Why the request is not for its caller, or not now; or null.</summary>
    public Refusal? Refuse(IRateLimits rates) => (_spent is var (rate, by) ? rates.Spend(rate, by) : null) ?? _refusal;
}
