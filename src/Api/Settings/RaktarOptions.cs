using Microsoft.Extensions.Configuration;
using Raktar.Application.Accounts;
using Raktar.Application.Accounts.TokenChanges;
using Raktar.Application.Audit;
using Raktar.Application.Crates.Changes;
using Raktar.Application.Publishing.Rules;
using Raktar.Application.TrustedPublishing;
using Raktar.Application.Upstreams;
using Raktar.Domain;
using Raktar.Projections;
using Raktar.Storage.Aws;

namespace Raktar.Api.Settings;

/// <summary>All settings (<c>Raktar:*</c>, in the environment <c>Raktar__*</c>).</summary>
public sealed record RaktarOptions
{
    /// <summary>What this process does; without AWS storage always everything.</summary>
    public const string Everything = "all";

    /// <summary>Serving cargo and people, while others run the projections.</summary>
    public const string ApiOnly = "api";

    /// <summary>Making checkpoints when the schedule fires or somebody asks.</summary>
    public const string Checkpoint = "checkpoint";

    /// <summary>Where everything is kept.</summary>
    public StorageKind Storage { get; init; }

    /// <summary>Where an embedded registry keeps everything.</summary>
    public string DataFolder { get; init; } = "data";

    /// <summary>Where a registry on AWS keeps everything.</summary>
    public AwsStorageOptions Aws { get; init; } = new();

    /// <summary><see cref="Everything"/>, <see cref="ApiOnly"/>, <see cref="Checkpoint"/>, or the kind of the one projection that this process runs for the bus.</summary>
    public string Role { get; init; } = Everything;

    /// <summary>
    /// The URL under which clients reach the registry, without a slash at the end. It ends up in lock files and crate files, so it must not change.
    /// Unset, it is the address the server listens on.
    /// </summary>
    public string PublicUrl { get; init; } = string.Empty;

    /// <summary>Other names of hosts under which it answers, besides that of <see cref="PublicUrl"/>, addresses and names without a dot.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary>The first administrator's token; unset, one is made on the first start.</summary>
    public string? AdminToken { get; init; }

    /// <summary>Instead of <see cref="AdminToken"/>: its SHA-256 in hexadecimal, so that the secret stays with the operator.</summary>
    public string? AdminTokenHash { get; init; }

    /// <summary>What must be an administrator's token, as <see cref="AdminTokenHash"/> or else <see cref="AdminToken"/> say it; null: nothing is set.</summary>
    public Checksum? PresetHash => AdminTokenHash is { Length: > 0 } hash ? Checksum.Parse(hash) : AdminToken is { } text ? Application.Accounts.Tokens.Hash(text) : null;

    /// <summary>Whether the address and scheme of a client are those that the one proxy in front says (<c>X-Forwarded-For</c>, <c>X-Forwarded-Proto</c>).</summary>
    public bool BehindProxy { get; init; }

    /// <summary>Whether reading needs no token. Publishing always does.</summary>
    public bool Public { get; init; }

    /// <summary>Networks from which reading needs no token, such as <c>10.0.0.0/8</c>.</summary>
    public IReadOnlyList<string> ReadFrom { get; init; } = [];

    /// <summary>Numeric limits of a publish.</summary>
    public PublishLimits Limits { get; init; } = new();

    /// <summary>The registry's own rules for what may be published.</summary>
    public PublishPolicy Policy { get; init; } = new();

    /// <summary>How long tokens live.</summary>
    public TokenPolicy Tokens { get; init; } = new();

    /// <summary>What happens to deleted versions.</summary>
    public DeletionPolicy Deletion { get; init; } = new();

    /// <summary>Whose runs may get tokens without a secret.</summary>
    public TrustedPublishingPolicy TrustedPublishing { get; init; } = new();

    /// <summary>The registries that are mirrored.</summary>
    public IReadOnlyList<UpstreamOptions> Upstreams { get; init; } = [];

    /// <summary>How people sign in.</summary>
    public OidcOptions Oidc { get; init; } = new();

    /// <summary>How long they stay signed in.</summary>
    public SessionPolicy Sessions { get; init; } = new();

    /// <summary>How often things may be done.</summary>
    public RateLimitOptions RateLimits { get; init; } = new();

    /// <summary>How refused attempts are kept for the audit.</summary>
    public RefusedLimits Audit { get; init; } = new();

    /// <summary>What pages show.</summary>
    public WebOptions Web { get; init; } = new();

    /// <summary>How often checkpoints are made.</summary>
    public CheckpointOptions Checkpoints { get; init; } = new();

    /// <summary>The PEM file of the key that signs checkpoints, made on first use. Unset: <c>signing-key.pem</c> in the data folder; on AWS none.</summary>
    public string? SigningKey { get; init; }

    /// <summary>The PEM file of the signing key; null: none.</summary>
    public string? SigningKeyFile => SigningKey is { Length: > 0 } file ? Path.GetFullPath(file)
        : Storage == StorageKind.Embedded ? Path.Combine(Path.GetFullPath(DataFolder), "signing-key.pem")
        : null;

    /// <summary>The index URL as cargo knows it: with <c>sparse+</c> and the slash.</summary>
    public string IndexUrl => $"sparse+{PublicUrl}/";

    /// <summary>What the operator should know of the address; null: nothing.</summary>
    internal string? AddressWarning { get; private init; }

    /// <summary><see cref="Upstreams"/>, checked.</summary>
    internal IReadOnlyList<Upstream> Mirrored { get; private init; } = [];

    /// <summary>Where people learn how to sign in.</summary>
    public string LoginUrl => $"{PublicUrl}/me";

    /// <summary>
    /// Reads and checks the settings; anything wrong or unknown is a <see cref="SettingsException"/> whose message says what to do.
    /// <paramref name="urls"/> are the addresses to listen on.
    /// </summary>
    public static RaktarOptions Read(IConfiguration configuration, string urls)
    {
        RaktarOptions options;
        try
        {
            options = configuration.GetSection("Raktar").Get<RaktarOptions>(binder => binder.ErrorOnUnknownConfiguration = true) ?? new();
        }
        catch (InvalidOperationException e)
        {
            throw new SettingsException($"{e.Message.TrimEnd('.')}{(e.InnerException is { } inner ? $": {inner.Message}" : string.Empty)}");
        }

        options = options with
        {
            PublicUrl = PublicAddress.Of(options.PublicUrl, urls),
            AddressWarning = PublicAddress.Warning(options.PublicUrl, urls),
            Hosts = PublicAddress.Hosts(options.Hosts),
            Mirrored = UpstreamOptions.Read(options.Upstreams),
        };
        SettingsCheck.All(options);
        options.Oidc.Check();
        CheckStorage(options);
        return options with { TrustedPublishing = options.TrustedPublishing.Complete(options.PublicUrl) };
    }

    private static void CheckStorage(RaktarOptions options)
    {
        if (options.Storage == StorageKind.Aws)
        {
            var missing = options.Aws switch
            {
                { EventsTable: "" } => nameof(AwsStorageOptions.EventsTable),
                { DocumentsTable: "" } => nameof(AwsStorageOptions.DocumentsTable),
                { Bucket: "" } => nameof(AwsStorageOptions.Bucket),
                { CheckpointsBucket: "" } when options.Role == Checkpoint => nameof(AwsStorageOptions.CheckpointsBucket),
                { SigningKey: null or "" } when options.Role == Checkpoint => nameof(AwsStorageOptions.SigningKey),
                { AsideTable: "" } when options.Role is Everything or ApiOnly => nameof(AwsStorageOptions.AsideTable),
                { AuditTable: "" } when options.Role is Everything or ApiOnly or AuditProjector.Name => nameof(AwsStorageOptions.AuditTable),
                _ => null,
            };
            if (missing is not null)
            {
                throw new SettingsException($"Raktar:Aws:{missing} is not set; the stack's outputs name it");
            }

            foreach (var (name, url) in new[] { ("DynamoDbUrl", options.Aws.DynamoDbUrl), ("S3Url", options.Aws.S3Url), ("KmsUrl", options.Aws.KmsUrl) })
            {
                if (url is not null && !(Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Scheme is ("http" or "https")))
                {
                    throw new SettingsException($"Raktar:Aws:{name} `{url}` is not an http or https URL");
                }
            }
        }
        else if (options.Role != Everything)
        {
            throw new SettingsException($"Raktar:Role `{options.Role}` needs Raktar:Storage `aws`: an embedded registry is one process");
        }

        if (options.Role is not (Everything or ApiOnly or Checkpoint) && !Projectors.Names.Contains(options.Role, StringComparer.Ordinal))
        {
            throw new SettingsException($"Raktar:Role `{options.Role}` is none of {Everything}, {ApiOnly}, {Checkpoint}, {string.Join(", ", Projectors.Names)}");
        }
    }
}

/// <summary>Where a registry keeps everything.</summary>
public enum StorageKind
{
    /// <summary>SQLite and files in one folder.</summary>
    Embedded,

    /// <summary>DynamoDB and S3.</summary>
    Aws,
}

/// <summary>Pages (<c>Raktar:Web:*</c>).</summary>
public sealed record WebOptions
{
    /// <summary>What becomes of images in READMEs.</summary>
    public ReadmeImages ReadmeImages { get; init; }
}

/// <summary>Checkpoints (<c>Raktar:Checkpoints:*</c>).</summary>
public sealed record CheckpointOptions
{
    /// <summary>How long after one the next is made, where anything moved; 0: only when somebody asks.</summary>
    public TimeSpan Every { get; init; } = TimeSpan.FromDays(1);
}

/// <summary>How often things may be done (<c>Raktar:RateLimits:*</c>).</summary>
public sealed record RateLimitOptions
{
    /// <summary>First versions of crates, per account. 0 is no limit.</summary>
    public RateLimit PublishNew { get; init; } = new();

    /// <summary>Further versions, per account. 0 is no limit.</summary>
    public RateLimit PublishUpdate { get; init; } = new();

    /// <summary>Yanks and their reversal, per account. 0 is no limit.</summary>
    public RateLimit Yank { get; init; } = new();

    /// <summary>
    /// Changes of any kind but publishes, per account that is no administrator's. 0 is no limit. Each is kept in the log for ever; nobody makes so many by hand.
    /// </summary>
    public RateLimit Change { get; init; } = new() { PerSecond = 1, Burst = 1000 };

    /// <summary>Failed authentications per client address and minute; a good token always passes.</summary>
    public int FailedAuthenticationsPerMinute { get; init; } = 60;

    /// <summary>Uploads that are read at a time, of one account at most a quarter of them; more wait.</summary>
    public int ConcurrentUploads { get; init; } = 128;

    /// <summary>Bytes of crate files that are on their way at a time, as announced, of one account at most a quarter of them; more wait.</summary>
    public long StagedBytes { get; init; } = 4L * 1024 * 1024 * 1024;

    /// <summary>Publishes that are inspected and stored at a time, of one account at most three quarters of them; more wait. 0 is four per core.</summary>
    public int ConcurrentPublishes { get; init; }

    /// <summary>Uploads that may wait, of one account at most a quarter of them (more of it are answered 429); more are answered 503.</summary>
    public int WaitingPublishes { get; init; } = 1000;
}

/// <summary>A token bucket: so many per second, after a burst.</summary>
public sealed record RateLimit
{
    /// <summary>Tokens per second; 0 is no limit.</summary>
    public int PerSecond { get; init; }

    /// <summary>The bucket's size.</summary>
    public int Burst { get; init; } = 500;
}

/// <summary>A setting is wrong; the message is for whoever starts the server.</summary>
public sealed class SettingsException(string message) : Exception(message);
