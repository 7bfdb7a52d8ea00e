using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Raktar.Application.Log;
using Raktar.Domain;
using Raktar.Domain.Accounts;

namespace Raktar.Application.Audit;

/// <summary>One fact, or one refused attempt, as the audit shows it: who did what to what, when, with what. Never a token's hash, never a whole package.</summary>
public sealed record AuditRow
{
    /// <summary>The <see cref="Kind"/> of refused attempts; all others are the stored names of facts.</summary>
    public const string RefusedKind = "refused";

    private static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>When, in UTC.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>What happened: the fact's stored name, or <see cref="RefusedKind"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>The crate that it is about, by its canonical name; null: about none.</summary>
    public string? Crate { get; init; }

    /// <summary>The account that it is about.</summary>
    public string? Account { get; init; }

    /// <summary>The team that it is about.</summary>
    public string? Team { get; init; }

    /// <summary>Who did it; null only for a refused attempt of somebody unknown.</summary>
    public Login? Actor { get; init; }

    /// <summary>With which of the actor's tokens.</summary>
    public int? Token { get; init; }

    /// <summary>The CI identity that did it, in a sentence.</summary>
    public string? Ci { get; init; }

    /// <summary>The client's user agent.</summary>
    public string? Client { get; init; }

    /// <summary>The request, as in the server's log.</summary>
    public required string Correlation { get; init; }

    /// <summary>The stream that holds the fact.</summary>
    public required StreamName Stream { get; init; }

    /// <summary>The fact's version in its stream.</summary>
    public required long Version { get; init; }

    /// <summary>The version of the first fact of its commit.</summary>
    public long First { get; init; }

    /// <summary>The hash of its commit.</summary>
    public Checksum? Commit { get; init; }

    /// <summary>Whether it was refused: an attempt that changed nothing and is not in the log.</summary>
    public bool Refused { get; init; }

    /// <summary>The HTTP status of the refusal.</summary>
    public int? Status { get; init; }

    /// <summary>The sentence of the refusal.</summary>
    public string? Sentence { get; init; }

    /// <summary>What else there is to know, as a JSON object.</summary>
    [JsonConverter(typeof(RawJson))]
    public required string Detail { get; init; }

    /// <summary>What it tells, in words that follow who did it: of a fact its sentence, of a refused attempt what was tried and why not.</summary>
    [JsonIgnore]
    public string What => Refused ? $"{Tried()}{Sentence ?? "refused"}"
        : FactDetail.Read(Kind, Detail) is { } fact ? FactWords.Of(fact, new(Crate, Account, Team))
        // Of a later version of Raktar.
        : Kind;

    /// <summary>Where it stands.</summary>
    [JsonIgnore]
    public AuditPlace Place => new(At, Stream, Version);

    /// <summary>A JSON object as text, for <see cref="Detail"/>.</summary>
    public static string JsonObject(Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Writing))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
    }

    /// <summary>Reads a stored row.</summary>
    public static AuditRow Parse(ReadOnlySpan<byte> json) => JsonSerializer.Deserialize(json, AuditJson.Rows.AuditRow)!;

    /// <summary>The row as it is stored and served.</summary>
    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, AuditJson.Rows.AuditRow);

    private string Tried()
    {
        using var detail = JsonDocument.Parse(Detail);
        return detail.RootElement is { ValueKind: JsonValueKind.Object } tried
            && tried.TryGetProperty("method", out var method) && tried.TryGetProperty("route", out var route)
                ? $"tried {method} {route}: "
                : string.Empty;
    }
}

/// <summary>JSON inside of JSON.</summary>
internal sealed class RawJson : JsonConverter<string>
{
    public override string Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var value = JsonDocument.ParseValue(ref reader);
        return value.RootElement.GetRawText();
    }

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteRawValue(value);
}

internal sealed class StreamNameJson() : TextJson<StreamName>(StreamName.Parse);

/// <summary>How rows are written.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(StreamNameJson), typeof(ChecksumJson), typeof(LoginJson)])]
[JsonSerializable(typeof(AuditRow))]
public sealed partial class AuditJson : JsonSerializerContext
{
    /// <summary>With quotes and backticks as people read them; no row is ever embedded in HTML.</summary>
    public static AuditJson Rows => field ??= new(new JsonSerializerOptions(Default.GeneratedSerializerOptions!) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
