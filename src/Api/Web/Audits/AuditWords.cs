using System.Text.Json;
using Raktar.Application.Audit;

namespace Raktar.Api.Web.Audits;

/// <summary>What a row of the audit tells, in words that follow who did it.</summary>
internal static class AuditWords
{
    /// <summary>The words.</summary>
    public static string Of(AuditRow row)
    {
        using var detail = JsonDocument.Parse(row.Detail);
        var root = detail.RootElement;
        return row.Kind switch
        {
            AuditRow.RefusedKind => $"tried {Of("method")} {Of("route")}: {row.Sentence ?? "refused"}",
            "crate-created" => $"created the crate {row.Crate}, owned by {Of("owner")}",
            "crate-respelled" => $"changed the spelling of {row.Crate} to {Of("name")}",
            "version-published" => $"published {row.Crate} {Of("version")}",
            "version-yanked" => $"yanked {row.Crate} {Of("version")}{Because()}",
            "version-unyanked" => $"unyanked {row.Crate} {Of("version")}",
            "version-deleted" => $"deleted {row.Crate} {Of("version")}{Because()}",
            "version-restored" => $"restored {row.Crate} {Of("version")}",
            "owner-added" => $"made {Of("owner")} an owner of {row.Crate}",
            "owner-removed" => $"removed {Of("owner")} from the owners of {row.Crate}",
            "visibility-changed" => Is("restricted") ? $"restricted {row.Crate} to its owners{And("readers")}" : $"opened {row.Crate} to all readers",
            "trusted-publisher-added" => $"let runs of {Of("issuer")} publish {row.Crate}, as trusted publisher {Of("trusted_publisher")}",
            "trusted-publisher-removed" => $"removed the trusted publisher {Of("trusted_publisher")} of {row.Crate}",
            "trusted-only-changed" => Is("only") ? $"let only trusted publishers publish {row.Crate}" : $"let owners publish {row.Crate} too",
            "account-registered" => $"registered the account {row.Account} with the role {Of("role")}",
            "role-changed" => $"gave {row.Account} the role {Of("role")}",
            "identity-linked" => $"linked {row.Account} to its identity at {Of("issuer")}",
            "identity-unlinked" => $"unlinked {row.Account} from its identity at {Of("issuer")}",
            "sessions-ended" => $"ended the sessions of {row.Account}",
            "account-disabled" => $"switched {row.Account} off, and its tokens and sessions with it{Because()}",
            "account-enabled" => $"switched {row.Account} on again{Because()}",
            "token-issued" => $"made the token {Of("token")} “{Of("name")}” of {row.Account}",
            "token-revoked" => $"revoked the token {Of("token")} of {row.Account}{Because()}",
            "team-created" => $"created the team {row.Team}",
            "team-joined" => $"put {row.Account} into the team {row.Team}",
            "team-left" => $"took {row.Account} out of the team {row.Team}",
            "ci-token-issued" => $"got a token for {List("crates")}",
            "ci-token-revoked" => $"gave a token of a run back{Because()}",
            "checkpoint-made" => $"made the checkpoint {Of("number")}",
            "checkpoint-requested" => "asked for a checkpoint",
            var other => other,
        };

        string Of(string name) => root.TryGetProperty(name, out var value) ? value.ToString() : "?";

        bool Is(string name) => root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;

        string Because() => root.TryGetProperty("reason", out var reason) ? $": {reason}" : string.Empty;

        string List(string name) => root.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array
            ? string.Join(", ", list.EnumerateArray().Select(item => item.ToString()))
            : string.Empty;

        string And(string name) => List(name) is { Length: > 0 } list ? $" and the teams {list}" : string.Empty;
    }
}
