using System.Text.Encodings.Web;
using System.Text.Json;

namespace Raktar.LocalAws;

/// <summary>JSON as AWS writes it: escaped only where it has to be.</summary>
internal static class Plain
{
    public static JsonSerializerOptions Json { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
