namespace Raktar.Application.Publishing.Rules;

/// <summary>What is done with something that a policy dislikes.</summary>
public enum Policy
{
    /// <summary>Publish without a word.</summary>
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
    public int ManifestBytes { get; init; } = 512 * 1024;

    /// <summary>A path in the crate file.</summary>
    public int PathLength { get; init; } = 1024;

    /// <summary>One component of a path.</summary>
    public int PathComponentLength { get; init; } = 255;

    /// <summary>The paths of a crate file, all together: they are in memory while it is inspected.</summary>
    public int PathBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>Components of a path.</summary>
    public int PathDepth { get; init; } = 64;

    /// <summary>Dependencies of all kinds and targets.</summary>
    public int Dependencies { get; init; } = 500;

    /// <summary>Entries of <c>[features]</c>.</summary>
    public int Features { get; init; } = 10_000;

    /// <summary>Items that one feature enables.</summary>
    public int FeatureItems { get; init; } = 10_000;

    /// <summary>
    /// Features, what they enable, the features asked of dependencies, and programs, all together. Each costs more than its bytes wherever a version is read; the
    /// largest real version known has 3,390.
    /// </summary>
    public int Items { get; init; } = 10_000;

    /// <summary>A feature's name.</summary>
    public int FeatureNameLength { get; init; } = 256;

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

    /// <summary>Seconds in which the metadata must arrive, and those that it takes at <see cref="LeastBytesPerSecond"/> besides.</summary>
    public int MetadataSeconds { get; init; } = 10;

    /// <summary>Seconds that a crate file may take however slowly it comes; after that, so long as it comes at <see cref="LeastBytesPerSecond"/>.</summary>
    public int UploadSeconds { get; init; } = 120;

    /// <summary>The bytes per second that must come of a crate file that takes longer than <see cref="UploadSeconds"/>, on average over such a time.</summary>
    public int LeastBytesPerSecond { get; init; } = 4096;
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

    /// <summary>Ids of licences that count as known although SPDX has none of that name.</summary>
    public IReadOnlyList<string> OwnLicenses { get; init; } = [];

    /// <summary>A homepage, documentation or repository that is an address for git instead of one of the web, or has a password in it.</summary>
    public Policy UnusualUrls { get; init; } = Policy.Warn;

    /// <summary>A dependency from crates.io on a name that this registry has a crate of.</summary>
    public Policy NamesHereFromCratesIo { get; init; } = Policy.Warn;

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

    /// <summary>Paths that differ only in case or Unicode composition. Whatever collides with the manifest is refused all the same.</summary>
    public Policy CaseCollisions { get; init; } = Policy.Warn;

    /// <summary>What Windows cannot unpack: device names (<c>aux.rs</c>), names that end in a dot or a blank, characters that it reserves.</summary>
    public Policy WindowsDeviceNames { get; init; } = Policy.Warn;

    /// <summary>
    /// Writable by group or others, as cargo packed before 1.50; cargo unpacks with a mask of its own. Set-user-id and the like, and what its owner may not
    /// read, are refused unless this is <see cref="Policy.Allow"/>.
    /// </summary>
    public Policy UnsafeModes { get; init; } = Policy.Warn;

    /// <summary>Files that hold a private key or a token (<c>SecretScanner</c> knows their shapes), or have a name of <see cref="SecretFileNames"/>.</summary>
    public Policy SecretFiles { get; init; } = Policy.Warn;

    /// <summary>
    /// The names of files that are secrets whatever is in them; <c>*</c> matches any characters, case is ignored. Not <c>*.pem</c> and <c>*.key</c>: most of
    /// those in published crates are certificates and public keys.
    /// </summary>
    public IReadOnlyList<string> SecretFileNames { get; init; } =
        ["*.pfx", "*.p12", "id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", ".env", ".netrc", ".npmrc", ".pypirc", "credentials.toml"];

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

    /// <summary>Whether new crates are restricted to their owner from their first moment on; the owner may open them.</summary>
    public bool NewCratesRestricted { get; init; }
}

/// <summary>All that a publish is measured against.</summary>
public sealed record PublishRules
{
    /// <summary>Numeric limits.</summary>
    public PublishLimits Limits { get; init; } = new();

    /// <summary>The registry's own choices.</summary>
    public PublishPolicy Policy { get; init; } = new();
}
