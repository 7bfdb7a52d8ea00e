using Raktar.Application.Callers;
using Raktar.Domain;
using Raktar.Domain.Accounts;

namespace Raktar.Api.Access;

/// <summary>What a route demands of its caller. A route that says nothing is for nobody.</summary>
/// <param name="Role">The least role; null: no token is asked for.</param>
/// <param name="Reading">Whether it only reads: a public registry opens it, and without a role it is open to everybody.</param>
/// <param name="Scopes">The token must be good for one of these; none: any live token will do.</param>
internal sealed record Demand(Role? Role, bool Reading, params TokenScope[] Scopes)
{
    /// <summary>Open to everybody: health, and the page that says how to sign in.</summary>
    public static Demand Nothing { get; } = new(null, Reading: true);

    /// <summary>Only what the bus delivers on this machine.</summary>
    public static Demand Delivery { get; } = new(null, Reading: false);

    /// <summary>Reading: any account, or everybody on a public registry.</summary>
    public static Demand Read { get; } = new(Domain.Accounts.Role.Reader, Reading: true, TokenScope.Read);

    /// <summary>What there is at an address where there is nothing: whoever may read may learn that.</summary>
    public static Demand Nowhere { get; } = new(Domain.Accounts.Role.Reader, Reading: true);

    /// <summary>Reading as somebody known, also on a public registry.</summary>
    public static Demand ReadByAccount { get; } = new(Domain.Accounts.Role.Reader, Reading: false, TokenScope.Read);

    /// <summary>Any account with any live token: what concerns only that account.</summary>
    public static Demand Account { get; } = new(Domain.Accounts.Role.Reader, Reading: false);

    /// <summary>Publishing; which of the two it is depends on the crate.</summary>
    public static Demand Publish { get; } = new(Domain.Accounts.Role.Member, Reading: false, TokenScope.PublishNew, TokenScope.PublishUpdate);

    /// <summary>Yanking.</summary>
    public static Demand Yank { get; } = new(Domain.Accounts.Role.Member, Reading: false, TokenScope.Yank);

    /// <summary>Managing a crate: its owners, visibility and trusted publishers.</summary>
    public static Demand Owners { get; } = new(Domain.Accounts.Role.Member, Reading: false, TokenScope.ChangeOwners);

    /// <summary>Reading the audit: as an administrator, or as who may read the crate.</summary>
    public static Demand Audit { get; } = new(Domain.Accounts.Role.Reader, Reading: false, TokenScope.Admin, TokenScope.Read);

    /// <summary>Managing the registry.</summary>
    public static Demand Admin { get; } = new(Domain.Accounts.Role.Admin, Reading: false, TokenScope.Admin);

    /// <summary>Managing accounts, teams and tokens: not for tokens that are narrowed to some crates.</summary>
    public static Demand Accounts { get; } = Admin with { ForAllCrates = true };

    /// <summary>Whether the token must be good for all crates.</summary>
    public bool ForAllCrates { get; init; }

    /// <summary>Why somebody known is not let in, or null.</summary>
    public Refusal? Refuse(Caller caller) => caller.Refuse(Role, Scopes) ?? (ForAllCrates ? caller.RefuseForSomeCrates() : null);
}

/// <summary>Marks a route that spends from a rate of its own, and not from that of all changes.</summary>
internal sealed record OwnRate;
