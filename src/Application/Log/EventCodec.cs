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
    private static readonly (string Name, int Schema, Type Type, JsonTypeInfo Json)[] Facts =
    [
        ("crate-created", 1, typeof(CrateCreated), EventJson.Default.CrateCreated),
        ("version-published", 1, typeof(VersionPublished), EventJson.Default.VersionPublished),
        ("version-yanked", 1, typeof(VersionYanked), EventJson.Default.VersionYanked),
        ("version-unyanked", 1, typeof(VersionUnyanked), EventJson.Default.VersionUnyanked),
        ("owner-added", 1, typeof(OwnerAdded), EventJson.Default.OwnerAdded),
        ("owner-removed", 1, typeof(OwnerRemoved), EventJson.Default.OwnerRemoved),
        ("account-registered", 1, typeof(AccountRegistered), EventJson.Default.AccountRegistered),
        ("role-changed", 1, typeof(RoleChanged), EventJson.Default.RoleChanged),
        ("visibility-changed", 1, typeof(VisibilityChanged), EventJson.Default.VisibilityChanged),
        ("trusted-publisher-added", 1, typeof(TrustedPublisherAdded), EventJson.Default.TrustedPublisherAdded),
        ("trusted-publisher-removed", 1, typeof(TrustedPublisherRemoved), EventJson.Default.TrustedPublisherRemoved),
        ("trusted-only-changed", 1, typeof(TrustedOnlyChanged), EventJson.Default.TrustedOnlyChanged),
        ("version-deleted", 1, typeof(VersionDeleted), EventJson.Default.VersionDeleted),
        ("version-restored", 1, typeof(VersionRestored), EventJson.Default.VersionRestored),
        ("token-issued", 2, typeof(TokenIssued), EventJson.Default.TokenIssued),
        ("token-revoked", 2, typeof(TokenRevoked), EventJson.Default.TokenRevoked),
        ("team-joined", 1, typeof(TeamJoined), EventJson.Default.TeamJoined),
        ("identity-linked", 1, typeof(IdentityLinked), EventJson.Default.IdentityLinked),
        ("identity-unlinked", 1, typeof(IdentityUnlinked), EventJson.Default.IdentityUnlinked),
        ("sessions-ended", 1, typeof(SessionsEnded), EventJson.Default.SessionsEnded),
        ("account-disabled", 1, typeof(AccountDisabled), EventJson.Default.AccountDisabled),
        ("account-enabled", 1, typeof(AccountEnabled), EventJson.Default.AccountEnabled),
        ("team-left", 1, typeof(TeamLeft), EventJson.Default.TeamLeft),
        ("team-created", 1, typeof(TeamCreated), EventJson.Default.TeamCreated),
        ("checkpoint-made", 1, typeof(CheckpointMade), EventJson.Default.CheckpointMade),
        ("checkpoint-requested", 1, typeof(CheckpointRequested), EventJson.Default.CheckpointRequested),
        ("ci-token-issued", 1, typeof(CiTokenIssued), EventJson.Default.CiTokenIssued),
        ("ci-token-revoked", 1, typeof(CiTokenRevoked), EventJson.Default.CiTokenRevoked),
        ("crate-respelled", 1, typeof(CrateRespelled), EventJson.Default.CrateRespelled),
    ];

    private static readonly Dictionary<Type, (string Name, int Schema, Type Type, JsonTypeInfo Json)> ByType = Facts.ToDictionary(f => f.Type);

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
            var (name, schema, _, typeInfo) = ByType[fact.GetType()];
            json.WriteStartObject();
            json.WriteString("type", name);
            json.WriteNumber("schema", schema);
            json.WritePropertyName("data");
            JsonSerializer.Serialize(json, fact, typeInfo);
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
