using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Raktar.Domain;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;

namespace Raktar.Application.Log;

/// <summary>
/// What a fact says, as the audit shows it in JSON: as it is stored, less what <see cref="EventCodec.Facts"/> does not tell; times to the tick, claims as an
/// object, crates by their names.
/// </summary>
internal static class FactDetail
{
    private static readonly JsonSerializerOptions Options = Make();

    private static readonly Dictionary<Type, JsonTypeInfo> ByType =
        EventCodec.Facts.ToDictionary(kind => kind.Type, kind => Options.GetTypeInfo(kind.Type));

    private static readonly Dictionary<string, JsonTypeInfo> ByName =
        EventCodec.Facts.ToDictionary(kind => kind.Name, kind => ByType[kind.Type], StringComparer.Ordinal);

    /// <summary>The detail of a fact.</summary>
    public static string Of(DomainEvent fact) => JsonSerializer.Serialize(fact, ByType[fact.GetType()]);

    /// <summary>
    /// The fact with that stored name and detail, as far as the detail tells of it: the rest is null in it, so it is good for words and nothing else. Null
    /// where it is no fact that this version of Raktar knows.
    /// </summary>
    public static DomainEvent? Read(string name, string detail)
    {
        try
        {
            return ByName.TryGetValue(name, out var json) ? (DomainEvent?)JsonSerializer.Deserialize(detail, json) : null;
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            return null;
        }
    }

    private static JsonSerializerOptions Make()
    {
        var options = new JsonSerializerOptions(EventJson.Default.Options)
        {
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            RespectNullableAnnotations = true,
            TypeInfoResolver = EventJson.Default.WithAddedModifier(Tell),
        };
        // Before the ones that facts are stored with: the first that can is asked.
        options.Converters.Insert(0, new MomentJson());
        options.Converters.Insert(0, new ClaimsJson());
        options.Converters.Insert(0, new TrustedCrateNameJson());
        return options;
    }

    private static void Tell(JsonTypeInfo json)
    {
        if (Array.Find(EventCodec.Facts, kind => kind.Type == json.Type) is not { } fact)
        {
            return;
        }

        foreach (var property in json.Properties)
        {
            if (fact.Untold.Contains(property.Name, StringComparer.Ordinal))
            {
                property.ShouldSerialize = (_, _) => false;
                continue;
            }

            // What is told may be missing only where the fact itself may do without.
            property.IsRequired = property.AssociatedParameter is { IsNullable: false };
            property.Name = string.Equals(property.Name, "id", StringComparison.Ordinal) ? fact.Id : property.Name;
        }
    }

    /// <summary>Times in UTC, with all their digits.</summary>
    private sealed class MomentJson : JsonConverter<DateTimeOffset>
    {
        public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDateTimeOffset();

        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.UtcDateTime.ToString("O", CultureInfo.InvariantCulture));
    }

    /// <summary>Claims as an object.</summary>
    private sealed class ClaimsJson : JsonConverter<ValueList<ClaimRule>>
    {
        public override ValueList<ClaimRule> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            using var claims = JsonDocument.ParseValue(ref reader);
            return claims.RootElement.ValueKind == JsonValueKind.Object
                ? claims.RootElement.EnumerateObject().Select(claim => new ClaimRule(claim.Name, claim.Value.ToString())).ToValueList()
                : throw new JsonException("claims are an object");
        }

        public override void Write(Utf8JsonWriter writer, ValueList<ClaimRule> value, JsonSerializerOptions options)
        {
            writer.WriteStartObject();
            foreach (var rule in value)
            {
                writer.WriteString(rule.Claim, rule.Value);
            }

            writer.WriteEndObject();
        }
    }

    /// <summary>Crates that trust a run by their names; with which of their trusted publishers is not told.</summary>
    private sealed class TrustedCrateNameJson : JsonConverter<TrustedCrate>
    {
        public override TrustedCrate Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            new(CrateName.Parse(reader.GetString()!), Publisher: 0);

        public override void Write(Utf8JsonWriter writer, TrustedCrate value, JsonSerializerOptions options) => writer.WriteStringValue(value.Name.Text);
    }
}
