using Raktar.Domain;
using Raktar.Domain.Accounts;
using Raktar.Domain.Ci;
using Raktar.Domain.Crates;
using Raktar.Domain.Registry;

namespace Raktar.Application.Log;

/// <summary>What a fact is about: the name of a crate, or of an account and perhaps a team, or of a team.</summary>
public readonly record struct About(string? Crate, string? Account = null, string? Team = null);

/// <summary>
/// What each fact says: one sentence, in words that follow who did it, for pages, tables and files. What people typed is in it as they typed it. It tells
/// nothing that <see cref="FactDetail"/> does not.
/// </summary>
public static class FactWords
{
    /// <summary>The sentence of <paramref name="fact"/>. Not <paramref name="isFull"/>: for readers who may not know whom a crate trusts.</summary>
    public static string Of(DomainEvent fact, About about, bool isFull = true) => fact switch
    {
        CrateEvent e => OfCrate(e, about.Crate, isFull),
        AccountEvent e => OfAccount(e, about.Account, about.Team),
        TeamCreated => $"created the team {about.Team}",
        CiTokenIssued e => $"got a token for {Join(e.Crates.Select(crate => crate.Name.Text))}",
        CiTokenRevoked e => $"gave a token of a run back{Because(e.Reason)}",
        CheckpointMade e => $"made the checkpoint {e.Number}",
        CheckpointRequested => "asked for a checkpoint",
        _ => throw Unknown(fact),
    };

    private static string OfCrate(CrateEvent fact, string? crate, bool isFull) => fact switch
    {
        CrateCreated e => $"created the crate {e.Name}, owned by {e.Owner}",
        CrateRespelled e => $"changed the crate's spelling to {e.Name}",
        VersionPublished e => $"published {crate} {e.Version} ({Sizes.Text(e.Size)})",
        VersionYanked e => $"yanked {crate} {e.Version}{Because(e.Reason)}",
        VersionUnyanked e => $"unyanked {crate} {e.Version}",
        VersionDeleted e => $"deleted {crate} {e.Version}{Because(e.Reason)}",
        VersionRestored e => $"restored {crate} {e.Version}",
        OwnerAdded e => $"made {e.Owner} an owner of {crate}",
        OwnerRemoved e => $"removed {e.Owner} from the owners of {crate}",
        VisibilityChanged { Restricted: false } => $"opened {crate} to all readers",
        VisibilityChanged { Readers.Count: 0 } => $"restricted {crate} to its owners",
        VisibilityChanged e => $"restricted {crate} to its owners and {Join(e.Readers.Select(team => $"team:{team}"))}",
        TrustedPublisherAdded e when !isFull => $"added the trusted publisher {e.Id} of {crate}",
        TrustedPublisherAdded e => $"added the trusted publisher {e.Id} of {crate}: "
            + Join(e.Claims.Select(rule => $"{rule.Claim} {rule.Value}").Prepend(e.Issuer)),
        TrustedPublisherRemoved e => $"removed the trusted publisher {e.Id} of {crate}",
        TrustedOnlyChanged { Only: true } => $"let only trusted publishers publish {crate}",
        TrustedOnlyChanged => $"let owners publish {crate} too",
        CrateDeprecated e => $"deprecated {crate}{(e.Successor is null ? string.Empty : $" in favour of {e.Successor}")}{Because(e.Reason)}",
        CrateUndeprecated => $"took the deprecation of {crate} back",
        _ => throw Unknown(fact),
    };

    private static string OfAccount(AccountEvent fact, string? account, string? team) => fact switch
    {
        AccountRegistered e => $"registered the account {account} with the role {e.Role.Word()}",
        RoleChanged e => $"gave {account} the role {e.Role.Word()}",
        TokenIssued e => $"made the token {e.Id} “{e.Name}” of {account}, good for {Join(e.Scopes.Select(scope => scope.Word()))}"
            + (e.Crates.Contains(CratePattern.All) ? string.Empty : $" of {Join(e.Crates.Select(pattern => pattern.ToString()))}")
            + (e.ExpiresAt is { } end ? $" until {end.UtcDateTime:yyyy-MM-dd}" : string.Empty),
        TokenRevoked e => $"revoked the token {e.Id} of {account}{Because(e.Reason)}",
        TeamJoined => $"put {account} into the team {team}",
        TeamLeft => $"took {account} out of the team {team}",
        IdentityLinked e => $"linked {account} to its identity {e.Subject} at {e.Issuer}",
        IdentityUnlinked e => $"unlinked {account} from its identity {e.Subject} at {e.Issuer}",
        SessionsEnded => $"ended the sessions of {account}",
        AccountDisabled e => $"switched {account} off, and its tokens and sessions with it{Because(e.Reason)}",
        AccountEnabled e => $"switched {account} on again{Because(e.Reason)}",
        _ => throw Unknown(fact),
    };

    private static string Join(IEnumerable<string> texts) => string.Join(", ", texts);

    private static string Because(string? reason) => reason is null ? string.Empty : $": {reason}";

    private static InvalidOperationException Unknown(DomainEvent fact) => new($"there are no words for {fact.GetType().Name}");
}
