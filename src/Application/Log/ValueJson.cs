using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Raktar.Domain;
using Raktar.Domain.Accounts;
using Raktar.Domain.Crates;

namespace Raktar.Application.Log;

/// <summary>A value that is written as the text it prints and read by its own parser.</summary>
public abstract class TextJson<T>(Func<string, T> parse) : JsonConverter<T>
    where T : notnull
{
    /// <inheritdoc/>
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => parse(reader.GetString()!);

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}

/// <summary>Crate names as strings, spelling kept.</summary>
public sealed class CrateNameJson() : TextJson<CrateName>(CrateName.Parse);

/// <summary>Versions as strings, build metadata kept.</summary>
public sealed class SemVersionJson() : TextJson<SemVersion>(SemVersion.Parse);

/// <summary>Checksums as hexadecimal strings.</summary>
public sealed class ChecksumJson() : TextJson<Checksum>(Checksum.Parse);

/// <summary>Logins as strings.</summary>
public sealed class LoginJson() : TextJson<Login>(Login.Parse);

/// <summary>Teams' names as strings.</summary>
public sealed class TeamNameJson() : TextJson<TeamName>(TeamName.Parse);

/// <summary>Owners as people write them.</summary>
public sealed class OwnerJson() : TextJson<Owner>(Owner.Parse);

/// <summary>Crate patterns as people wrote them.</summary>
public sealed class CratePatternJson() : TextJson<CratePattern>(CratePattern.Parse);

/// <summary>Scopes as people write them: <c>publish-new</c>.</summary>
public sealed class TokenScopeJson : JsonConverter<TokenScope>
{
    /// <inheritdoc/>
    public override TokenScope Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        TokenScopes.Parse(reader.GetString()) ?? throw new JsonException("no scope of that name");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, TokenScope value, JsonSerializerOptions options) => writer.WriteStringValue(value.Word());
}

/// <summary>Enumerations as lower-case words.</summary>
public sealed class LowerCaseEnumJson<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false)
    where T : struct, Enum;

/// <summary><see cref="ValueList{T}"/> as an array.</summary>
public sealed class ValueListJson : JsonConverterFactory
{
    /// <inheritdoc/>
    public override bool CanConvert(Type typeToConvert) =>
        typeToConvert.IsGenericType && typeToConvert.GetGenericTypeDefinition() == typeof(ValueList<>);

    /// <inheritdoc/>
    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        (JsonConverter)Activator.CreateInstance(typeof(Converter<>).MakeGenericType(typeToConvert.GetGenericArguments()))!;

    private sealed class Converter<T> : JsonConverter<ValueList<T>>
    {
        public override ValueList<T> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            if (reader.TokenType != JsonTokenType.StartArray)
            {
                throw new JsonException("a list is an array");
            }

            var item = (JsonTypeInfo<T>)options.GetTypeInfo(typeof(T));
            var items = new List<T>();
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                items.Add(JsonSerializer.Deserialize(ref reader, item) ?? throw new JsonException("no item of a list is null"));
            }

            return items.ToValueList();
        }

        public override void Write(Utf8JsonWriter writer, ValueList<T> value, JsonSerializerOptions options)
        {
            var item = (JsonTypeInfo<T>)options.GetTypeInfo(typeof(T));
            writer.WriteStartArray();
            foreach (var element in value)
            {
                JsonSerializer.Serialize(writer, element, item);
            }

            writer.WriteEndArray();
        }
    }
}
