using Raktar.Domain;

namespace Raktar.Application.Publishing.CrateFiles;

/// <summary>What a registry keeps of a crate file that passed every rule.</summary>
public sealed record InspectedCrateFile
{
    /// <summary>The largest readme that is kept, in bytes.</summary>
    public const int MaxReadmeBytes = 1024 * 1024;

    /// <summary>The bytes of the root Cargo.toml, not parsed yet.</summary>
    public required ReadOnlyMemory<byte> Manifest { get; init; }

    /// <summary>The readme's bytes; null when it is absent or larger than <see cref="MaxReadmeBytes"/>.</summary>
    public ReadOnlyMemory<byte>? Readme { get; init; }

    /// <summary>Where the readme is, relative to the crate's root; null when it is absent.</summary>
    public string? ReadmePath { get; init; }

    /// <summary>The commit that cargo packaged; null when cargo did not say or what it said is not usable.</summary>
    public VcsInfo? VcsInfo { get; init; }

    /// <summary>What a policy dislikes but lets pass, one sentence each, for cargo to show.</summary>
    public required ValueList<string> Warnings { get; init; }

    /// <summary>The paths of all files, relative to the crate's root, <c>/</c> between components, case-exact.</summary>
    public required IReadOnlySet<string> Files { get; init; }
}
