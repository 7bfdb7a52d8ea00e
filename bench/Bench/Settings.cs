namespace Raktar.Bench;

/// <summary>How long and how much.</summary>
internal sealed record Settings
{
    public static Settings Full { get; } = new();

    public static Settings Quick { get; } = new()
    {
        Rounds = 2,
        RoundSeconds = 2,
        WarmUpSeconds = 3,
        Crates = 40,
        Publishes = 60,
        Starts = 3,
        IdleSeconds = 3,
        Searches = 60,
        GeneratedCrates = 2000,
        GeneratedVersions = 20_000,
        LargeCrates = 5000,
        LargeVersions = 40_000,
        AuditRows = 20_000,
        AuditQueries = 60,
        Looks = 60,
        HistoryVersions = 200,
    };

    /// <summary>Rounds of each HTTP measure, Raktar and nginx by turns.</summary>
    public int Rounds { get; init; } = 5;

    public int RoundSeconds { get; init; } = 5;

    public int WarmUpSeconds { get; init; } = 10;

    /// <summary>Crates that fill the small registry.</summary>
    public int Crates { get; init; } = 200;

    /// <summary>Publishes of one writer; sixteen writers publish eight times as many.</summary>
    public int Publishes { get; init; } = 300;

    public int Starts { get; init; } = 7;

    /// <summary>How long nothing happens before memory counts as idle.</summary>
    public int IdleSeconds { get; init; } = 10;

    /// <summary>Searches of each kind.</summary>
    public int Searches { get; init; } = 300;

    public int GeneratedCrates { get; init; } = 50_000;

    public int GeneratedVersions { get; init; } = 500_000;

    /// <summary>As many crates as nobody has but crates.io.</summary>
    public int LargeCrates { get; init; } = 250_000;

    public int LargeVersions { get; init; } = 2_000_000;

    /// <summary>Versions of the crate with a long history.</summary>
    public int HistoryVersions { get; init; } = 1500;

    public int AuditRows { get; init; } = 500_000;

    /// <summary>How often each page is asked for.</summary>
    public int Looks { get; init; } = 300;

    /// <summary>Pages of each kind.</summary>
    public int AuditQueries { get; init; } = 500;
}

/// <summary>What <c>--only</c> can name.</summary>
internal static class Parts
{
    public const string Index = "index";
    public const string Download = "download";
    public const string Publish = "publish";
    public const string Start = "start";
    public const string Search = "search";
    public const string Rebuild = "rebuild";
    public const string LongHistory = "long-history";
    public const string GeneratedRebuild = "generated-rebuild";
    public const string GeneratedStart = "generated-start";
    public const string GeneratedSearch = "generated-search";
    public const string Pages = "pages";
    public const string LargeRebuild = "large-rebuild";
    public const string Large = "large";
    public const string Aws = "aws";
    public const string Audit = "audit";
    public const string AwsAudit = "aws-audit";

    public static string[] All { get; } = [Start, Index, Download, Publish, Search, Rebuild, LongHistory, GeneratedRebuild, GeneratedStart, GeneratedSearch, Pages, LargeRebuild, Large, Audit, Aws, AwsAudit];
}
