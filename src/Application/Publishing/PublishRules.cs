namespace Raktar.Application.Publishing;

/// <summary>What is done with something that a policy dislikes.</summary>
public enum Policy
{
    /// <summary>Nothing.</summary>
    Allow,

    /// <summary>Accepted, with a warning that cargo shows.</summary>
    Warn,

    /// <summary>Refused.</summary>
    Reject,
}

/// <summary>The numeric limits of a publish (<c>Raktar:Limits:*</c>). Sizes are in bytes, lengths in characters.</summary>
public sealed record PublishLimits
{
    /// <summary>The crate file.</summary>
    public long CrateBytes { get; init; } = 50 * 1024 * 1024;

    /// <summary>Cargo's JSON metadata in front of the crate file.</summary>
    public int MetadataBytes { get; init; } = 1024 * 1024;

    /// <summary>Everything in the crate file unpacked, tar headers included. What cargo itself would refuse to unpack is refused as well.</summary>
    public long UnpackedBytes { get; init; } = 512 * 1024 * 1024;

    /// <summary>One unpacked file.</summary>
    public long FileBytes { get; init; } = 256 * 1024 * 1024;

    /// <summary>Files and directories in the crate file.</summary>
    public int Entries { get; init; } = 20_000;

    /// <summary>One extended tar header (pax or GNU long name).</summary>
    public int ExtendedHeaderBytes { get; init; } = 64 * 1024;

    /// <summary>Cargo.toml.</summary>
    public int ManifestBytes { get; init; } = 1024 * 1024;

    /// <summary>A path in the crate file.</summary>
    public int PathLength { get; init; } = 1024;

    /// <summary>One component of a path.</summary>
    public int PathComponentLength { get; init; } = 255;

    /// <summary>Components of a path.</summary>
    public int PathDepth { get; init; } = 64;

    /// <summary>Dependencies of all kinds and targets.</summary>
    public int Dependencies { get; init; } = 500;

    /// <summary>Entries of <c>[features]</c>.</summary>
    public int Features { get; init; } = 300;

    /// <summary>Items that one feature enables.</summary>
    public int FeatureItems { get; init; } = 300;

    /// <summary>A feature's name.</summary>
    public int FeatureNameLength { get; init; } = 64;

    /// <summary>A version requirement.</summary>
    public int RequirementLength { get; init; } = 256;

    /// <summary>A dependency's target.</summary>
    public int TargetLength { get; init; } = 1024;

    /// <summary>The description, in Unicode scalar values.</summary>
    public int DescriptionLength { get; init; } = 1000;

    /// <summary>A homepage, documentation or repository URL.</summary>
    public int UrlLength { get; init; } = 2048;

    /// <summary>A licence expression.</summary>
    public int LicenseLength { get; init; } = 256;

    /// <summary>Keywords.</summary>
    public int Keywords { get; init; } = 20;

    /// <summary>One keyword.</summary>
    public int KeywordLength { get; init; } = 64;

    /// <summary>Categories.</summary>
    public int Categories { get; init; } = 20;

    /// <summary>The <c>links</c> value and the names of libraries and programs.</summary>
    public int LinksLength { get; init; } = 128;

    /// <summary>
    /// What all versions of a crate say of themselves, as the log has it: about the crate's index file, unpacked. 1,500 versions with hundreds of features each
    /// have 18 to 23 MB.
    /// </summary>
    public long HistoryBytes { get; init; } = 32 * 1024 * 1024;

    /// <summary>Seconds without a byte after which an upload is given up.</summary>
    public int IdleSeconds { get; init; } = 30;

    /// <summary>Seconds after which an upload is given up altogether.</summary>
    public int UploadSeconds { get; init; } = 120;
}

/// <summary>A registry's own rules for what may be published (<c>Raktar:Policy:*</c>). The defaults suit a private registry.</summary>
public sealed record PublishPolicy
{
    /// <summary>The registry's name in people's cargo configuration. When set, <c>publish = [...]</c> lists must contain it.</summary>
    public string? RegistryName { get; init; }

    /// <summary>Whether <c>publish = false</c>, or a list without <see cref="RegistryName"/>, is honoured.</summary>
    public bool HonourPublishField { get; init; } = true;

    /// <summary>Fields of Cargo.toml that must be present and not empty, e.g. <c>description</c>, <c>license</c>.</summary>
    public IReadOnlyList<string> RequiredFields { get; init; } = [];

    /// <summary>Cargo's metadata and the crate file's Cargo.toml disagree.</summary>
    public Policy ManifestMismatch { get; init; } = Policy.Reject;

    /// <summary>A dependency with the requirement <c>*</c>.</summary>
    public Policy WildcardDependencies { get; init; } = Policy.Warn;

    /// <summary>A licence that is no SPDX expression.</summary>
    public Policy UnknownLicense { get; init; } = Policy.Warn;

    /// <summary>When not empty, only these licence expressions.</summary>
    public IReadOnlyList<string> AllowedLicenses { get; init; } = [];

    /// <summary>When not empty, other category slugs are answered with cargo's invalid-category warning.</summary>
    public IReadOnlyList<string> CategoryList { get; init; } = [];

    /// <summary>Index URLs of other registries that dependencies may come from, besides crates.io.</summary>
    public IReadOnlyList<string> AllowedRegistries { get; init; } = [];

    /// <summary>Whether dependencies may come from crates.io.</summary>
    public bool AllowCratesIo { get; init; } = true;

    /// <summary>Whether a dependency on this registry must exist there.</summary>
    public bool RequireKnownDependencies { get; init; } = true;

    /// <summary>Whether each feature's items must refer to something, and each optional dependency be reachable.</summary>
    public bool ValidateFeatureGraph { get; init; } = true;

    /// <summary>Whether feature names are ASCII only.</summary>
    public bool AsciiFeatureNames { get; init; }

    /// <summary>Whether the manifest may be spelled <c>cargo.toml</c>.</summary>
    public bool AllowLowercaseManifest { get; init; }

    /// <summary>Paths that differ only in case or Unicode composition.</summary>
    public Policy CaseCollisions { get; init; } = Policy.Reject;

    /// <summary>Windows device names as path components (<c>aux.rs</c>).</summary>
    public Policy WindowsDeviceNames { get; init; } = Policy.Warn;

    /// <summary>Set-user-id and the like, or writable by group or others.</summary>
    public Policy UnsafeModes { get; init; } = Policy.Reject;

    /// <summary>Files whose names look like secrets.</summary>
    public Policy SecretFiles { get; init; } = Policy.Warn;

    /// <summary>The names that look like secrets; <c>*</c> matches any characters, case is ignored.</summary>
    public IReadOnlyList<string> SecretFileNames { get; init; } =
        ["*.pem", "*.key", "*.pfx", "*.p12", "id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", ".env", ".netrc", ".npmrc", ".pypirc", "credentials.toml"];

    /// <summary>A package made from a work tree with uncommitted changes, or without version control information.</summary>
    public Policy DirtyWorkTree { get; init; } = Policy.Allow;

    /// <summary>Crate names that nobody may take; <c>*</c> matches any characters.</summary>
    public IReadOnlyList<string> ReservedNames { get; init; } = [];

    /// <summary>Whether the names of Rust's own crates (<c>std</c>, <c>core</c>, ...) are reserved.</summary>
    public bool ReserveSysrootNames { get; init; } = true;

    /// <summary>When not empty, new crates' names must match one of these; <c>*</c> matches any characters.</summary>
    public IReadOnlyList<string> AllowedNames { get; init; } = [];

    /// <summary>Whether only administrators may publish the first version of a crate.</summary>
    public bool NewCratesByAdminsOnly { get; init; }
}

/// <summary>All that a publish is measured against.</summary>
public sealed record PublishRules
{
    /// <summary>Numeric limits.</summary>
    public PublishLimits Limits { get; init; } = new();

    /// <summary>The registry's own choices.</summary>
    public PublishPolicy Policy { get; init; } = new();
}
