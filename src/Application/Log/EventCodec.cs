using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Raktar.Domain;
using Raktar.Domain.Accounts;
using Raktar.Domain.Ci;
using Raktar.Domain.Crates;
using Raktar.Domain.Registry;

namespace Raktar.Application.Log;

/// <summary>
/// Commit to bytes and back. The bytes are canonical: the hash of a commit is the SHA-256 of exactly what is stored. Facts have stored names
/// and schema versions of their own, so that types can be renamed; a changed shape gets a new version and is lifted here.
/// </summary>
public static class EventCodec
{
    /// <summary>A row per fact; the audit's details (<see cref="FactDetail"/>) are made by it too.</summary>
    internal static readonly FactKind[] Facts =
    [
        new("crate-created", 1, EventJson.Default.CrateCreated),
        new("version-published", 1, EventJson.Default.VersionPublished) { Untold = ["publisher", "package"] },
        new("version-yanked", 1, EventJson.Default.VersionYanked),
        new("version-unyanked", 1, EventJson.Default.VersionUnyanked),
        new("owner-added", 1, EventJson.Default.OwnerAdded),
        new("owner-removed", 1, EventJson.Default.OwnerRemoved),
        new("account-registered", 1, EventJson.Default.AccountRegistered) { Untold = ["login"] },
        new("role-changed", 1, EventJson.Default.RoleChanged),
        new("visibility-changed", 1, EventJson.Default.VisibilityChanged),
        new("trusted-publisher-added", 1, EventJson.Default.TrustedPublisherAdded) { Id = "trusted_publisher" },
        new("trusted-publisher-removed", 1, EventJson.Default.TrustedPublisherRemoved) { Id = "trusted_publisher" },
        new("trusted-only-changed", 1, EventJson.Default.TrustedOnlyChanged),
        new("version-deleted", 1, EventJson.Default.VersionDeleted),
        new("version-restored", 1, EventJson.Default.VersionRestored),
        new("token-issued", 2, EventJson.Default.TokenIssued) { Id = "token", Untold = ["hash", "issued_at"] },
        new("token-revoked", 2, EventJson.Default.TokenRevoked) { Id = "token" },
        new("team-joined", 1, EventJson.Default.TeamJoined) { Untold = ["team"] },
        new("identity-linked", 1, EventJson.Default.IdentityLinked),
        new("identity-unlinked", 1, EventJson.Default.IdentityUnlinked),
        new("sessions-ended", 1, EventJson.Default.SessionsEnded),
        new("account-disabled", 1, EventJson.Default.AccountDisabled),
        new("account-enabled", 1, EventJson.Default.AccountEnabled),
        new("team-left", 1, EventJson.Default.TeamLeft) { Untold = ["team"] },
        new("team-created", 1, EventJson.Default.TeamCreated) { Untold = ["name"] },
        new("checkpoint-made", 1, EventJson.Default.CheckpointMade) { Untold = ["previous", "key", "signature", "file"] },
        new("checkpoint-requested", 1, EventJson.Default.CheckpointRequested),
        new("ci-token-issued", 1, EventJson.Default.CiTokenIssued) { Untold = ["hash"] },
        new("ci-token-revoked", 1, EventJson.Default.CiTokenRevoked),
        new("crate-respelled", 1, EventJson.Default.CrateRespelled),
        new("crate-deprecated", 1, EventJson.Default.CrateDeprecated),
        new("crate-undeprecated", 1, EventJson.Default.CrateUndeprecated),
    ];

    private static readonly Dictionary<Type, FactKind> ByType = Facts.ToDictionary(f => f.Type);

    private static readonly Dictionary<(string Name, int Schema), Func<JsonElement, DateTimeOffset, DomainEvent>> ByName = new(
        Facts.Select(f => KeyValuePair.Create<(string, int), Func<JsonElement, DateTimeOffset, DomainEvent>>(
            (f.Name, f.Schema), (data, _) => (DomainEvent)data.Deserialize(f.Json)!)))
    {
        // What was written before there were scopes: a token was good for all that its account may do, for ever.
        [("token-issued", 1)] = (data, at) => new TokenIssued(
            data.GetProperty("id").GetInt32(),
            data.GetProperty("name").GetString()!,
            Checksum.Parse(data.GetProperty("hash").GetString()!),
            TokenScopes.Of(Role.Admin),
            [CratePattern.All],
            at,
            ExpiresAt: null),
        [("token-revoked", 1)] = (data, _) => new TokenRevoked(data.GetProperty("id").GetInt32()),
    };

    private static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The stored names of all facts, each with its schema version and type.</summary>
    public static IEnumerable<(string Name, int Schema, Type Type)> StoredNames => Facts.Select(f => (f.Name, f.Schema, f.Type));

    /// <summary>The stored name of a fact.</summary>
    public static string StoredNameOf(DomainEvent fact) => ByType[fact.GetType()].Name;

    /// <summary>The canonical bytes of a commit.</summary>
    public static byte[] Encode(Commit commit)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using var json = new Utf8JsonWriter(buffer, Writing);
        json.WriteStartObject();
        json.WriteString("id", commit.Id);
        json.WriteString("stream", commit.Stream.ToString());
        json.WriteNumber("first", commit.FirstVersion);
        json.WriteString("at", commit.At.UtcDateTime.ToString("O", CultureInfo.InvariantCulture));
        json.WriteString("account", commit.Actor.Account.Text);
        if (commit.Actor.Token is { } token)
        {
            json.WriteNumber("token", token);
        }

        if (commit.Actor.Client is { } client)
        {
            json.WriteString("client", client);
        }

        if (commit.Actor.Ci is { } ci)
        {
            json.WriteString("ci", ci);
        }

        json.WriteString("correlation", commit.Correlation);
        json.WriteStartArray("facts");
        foreach (var fact in commit.Events)
        {
            var kind = ByType[fact.GetType()];
            json.WriteStartObject();
            json.WriteString("type", kind.Name);
            json.WriteNumber("schema", kind.Schema);
            json.WritePropertyName("data");
            JsonSerializer.Serialize(json, fact, kind.Json);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteString("previous", commit.PreviousHash.Hex);
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The commit in <paramref name="stored"/>; bytes that are no commit, or do not match their hash, are a <see cref="CorruptCommitException"/>.</summary>
    public static RecordedCommit Decode(StoredCommit stored) => Decode(stored, isOutline: false);

    /// <summary>
    /// The same, but published versions have an empty package: for those who need not know what a version says of itself, which is nearly all there is to read.
    /// </summary>
    public static RecordedCommit DecodeOutline(StoredCommit stored) => Decode(stored, isOutline: true);

    private static RecordedCommit Decode(StoredCommit stored, bool isOutline)
    {
        if (Checksum.Of(stored.Body.Span) != stored.Hash)
        {
            throw new CorruptCommitException(stored, "its bytes do not match its hash");
        }

        try
        {
            var commit = Read(stored.Body, isOutline);
            return (commit.Stream, commit.FirstVersion) == (stored.Stream, stored.FirstVersion)
                ? new(commit, stored.Hash) { Bytes = stored.Body.Length }
                : throw new CorruptCommitException(stored, $"its bytes say {commit.Stream} version {commit.FirstVersion}");
        }
        catch (FormatException e)
        {
            throw new CorruptCommitException(stored, e.Message, e);
        }
    }

    /// <summary>The commit in canonical bytes, wherever they come from; bytes that are no commit are a <see cref="FormatException"/>.</summary>
    public static Commit Read(ReadOnlyMemory<byte> body) => Read(body, isOutline: false);

    private static Commit Read(ReadOnlyMemory<byte> body, bool isOutline)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var root = document.RootElement;
            var at = root.GetProperty("at").GetDateTimeOffset();
            return new Commit
            {
                Id = root.GetProperty("id").GetGuid(),
                Stream = StreamName.Parse(root.GetProperty("stream").GetString()!),
                FirstVersion = root.GetProperty("first").GetInt64(),
                At = at,
                Actor = new Actor(
                    Login.Parse(root.GetProperty("account").GetString()!),
                    root.TryGetProperty("token", out var token) ? token.GetInt32() : null,
                    root.TryGetProperty("client", out var client) ? client.GetString() : null,
                    root.TryGetProperty("ci", out var ci) ? ci.GetString() : null),
                Correlation = root.GetProperty("correlation").GetString()!,
                Events = root.GetProperty("facts").EnumerateArray().Select(fact => ReadFact(fact, at, isOutline)).ToValueList(),
                PreviousHash = Checksum.Parse(root.GetProperty("previous").GetString()!),
            };
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new FormatException(e.Message, e);
        }
    }

    private static DomainEvent ReadFact(JsonElement fact, DateTimeOffset at, bool isOutline)
    {
        var name = (fact.GetProperty("type").GetString()!, fact.GetProperty("schema").GetInt32());
        return isOutline && name == ("version-published", 1) ? PublishedInOutline(fact.GetProperty("data"))
            : ByName.TryGetValue(name, out var read)
            ? read(fact.GetProperty("data"), at)
            : throw new FormatException($"fact {name} is not known to this version of Raktar");
    }

    private static VersionPublished PublishedInOutline(JsonElement data) => new(
        SemVersion.Parse(data.GetProperty("version").GetString()!),
        Checksum.Parse(data.GetProperty("checksum").GetString()!),
        data.GetProperty("size").GetInt64(),
        Login.Parse(data.GetProperty("publisher").GetString()!),
        new Package());
}

/// <summary>A fact's stored name and schema version, and its JSON.</summary>
internal sealed record FactKind(string Name, int Schema, JsonTypeInfo Json)
{
    /// <summary>The fact.</summary>
    public Type Type => Json.Type;

    /// <summary>What of it the audit does not tell: secrets, what is large, and what the audit's row says elsewhere.</summary>
    public IReadOnlyList<string> Untold { get; init; } = [];

    /// <summary>What the audit calls its <c>id</c>.</summary>
    public string Id { get; init; } = "id";
}

/// <summary>A stored commit is not what was appended. Nothing is served from it; <c>raktar verify</c> names it.</summary>
public sealed class CorruptCommitException(StoredCommit commit, string problem, Exception? inner = null)
    : Exception($"commit {commit.Stream}@{commit.FirstVersion} is corrupt: {problem}", inner);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [
        typeof(CrateNameJson), typeof(SemVersionJson), typeof(ChecksumJson), typeof(LoginJson), typeof(ValueListJson),
        typeof(LowerCaseEnumJson<DependencyKind>), typeof(LowerCaseEnumJson<Role>), typeof(TokenScopeJson), typeof(CratePatternJson), typeof(TeamNameJson),
        typeof(OwnerJson)])]
[JsonSerializable(typeof(CrateCreated))]
[JsonSerializable(typeof(CrateRespelled))]
[JsonSerializable(typeof(CrateDeprecated))]
[JsonSerializable(typeof(CrateUndeprecated))]
[JsonSerializable(typeof(VersionPublished))]
[JsonSerializable(typeof(VersionYanked))]
[JsonSerializable(typeof(VersionUnyanked))]
[JsonSerializable(typeof(OwnerAdded))]
[JsonSerializable(typeof(OwnerRemoved))]
[JsonSerializable(typeof(AccountRegistered))]
[JsonSerializable(typeof(RoleChanged))]
[JsonSerializable(typeof(TokenIssued))]
[JsonSerializable(typeof(TokenRevoked))]
[JsonSerializable(typeof(VisibilityChanged))]
[JsonSerializable(typeof(TrustedPublisherAdded))]
[JsonSerializable(typeof(TrustedPublisherRemoved))]
[JsonSerializable(typeof(TrustedOnlyChanged))]
[JsonSerializable(typeof(VersionDeleted))]
[JsonSerializable(typeof(VersionRestored))]
[JsonSerializable(typeof(TeamJoined))]
[JsonSerializable(typeof(IdentityLinked))]
[JsonSerializable(typeof(IdentityUnlinked))]
[JsonSerializable(typeof(SessionsEnded))]
[JsonSerializable(typeof(AccountDisabled))]
[JsonSerializable(typeof(AccountEnabled))]
[JsonSerializable(typeof(TeamLeft))]
[JsonSerializable(typeof(TeamCreated))]
[JsonSerializable(typeof(CheckpointMade))]
[JsonSerializable(typeof(CheckpointRequested))]
[JsonSerializable(typeof(CiTokenIssued))]
[JsonSerializable(typeof(CiTokenRevoked))]
[JsonSerializable(typeof(TrustedCrate))]
[JsonSerializable(typeof(TokenScope))]
[JsonSerializable(typeof(CratePattern))]
[JsonSerializable(typeof(TeamName))]
[JsonSerializable(typeof(ClaimRule))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(Feature))]
[JsonSerializable(typeof(Dependency))]
internal sealed partial class EventJson : JsonSerializerContext;
