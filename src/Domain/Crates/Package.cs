namespace Raktar.Domain.Crates;

/// <summary>What a version's Cargo.toml says of it: the source of truth for the index and the pages.</summary>
public sealed record Package
{
    /// <summary>Dependencies in index order: by name, then normal, build, dev.</summary>
    public ValueList<Dependency> Dependencies { get; init; } = [];

    /// <summary>The <c>[features]</c> table, by name.</summary>
    public ValueList<Feature> Features { get; init; } = [];

    /// <summary>The native library it links, or null.</summary>
    public string? Links { get; init; }

    /// <summary>The oldest Rust it supports, one to three dotted numbers, or null.</summary>
    public string? RustVersion { get; init; }

    /// <summary>The Rust edition, e.g. <c>2021</c>; null means 2015.</summary>
    public string? Edition { get; init; }

    /// <summary>One paragraph about the crate, or null.</summary>
    public string? Description { get; init; }

    /// <summary>An http or https URL, or null.</summary>
    public string? Homepage { get; init; }

    /// <summary>An http or https URL, or null.</summary>
    public string? Documentation { get; init; }

    /// <summary>An http or https URL, or null.</summary>
    public string? Repository { get; init; }

    /// <summary>An SPDX expression as published; <c>non-standard</c> where only a licence file is named; or null.</summary>
    public string? License { get; init; }

    /// <summary>The licence file's path in the crate file, or null.</summary>
    public string? LicenseFile { get; init; }

    /// <summary>Lower-case keywords, without repetition.</summary>
    public ValueList<string> Keywords { get; init; } = [];

    /// <summary>Category slugs.</summary>
    public ValueList<string> Categories { get; init; } = [];

    /// <summary>Authors, for display only.</summary>
    public ValueList<string> Authors { get; init; } = [];

    /// <summary>The README, kept as a blob, or null.</summary>
    public Readme? Readme { get; init; }

    /// <summary>The library's name in code, or null when there is no library.</summary>
    public string? Library { get; init; }

    /// <summary>The names of its programs.</summary>
    public ValueList<string> Binaries { get; init; } = [];
}

/// <summary>A README: its path in the crate file (the extension tells the format) and the checksum of its bytes.</summary>
public sealed record Readme(string Path, Checksum Checksum);

/// <summary>One entry of the <c>[features]</c> table: what enabling <paramref name="Name"/> enables.</summary>
public sealed record Feature(string Name, ValueList<string> Enables);

/// <summary>Which build needs a dependency.</summary>
public enum DependencyKind
{
    /// <summary>The library or program itself.</summary>
    Normal,

    /// <summary>The build script.</summary>
    Build,

    /// <summary>Tests, examples and benchmarks.</summary>
    Dev,
}

/// <summary>
/// A dependency as the index tells it. <see cref="Name"/> is the key in the manifest (the alias where renamed), <see cref="Package"/>
/// the crate's real name where they differ.
/// </summary>
public sealed record Dependency
{
    /// <summary>The key in the manifest: the name the code uses.</summary>
    public required string Name { get; init; }

    /// <summary>The crate's real name where it is renamed, else null.</summary>
    public string? Package { get; init; }

    /// <summary>The version requirement, normalised as cargo writes it (<c>^1.0</c>).</summary>
    public required string Req { get; init; }

    /// <summary>Features of the dependency that are asked for.</summary>
    public ValueList<string> Features { get; init; } = [];

    /// <summary>Whether a feature must turn it on.</summary>
    public bool Optional { get; init; }

    /// <summary>Whether its <c>default</c> feature is asked for.</summary>
    public bool DefaultFeatures { get; init; } = true;

    /// <summary>A target triple or <c>cfg(...)</c>, or null for all.</summary>
    public string? Target { get; init; }

    /// <summary>Which build needs it.</summary>
    public DependencyKind Kind { get; init; }

    /// <summary>The index URL of the registry it comes from; null means this one.</summary>
    public string? Registry { get; init; }

    /// <summary>The crate's real name.</summary>
    public string RealName() => Package ?? Name;
}
