namespace Raktar.Api.Specs.Permissions;

/// <summary>Kinds of callers, in the order of the table's columns.</summary>
public enum Who
{
    /// <summary>No token.</summary>
    Nobody,

    /// <summary>A token whose time is over.</summary>
    Expired,

    /// <summary>A token that was revoked.</summary>
    Revoked,

    /// <summary>An account of the role reader.</summary>
    Reader,

    /// <summary>An account of the role member that owns nothing.</summary>
    Member,

    /// <summary>An account of the role publisher that owns other crates.</summary>
    Publisher,

    /// <summary>An account of the role publisher that owns the crate.</summary>
    Owner,

    /// <summary>An account of the role member in a team that owns the crate.</summary>
    TeamMember,

    /// <summary>An administrator who owns nothing.</summary>
    Admin,

    /// <summary>A token of an administrator who owns the crate, good for everything but what the route demands.</summary>
    WrongScope,

    /// <summary>A token of the crate's owner for other crates.</summary>
    OtherCrates,

    /// <summary>A run that the crate trusts.</summary>
    Run,
}

/// <summary>Who is let in: a status per kind of caller, <c>ok</c> for whatever success the route has.</summary>
public sealed record Rule(string Name, string Cells)
{
    public static readonly Rule Open = new("open to everybody", "ok ok ok ok ok ok ok ok ok ok ok ok");

    public static readonly Rule NotThere = new("not there", "404 404 404 404 404 404 404 404 404 404 404 404");

    public static readonly Rule KnownNotThere = new("not there, for any live token", "401 401 401 404 404 404 404 404 404 404 404 404");

    public static readonly Rule PagesForm = new("a form of a page of the registry's, from nowhere else", "403 403 403 403 403 403 403 403 403 403 403 403");

    public static readonly Rule Known = new("any live token", "401 401 401 ok ok ok ok ok ok ok ok ok");

    public static readonly Rule KnownAccount = new("any live token of an account", "401 401 401 ok ok ok ok ok ok ok ok 404");

    public static readonly Rule GiveBack = new("a run's token", "400 400 400 400 400 400 400 400 400 400 400 ok");

    public static readonly Rule KnownPerson = new("people who signed in, and administrators", "401 401 401 403 403 403 403 403 ok ok 403 403");

    public static readonly Rule Read = new("reading", "401 401 401 ok ok ok ok ok ok 403 ok ok");

    public static readonly Rule ReadRestricted = new("reading a restricted crate", "401 401 401 404 404 404 ok ok ok 403 ok ok");

    public static readonly Rule PublishNew = new("publishing a new crate", "401 401 401 403 403 ok ok 403 ok 403 403 403");

    public static readonly Rule PublishUpdate = new("publishing a version", "401 401 401 403 403 403 ok ok 403 403 403 ok");

    public static readonly Rule AuditOfCrate = new("reading a crate's audit", "401 401 401 403 403 403 ok ok ok 403 ok 403");

    public static readonly Rule AuditOfRestricted = new("reading a restricted crate's audit", "401 401 401 404 404 404 ok ok ok 403 ok 403");

    public static readonly Rule Yank = new("yanking", "401 401 401 403 403 403 ok ok ok 403 403 403");

    public static readonly Rule YankRestricted = new("yanking in a restricted crate", "401 401 401 403 404 404 ok ok ok 403 403 403");

    public static readonly Rule Manage = new("managing a crate", "401 401 401 403 403 403 ok 403 ok 403 403 403");

    public static readonly Rule Admin = new("managing the registry", "401 401 401 403 403 403 403 403 ok 403 403 403");

    public string this[Who who] => Cells.Split(' ')[(int)who];
}
