using System.Globalization;
using Raktar.Application.Crates.TimeMachine;
using Raktar.Domain.Crates;

namespace Raktar.Api.Web.Crates.Parts;

/// <summary>Facts about crates in words that follow who did it.</summary>
internal static class HistoryWords
{
    /// <summary>What <paramref name="entry"/> says; <paramref name="isFull"/>: also whom the crate trusts.</summary>
    public static string Of(HistoryEntry entry, bool isFull) => entry.Fact switch
    {
        CrateCreated e => $"created the crate {e.Name}",
        CrateRespelled e => $"changed the spelling of the name to {e.Name}",
        VersionPublished e => $"published {e.Version} ({Sizes.Text(e.Size)})",
        VersionYanked e => $"yanked {e.Version}{Because(e.Reason)}",
        VersionUnyanked e => $"unyanked {e.Version}",
        VersionDeleted e => $"deleted {e.Version}{Because(e.Reason)}",
        VersionRestored e => $"restored {e.Version}",
        OwnerAdded e => $"added the owner {e.Owner}",
        OwnerRemoved e => $"removed the owner {e.Owner}",
        VisibilityChanged { Restricted: false } => "opened the crate to all readers",
        VisibilityChanged { Readers.Count: 0 } => "restricted the crate to its owners",
        VisibilityChanged e => $"restricted the crate to its owners and {string.Join(", ", e.Readers.Select(team => $"team:{team}"))}",
        TrustedPublisherAdded e => string.Create(CultureInfo.InvariantCulture, $"added the trusted publisher {e.Id}")
            + (isFull ? $": {e.Issuer}{string.Concat(e.Claims.Select(rule => $", {rule.Claim} {rule.Value}"))}" : string.Empty),
        TrustedPublisherRemoved e => string.Create(CultureInfo.InvariantCulture, $"removed the trusted publisher {e.Id}"),
        TrustedOnlyChanged e => e.Only ? "let only trusted publishers publish" : "let owners publish too",
        var other => throw new InvalidOperationException($"there are no words for {other.GetType().Name}"),
    };

    /// <summary>With what it was done, as far as the entry tells.</summary>
    public static string With(HistoryEntry entry) => string.Join(", ", new[]
    {
        entry.By.Token is { } token ? string.Create(CultureInfo.InvariantCulture, $"token {token}") : null,
        entry.By.Ci,
        entry.By.Client,
    }.OfType<string>());

    private static string Because(string? reason) => reason is null ? string.Empty : $": {reason}";
}
