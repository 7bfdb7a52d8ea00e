using System.Net;
using System.Text.Json;
using Raktar.Testing;

namespace Raktar.Api.Specs.Operating;

/// <summary>Who has no token cannot hide what somebody with one tried.</summary>
public sealed class KeepingTheAuditReadable
{
    [Fact]
    public async Task A_flood_without_a_token_does_not_hide_the_refused_yank_of_an_account()
    {
        await using var server = await Server.Start();
        (await RawCrate.Of("aud", "1.0.0").Publish(server.Admin)).EnsureSuccessStatusCode();
        var insider = await server.Account("insider");
        for (var i = 0; i < 200; i++)
        {
            using var nobody = await server.Nobody.DeleteAsync("api/v1/crates/aud/1.0.0/yank");
            Assert.Equal(HttpStatusCode.Unauthorized, nobody.StatusCode);
        }

        using var yank = await insider.DeleteAsync("api/v1/crates/aud/1.0.0/yank");
        Assert.Equal(HttpStatusCode.Forbidden, yank.StatusCode);

        var entries = (await server.Admin.Json("api/v1/audit?outcome=refused&limit=500")).GetProperty("entries").EnumerateArray().ToList();
        var kept = Assert.Single(entries, row => Text(row, "actor") == "insider");
        Assert.Equal(
            ("aud", 403, "you are not an owner of `aud`"), (Text(kept, "crate"), kept.GetProperty("status").GetInt32(), Text(kept, "sentence")));
        // Five of the flood, and how many more there were.
        Assert.Equal(6, entries.Count - 1);
        Assert.Contains(entries, row => Text(row, "sentence")!.EndsWith(
            "by callers without a good token were refused and not kept (max 20)", StringComparison.Ordinal));
    }

    private static string? Text(JsonElement row, string name) => row.TryGetProperty(name, out var value) ? value.GetString() : null;
}
