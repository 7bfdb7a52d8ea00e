using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;

namespace Raktar.Domain;

/// <summary>What sort of no a refusal is. The one place that turns it into a status is the HTTP edge.</summary>
public enum RefusalKind
{
    /// <summary>The request breaks a rule by itself.</summary>
    Invalid,

    /// <summary>The request is larger than a limit.</summary>
    TooLarge,

    /// <summary>The content coding or media type is not taken.</summary>
    UnsupportedMedia,

    /// <summary>The caller did not send its body in time.</summary>
    TooSlow,

    /// <summary>Nobody known is asking.</summary>
    Unauthenticated,

    /// <summary>A known caller may not do this.</summary>
    Forbidden,

    /// <summary>It does not exist, or the caller may not know.</summary>
    NotFound,

    /// <summary>It contradicts what is already recorded.</summary>
    Conflict,

    /// <summary>Too many requests of this kind; later is fine.</summary>
    TooMany,
}

/// <summary>A no, as a value: its kind and one sentence for the user, lower-case start, offending value in backticks, limit in parentheses.</summary>
public abstract record Refusal(RefusalKind Kind, string Sentence);

/// <summary>Input that breaks a rule of its own (a name, a manifest, an archive).</summary>
public sealed record InvalidInput(string Sentence) : Refusal(RefusalKind.Invalid, Sentence);

/// <summary>Input over a limit; the sentence names the limit.</summary>
public sealed record TooLarge(string Sentence) : Refusal(RefusalKind.TooLarge, Sentence);

/// <summary>A media type or content coding that the route does not take.</summary>
public sealed record UnsupportedMedia(string Sentence) : Refusal(RefusalKind.UnsupportedMedia, Sentence);

/// <summary>A request body that did not arrive in time.</summary>
public sealed record TooSlow(string Sentence) : Refusal(RefusalKind.TooSlow, Sentence);

/// <summary>No credential, or one that is not (or no longer) known: the same words for all, so that nothing can be probed.</summary>
public sealed record Unauthenticated(string Sentence) : Refusal(RefusalKind.Unauthenticated, Sentence);

/// <summary>The caller's role does not reach.</summary>
public sealed record NotAllowed(string Sentence) : Refusal(RefusalKind.Forbidden, Sentence);

/// <summary>Only owners may do this.</summary>
public sealed record NotAnOwner(CrateName Crate) : Refusal(RefusalKind.Forbidden, $"you are not an owner of `{Crate}`");

/// <summary>No crate of that name.</summary>
public sealed record NoSuchCrate(string Crate) : Refusal(RefusalKind.NotFound, $"crate `{Crate}` does not exist");

/// <summary>The crate had no version yet.</summary>
public sealed record NoSuchCrateThen(CrateName Crate, DateTimeOffset At)
    : Refusal(RefusalKind.NotFound, $"crate `{Crate}` did not exist at {At.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}");

/// <summary>The crate has no such version.</summary>
public sealed record NoSuchVersion(string Crate, string Version) : Refusal(RefusalKind.NotFound, $"crate `{Crate}` has no version `{Version}`");

/// <summary>No crate has this keyword or is in this category.</summary>
public sealed record NoSuchTopic(string What, string Name) : Refusal(RefusalKind.NotFound, $"no crate has the {What} `{Name}`");

/// <summary>The version's crate file has no such file.</summary>
public sealed record NoSuchFile(CrateName Crate, SemVersion Version, string Path) : Refusal(RefusalKind.NotFound, $"`{Crate}` {Version} has no file `{Path}`");

/// <summary>The version (build metadata aside) was published before, with other bytes or by someone else.</summary>
public sealed record AlreadyPublished(CrateName Crate, SemVersion Version)
    : Refusal(RefusalKind.Conflict, $"crate version `{Crate}@{Version}` is already uploaded");

/// <summary>The canonical name is taken under another spelling.</summary>
public sealed record NameTaken(CrateName Registered) : Refusal(RefusalKind.Conflict, $"crate is already registered as `{Registered}`");

/// <summary>An owner to add who has no account.</summary>
public sealed record NoSuchAccount(string Login) : Refusal(RefusalKind.Invalid, $"user `{Login}` does not exist");

/// <summary>An account asked for by URL that is not there.</summary>
public sealed record AccountNotFound(string Login) : Refusal(RefusalKind.NotFound, $"account `{Login}` does not exist");

/// <summary>A token asked for by URL that is not there.</summary>
public sealed record TokenNotFound(string Token) : Refusal(RefusalKind.NotFound, $"token `{Token}` does not exist");

/// <summary>A team to add, or to read a crate, that is not there.</summary>
public sealed record NoSuchTeam(string Team) : Refusal(RefusalKind.Invalid, $"team `{Team}` does not exist");

/// <summary>A team asked for by URL that is not there.</summary>
public sealed record TeamNotFound(string Team) : Refusal(RefusalKind.NotFound, $"team `{Team}` does not exist");

/// <summary>They own the crate already.</summary>
public sealed record AlreadyAnOwner(Owner Owner) : Refusal(RefusalKind.Conflict, $"`{Owner}` is already an owner");

/// <summary>A team that owns a crate publishes and yanks, no more.</summary>
public sealed record TeamsCannotManage(CrateName Crate) : Refusal(RefusalKind.Forbidden, $"only accounts that own `{Crate}` may do this, not the members of its teams");

/// <summary>The crate takes publishes from trusted publishers only.</summary>
public sealed record TrustedPublishersOnly(CrateName Crate) : Refusal(RefusalKind.Forbidden, $"`{Crate}` is published by its trusted publishers only");

/// <summary>What protects a crate from its owners' stolen accounts is not theirs to take away.</summary>
public sealed record TrustedOnlyIsGuarded(CrateName Crate)
    : Refusal(
        RefusalKind.Forbidden, $"`{Crate}` is published by its trusted publishers only; administrators alone change that, or add one");

/// <summary>A run that the crate trusts no longer, or never did.</summary>
public sealed record NotTrusted(CrateName Crate) : Refusal(RefusalKind.Forbidden, $"`{Crate}` does not trust this run to publish it");

/// <summary>A trusted publisher asked for by URL that is not there.</summary>
public sealed record NoSuchTrustedPublisher(CrateName Crate, string Id) : Refusal(RefusalKind.NotFound, $"`{Crate}` has no trusted publisher `{Id}`");

/// <summary>The registry knows no issuer of identity tokens.</summary>
public sealed record TrustedPublishingOff() : Refusal(RefusalKind.NotFound, "trusted publishing is not set up here (Raktar:TrustedPublishing:Issuers)");

/// <summary>An identity token is good for one exchange.</summary>
public sealed record IdentityTokenUsed() : Refusal(RefusalKind.Unauthenticated, "the identity token was used before; each is good once");

/// <summary>The crate's versions say so much of themselves that its index file would be too large for everybody who reads it.</summary>
public sealed record CrateTooLarge(CrateName Crate, long Bytes, long Most) : Refusal(
    RefusalKind.TooLarge,
    $"what the versions of `{Crate}` say of themselves (features, dependencies) is {Bytes} bytes (max {Most}): "
    + "no version can be added; ask an administrator to delete some, or publish under another name");

/// <summary>The version was deleted; its number is never free again.</summary>
public sealed record VersionIsDeleted(CrateName Crate, SemVersion Version)
    : Refusal(RefusalKind.Conflict, $"crate version `{Crate}@{Version}` was deleted and cannot be reused");

/// <summary>The version was deleted too long ago: its crate file may be gone.</summary>
public sealed record DeletedForGood(CrateName Crate, SemVersion Version, DateTimeOffset Until) : Refusal(
    RefusalKind.Conflict, $"crate version `{Crate}@{Version}` could be restored until {Until.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}, and cannot any more");

/// <summary>The version was published when the crate had another spelling: its file says another name than the index would.</summary>
public sealed record OfFormerSpelling(CrateName Crate, SemVersion Version) : Refusal(
    RefusalKind.Conflict, $"crate version `{Crate}@{Version}` was published under another spelling of the name and cannot be restored");

/// <summary>An owner to remove who is none.</summary>
public sealed record NotListedAsOwner(string Login) : Refusal(RefusalKind.Invalid, $"`{Login}` is not an owner");

/// <summary>A crate always has an owner.</summary>
public sealed record LastOwner(CrateName Crate) : Refusal(RefusalKind.Conflict, $"cannot remove the last owner of `{Crate}` that is an account");

/// <summary>The registry always has an administrator.</summary>
public sealed record LastAdmin() : Refusal(RefusalKind.Conflict, "the account `admin` must stay an admin");

/// <summary>Somebody new at the identity provider has the login of an account that is not theirs.</summary>
public sealed record LoginTaken(Login Login)
    : Refusal(
        RefusalKind.Conflict,
        $"the account `{Login}` is somebody else's; if it is yours, sign in first with one of its tokens that is good for all that it may do, "
        + "then again");

/// <summary>The account is switched off.</summary>
public sealed record AccountIsDisabled(Login Login)
    : Refusal(RefusalKind.Forbidden, $"the account `{Login}` is switched off; administrators can switch it on");

/// <summary>Somebody would lock themselves out.</summary>
public sealed record OwnAccount(Login Login)
    : Refusal(RefusalKind.Conflict, $"`{Login}` is your own account; another administrator can switch it off");

/// <summary>A rate limit was reached.</summary>
public sealed record TooMany(string Sentence, TimeSpan RetryAfter) : Refusal(RefusalKind.TooMany, Sentence);
