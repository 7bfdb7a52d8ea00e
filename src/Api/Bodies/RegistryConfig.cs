using System.Text.Json.Serialization;

namespace Raktar.Api.Bodies;

internal sealed record RegistryConfig(
    string Dl, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Api, [property: JsonPropertyName("auth-required")] bool AuthRequired);
