using Raktar.Application;
using Raktar.Domain;

namespace Raktar.Api.Http;

/// <summary>The time of the past that a page is asked to show, as it was written and as it was read.</summary>
public sealed record AsOf(string Text, DateTimeOffset At)
{
    /// <summary>The form as a question of an address: <c>?at=...</c>.</summary>
    public string Query => $"?at={Uri.EscapeDataString(Text)}";

    /// <summary>What is in the address; null: the present.</summary>
    internal static Outcome<AsOf?> Of(HttpContext context)
    {
        // Decoding an address turns an offset's plus into a blank.
        var text = context.Request.Query["at"].ToString().Trim().Replace(' ', '+');
        if (text.Length == 0)
        {
            return (AsOf?)null;
        }

        var at = Instant.Read(text, context.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow());
        return at.Refusal is { } refusal ? refusal : new AsOf(text, at.Value);
    }
}
