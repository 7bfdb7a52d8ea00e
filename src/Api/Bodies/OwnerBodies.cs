using System.Text.Json.Serialization;

namespace Raktar.Api.Bodies;

internal sealed record OwnersRequest(IReadOnlyList<string>? Users, IReadOnlyList<string>? Owners);

/// <summary>Unknown fields are refused here: what was meant to hide a crate must not be ignored.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record VisibilityRequest(bool? Restricted, IReadOnlyList<string>? Teams);

internal sealed record OwnersBody(IReadOnlyList<OwnerBody> Users);

internal sealed record TeamsBody(IReadOnlyList<OwnerBody> Teams);

internal sealed record OwnerBody(int Id, string Login, string? Name, string Kind, string Url, string? Avatar)
{
    /// <summary>crates.io's: whether the account has the same name on GitHub, which nobody here knows.</summary>
    public bool GithubUsernameMatches { get; }

    public DateTimeOffset? CreatedAt { get; }
}
