namespace Raktar.Domain.Crates;

/// <summary>A version that somebody looked for: the version, or why they do not find it.</summary>
public sealed record SoughtVersion
{
    private SoughtVersion(PublishedVersion? version, Refusal? refusal) => (Version, Refusal) = (version, refusal);

    /// <summary>The version; null where there is a refusal.</summary>
    public PublishedVersion? Version { get; }

    /// <summary>Why it was not found, or null.</summary>
    public Refusal? Refusal { get; }

    /// <summary>What is decided about the version; where there is none, the refusal.</summary>
    public Decision Decide(Func<PublishedVersion, Decision> decide) => Refusal is { } refusal ? refusal : decide(Version!);

    /// <summary>It was found.</summary>
    public static implicit operator SoughtVersion(PublishedVersion version) => new(version, null);

    /// <summary>It was not.</summary>
    public static implicit operator SoughtVersion(Refusal refusal) => new(null, refusal);
}
